"""Translation: sentences in, sentences out, by an encoder, attention and a decoder."""

from ostinato.tasks.translation.beam import Beam
from ostinato.tasks.translation.model import Translator
from ostinato.tasks.translation.network import TranslationNetwork
from ostinato.tasks.translation.presets import PRESETS, preset
from ostinato.tasks.translation.scores import scores
from ostinato.tasks.translation.writing import Candidate

__all__ = ["PRESETS", "Beam", "Candidate", "TranslationNetwork", "Translator", "preset", "scores"]
