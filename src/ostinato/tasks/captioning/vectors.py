"""Vectors of numbers, one a row: checked, and brought to one scale."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato._core.errors import InputError, NotFiniteError, ShapeError


def vectors_of(features: Any, expected: int | None = None) -> NDArray[np.float64]:
    """Check what the user gave.

    Args:
        features: B rows of numbers: (B, F), or rows of any one shape, as (B, height, width), which are laid flat.
        expected: numbers a row, as in `fit`.

    Returns:
        (B, F) float64.

    Raises:
        InputError: no rows, or something that is no number; names the row.
        ShapeError: rows of unequal length, or of another than expected.
        NotFiniteError: NaN or infinity; names row and place.

    Example:
        >>> vectors_of([[[1, 2], [3, 4]]]).tolist()
        [[1.0, 2.0, 3.0, 4.0]]
    """
    if isinstance(features, str | bytes) or not hasattr(features, "__len__"):
        raise InputError(f"features is a {type(features).__name__}, expected B rows of numbers; give an array (B, F)")
    rows: list[NDArray[np.float64]] = []
    for number, row in enumerate(features):
        try:
            rows.append(np.asarray(row, dtype=np.float64).reshape(-1))
        except (TypeError, ValueError):
            raise InputError(
                f"features[{number}] is {row!r:.60}, expected numbers; convert or leave out the row"
            ) from None
        wanted = len(rows[0]) if expected is None else expected
        if len(rows[-1]) != wanted:
            like = "features[0]" if expected is None else "fit"
            raise ShapeError(
                f"features[{number}] has {len(rows[-1])} numbers, expected {wanted} as in {like}; correct it"
            )
        bad = ~np.isfinite(rows[-1])
        if bad.any():
            place = int(bad.argmax())
            raise NotFiniteError(
                f"features[{number}] has {rows[-1][place]} at place {place}, expected finite numbers; repair or leave "
                "out the row"
            )
    if not rows or not len(rows[0]):
        raise InputError(f"features has shape {np.shape(features)}, expected at least one row of one number; give some")
    return np.stack(rows)
