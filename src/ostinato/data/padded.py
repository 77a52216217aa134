"""Sequences to one padded array, for programs that want that; nothing inside Ostinato does."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ostinato._core.errors import InputError
from ostinato.data.sequences import as_rows


def pad(
    sequences: Sequence[ArrayLike], *, value: float = 0, side: str = "end"
) -> tuple[NDArray[np.int64] | NDArray[np.float32], NDArray[np.int64]]:
    """Fill sequences up to the longest.

    Args:
        sequences: B rows: int (T,), or float (T, I).
        value: what to fill with.
        side: "end" or "start": where to fill.

    Returns:
        Array (B, T) int64 or (B, T, I) float32, and lengths (B,) int64. `as_sequences(array, lengths=lengths)` undoes
        it (for numbers filled at the end).

    Raises:
        InputError: as `as_tokens` and `as_sequences`; or an unknown side.

    Example:
        >>> pad([[4, 2], [7]])
        (array([[4, 2],
               [7, 0]]), array([2, 1]))
    """
    if side not in ("end", "start"):
        raise InputError(f"side {side!r}: expected 'end' or 'start'; pass one of these")
    rows = as_rows(sequences)
    lengths = np.array([len(row) for row in rows], np.int64)
    steps = np.arange(lengths.max())
    real = steps < lengths[:, None] if side == "end" else steps >= lengths.max() - lengths[:, None]  # (B, T)
    array = np.full((*real.shape, *rows[0].shape[1:]), value, rows[0].dtype)
    array[real] = np.concatenate(rows)
    return array, lengths
