"""Per-channel standardisation of numeric sequences."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Standardiser:
    """Subtracts a channel's mean and divides by its standard deviation, over all steps of all rows.

    Done in float64 before the numbers become float32: a channel like 1,000,000.1, 1,000,000.2 would lose its digits.

    Args:
        mean: (I,) float64.
        scale: (I,) float64; 1 for a channel that never changes.
    """

    mean: np.ndarray
    scale: np.ndarray

    @classmethod
    def fit(cls, values: Sequence[np.ndarray], weights: Sequence[float] | np.ndarray | None = None) -> "Standardiser":
        """Learn mean and scale from (T, I) arrays, one weight an array; give it the training part alone.

        Example:
            >>> Standardiser.fit([np.array([[1.0], [3.0]])])(np.array([[5.0]]))
            array([[3.]])
        """
        pairs = list(zip(values, np.ones(len(values)) if weights is None else weights, strict=True))
        steps = sum(weight * len(value) for value, weight in pairs)
        zero = np.zeros(values[0].shape[1])
        mean = sum((weight * value.sum(axis=0) for value, weight in pairs), zero) / steps
        spread = sum((weight * ((value - mean) ** 2).sum(axis=0) for value, weight in pairs), zero) / steps
        scale = np.sqrt(spread)
        # a constant channel's deviation is rounding noise, not a unit to divide by
        scale[scale <= 1e-12 * np.maximum(np.abs(mean), 1.0)] = 1.0
        return cls(mean, scale)

    def __call__(self, value: np.ndarray) -> np.ndarray:
        """Standardise one (T, I) array."""
        return np.asarray((value - self.mean) / self.scale)
