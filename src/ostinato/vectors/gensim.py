"""Vectors from and to gensim, whose package is imported only when it is asked for."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ostinato._core.errors import InputError


def taken(vectors: Any) -> tuple[list[str], npt.NDArray[np.float32], npt.NDArray[np.int64] | None]:
    """Copy words, vectors and counts out of a gensim object.

    Args:
        vectors: gensim's `KeyedVectors`, or a model with them in `.wv`.

    Returns:
        words; (V, E) vectors; (V,) counts or None.

    Raises:
        InputError: it is none of these.
    """
    kv = getattr(vectors, "wv", vectors)
    if not hasattr(kv, "index_to_key") or not hasattr(kv, "vectors"):
        raise InputError(f"a {type(vectors).__name__}; expected gensim's KeyedVectors or Word2Vec; give one of them")
    counts = getattr(kv, "expandos", {}).get("count")
    whole = None if counts is None else np.array(counts, dtype=np.int64)
    return list(kv.index_to_key), np.array(kv.vectors, dtype=np.float32), whole


def made(words: Sequence[str], vectors: npt.NDArray[np.float32], counts: npt.NDArray[np.int64] | None) -> Any:
    """Make gensim's `KeyedVectors`.

    Raises:
        InputError: gensim is not installed.
    """
    try:
        from gensim.models import KeyedVectors
    except ImportError:
        raise InputError("gensim is not installed, it is needed to make its object; pip install gensim") from None
    kv = KeyedVectors(vector_size=vectors.shape[1], count=0)
    kv.add_vectors(list(words), np.array(vectors))
    if counts is not None:
        for word, count in zip(words, counts.tolist(), strict=True):
            kv.set_vecattr(word, "count", count)
    return kv
