"""Text to numbers: tokenizers on Hugging Face's `tokenizers`, and one-hot vectors.

`Tokenizer` learns a vocabulary of words, characters or byte pairs and turns texts into arrays of ids; `one_hot`
turns ids into indicator vectors; `cut` gives a text's words with their places.
"""

from ostinato.text.kinds import KINDS
from ostinato.text.offsets import Token, cut
from ostinato.text.one_hot import one_hot
from ostinato.text.specials import EOS, PAD, SPECIALS, UNK
from ostinato.text.tokenizer import Tokenizer

__all__ = ["EOS", "KINDS", "PAD", "SPECIALS", "UNK", "Token", "Tokenizer", "cut", "one_hot"]
