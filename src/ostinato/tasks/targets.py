"""What a regressor is to predict: numbers, standardised for learning and given back in their own unit."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from ostinato._core.errors import InputError, NotFiniteError, ShapeError
from ostinato.tasks.standardise import Standardiser


@dataclass(frozen=True)
class Targets:
    """Mean and scale of each target, learned from the training part alone.

    Args:
        mean: (K,) float64.
        scale: (K,) float64; 1 for a target that never changes.
        flat: whether y was (B,) and not (B, K).
    """

    mean: np.ndarray
    scale: np.ndarray
    flat: bool

    @classmethod
    def fit(cls, columns: np.ndarray, *, flat: bool, weights: np.ndarray | None = None) -> Self:
        """Learn from (B, K) targets of the training part."""
        learned = Standardiser.fit([columns] if weights is None else list(columns[:, None]), weights)
        return cls(learned.mean, learned.scale, flat)

    def scaled(self, columns: np.ndarray) -> np.ndarray:
        """Standardise (B, K) targets, to float32."""
        return np.asarray((columns - self.mean) / self.scale, dtype=np.float32)

    def given_back(self, scaled: np.ndarray) -> np.ndarray:
        """Undo `scaled`, in float64; (B,) where y was (B,)."""
        columns = scaled * self.scale + self.mean
        return np.asarray(columns[:, 0] if self.flat else columns)

    def stored(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """JSON and arrays to make it from again."""
        return {"flat": self.flat}, {"target.mean": self.mean, "target.scale": self.scale}

    @classmethod
    def restore(cls, stored: dict[str, Any], arrays: dict[str, np.ndarray]) -> Self:
        """Undo `stored`."""
        return cls(arrays["target.mean"], arrays["target.scale"], stored["flat"])


def read_targets(y: Any, name: str = "y", count: int | None = None) -> np.ndarray:
    """Check the numbers that are to be predicted.

    Args:
        y: (B,) or (B, K) numbers.
        name: what messages call them.
        count: K that is expected, if it is known.

    Returns:
        Float64 (B, K).

    Raises:
        InputError: no numbers; names the row.
        NotFiniteError: NaN or infinity; names the row.
        ShapeError: other axes, or another K.

    Example:
        >>> read_targets([1, 2.5]).tolist()
        [[1.0], [2.5]]
    """
    try:
        values = np.asarray(y)
        kind = values.dtype.kind
        columns = values.astype(np.float64) if kind in "biufO" else None
    except (TypeError, ValueError):
        columns = None
    if columns is None:
        raise InputError(f"{name}[{_first_odd(y)}] is no number, expected numbers to predict; convert {name}")
    if columns.ndim not in (1, 2) or (columns.ndim == 2 and columns.shape[1] == 0):
        raise ShapeError(f"{name} has shape {columns.shape}, expected (B,) or (B, K); reshape it")
    columns = columns.reshape(len(columns), -1)
    finite = np.isfinite(columns).all(axis=1)
    if not finite.all():
        row = int(np.argmin(finite))
        what = "NaN" if np.isnan(columns).any() else "infinity"
        # the words in brackets are those that scikit-learn's checks look for
        raise NotFiniteError(
            f"{name}[{row}] is not finite (Input {name} contains {what}), expected a number; drop the row"
        )
    if count is not None and columns.shape[1] != count:
        raise ShapeError(f"{name} has {columns.shape[1]} targets a row, expected {count} as y; give as many")
    return columns


def _first_odd(y: Any) -> int:
    for row, value in enumerate(y):
        try:
            np.asarray(value, dtype=np.float64)
        except (TypeError, ValueError):
            return row
        if isinstance(value, str | bytes):
            return row
    return 0
