"""Ready word vectors for a tagger: from a file, or as they are."""

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from ostinato._core.errors import InputError
from ostinato.tasks.vectors import width
from ostinato.vectors import KeyedVectors


def word_vectors(embedding: str | os.PathLike[str] | Mapping[str, Any] | None) -> KeyedVectors | None:
    """Read word vectors.

    Args:
        embedding: path of a file (GloVe, word2vec, ours), a mapping of word to (E,) vector, or `None`.

    Raises:
        InputError: something else.
        ShapeError: vectors of several shapes, or none.
        DataError: the file is none of these; names the line.

    Example:
        >>> word_vectors({"king": [1.0, 0.5]}).vector_size
        2
    """
    if embedding is None or isinstance(embedding, KeyedVectors):
        return embedding
    if isinstance(embedding, str | os.PathLike):
        return KeyedVectors.load(os.fspath(embedding))
    if not isinstance(embedding, Mapping):
        raise InputError(
            f"embedding is a {type(embedding).__name__}, expected a file of vectors or a dict of word to vector"
        )
    width(embedding)
    return KeyedVectors(list(embedding), np.stack([np.asarray(vector) for vector in embedding.values()]))
