"""Word vectors: learned from text, read from files, asked for neighbours and analogies."""

from ostinato.vectors.corpus import Corpus
from ostinato.vectors.index import Index
from ostinato.vectors.keyed import KeyedVectors
from ostinato.vectors.phrases import Phrases
from ostinato.vectors.word_vectors import WordVectors

__all__ = ["Corpus", "Index", "KeyedVectors", "Phrases", "WordVectors"]
