"""Next-token prediction: the language model, how it is trained, how it writes."""

from ostinato.tasks.language.model import LanguageModel
from ostinato.tasks.language.network import LanguageNetwork
from ostinato.tasks.language.ngram import NGram

__all__ = ["LanguageModel", "LanguageNetwork", "NGram"]
