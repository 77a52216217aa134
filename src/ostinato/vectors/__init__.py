"""Word vectors: learned from text, read from files, asked for neighbours and analogies."""

from ostinato.vectors.keyed import KeyedVectors

__all__ = ["KeyedVectors"]
