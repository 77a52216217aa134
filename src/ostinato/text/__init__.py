"""Text to numbers: tokenizers on Hugging Face's `tokenizers`, and one-hot vectors.

`Tokenizer` learns a vocabulary of words, characters or byte pairs and turns texts into arrays of ids; `one_hot`
turns ids into indicator vectors; `cut` gives a text's words with their places; `base_shares` reads letters of DNA.
"""

from ostinato.text.dna import BASES, base_shares
from ostinato.text.kinds import KINDS
from ostinato.text.offsets import Token, cut
from ostinato.text.one_hot import one_hot
from ostinato.text.specials import EOS, PAD, SPECIALS, UNK
from ostinato.text.tokenizer import Tokenizer

__all__ = ["BASES", "EOS", "KINDS", "PAD", "SPECIALS", "UNK", "Token", "Tokenizer", "base_shares", "cut", "one_hot"]
