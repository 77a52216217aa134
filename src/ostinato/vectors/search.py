"""Nearest rows of a table by cosine: exact, one matrix product however many are asked."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ostinato._core.errors import NotFiniteError

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


def unit(vectors: npt.ArrayLike) -> Floats:
    """Scale vectors to length 1; a zero stays zero.

    Args:
        vectors: (..., E) numbers.

    Returns:
        The same shape, float32.

    Example:
        >>> unit([[3.0, 4.0], [0.0, 0.0]]).tolist()
        [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    table = np.asarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(table, axis=-1, keepdims=True)
    return np.asarray(table / np.where(lengths > 0, lengths, 1), dtype=np.float32)


def finite_unit(vectors: npt.ArrayLike, words: Sequence[str]) -> Floats:
    """Scale vectors to length 1, as `unit`, and see that they are numbers.

    Args:
        vectors: (V, E) numbers.
        words: V words, named where a vector is none.

    Raises:
        NotFiniteError: NaN or infinity, naming the word.
    """
    table = unit(vectors)
    bad = ~np.isfinite(table).all(axis=1)
    if bad.any():
        word = words[int(bad.argmax())]
        raise NotFiniteError(f"the vector of {word!r} has NaN or infinity; finite numbers are needed; repair it")
    return table


def best(scores: Floats, count: int) -> Ints:
    """Find the places of the greatest scores, greatest first; of equal ones the earlier place stands first.

    Args:
        scores: (V,) numbers.
        count: how many; more than there are gives all.

    Example:
        >>> best(np.array([0.1, 0.9, 0.5, 0.9], dtype=np.float32), 2).tolist()
        [1, 3]
    """
    count = min(count, len(scores))
    if count < 1:
        return np.zeros(0, dtype=np.int64)
    if count < len(scores):
        limit = np.partition(scores, len(scores) - count)[len(scores) - count]
        some = np.flatnonzero(scores >= limit)  # with ties there may be more than `count`: the order below cuts them
    else:
        some = np.arange(len(scores))
    return np.asarray(some[np.argsort(-scores[some], kind="stable")][:count], dtype=np.int64)
