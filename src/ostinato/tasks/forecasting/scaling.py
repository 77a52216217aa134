"""Each series in a unit of its own: learned on its training part, undone in every forecast."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from ostinato._core.errors import InputError
from ostinato.tasks.standardise import Standardiser

SCALINGS = ("standard", "mean", "none")
TRANSFORMS = ("none", "log")


@dataclass(frozen=True)
class Scale:
    """The unit of one series' columns.

    Args:
        shift: float64 (C,).
        unit: float64 (C,), above 0.
        transform: one of `TRANSFORMS`, done before.
    """

    shift: np.ndarray
    unit: np.ndarray
    transform: str = "none"

    @classmethod
    def fit(cls, values: np.ndarray, scaling: str, transform: str = "none", name: str = "") -> Self:
        """Learn from the training part of a series.

        Args:
            values: (T, C).
            scaling: "standard", "mean" (divided by the mean size, not shifted: for counts) or "none".
            transform: "none" or "log".
            name: what messages call the series.

        Raises:
            InputError: an unknown word, or a logarithm of numbers that are not above 0.
        """
        if scaling not in SCALINGS or transform not in TRANSFORMS:
            what, given, known = (
                ("scaling", scaling, SCALINGS) if scaling not in SCALINGS else ("transform", transform, TRANSFORMS)
            )
            raise InputError(f"{what}={given!r}, expected one of {', '.join(map(repr, known))}; choose one")
        if transform == "log":
            _check_positive(values, name)
            values = np.log(values)
        none = np.zeros(values.shape[1])
        if scaling == "standard":
            learned = Standardiser.fit([values])
            return cls(learned.mean, learned.scale, transform)
        size = np.abs(values).mean(axis=0) if scaling == "mean" else none + 1
        return cls(none, np.where(size > 0, size, 1.0), transform)

    def __call__(self, values: np.ndarray, name: str = "") -> np.ndarray:
        """Scale (..., C) values."""
        if self.transform == "log":
            _check_positive(values, name)
            values = np.log(values)
        return np.asarray((values - self.shift) / self.unit)


def scaled(
    scales: Sequence[Scale], values: Sequence[np.ndarray], which: np.ndarray, names: Sequence[str] | None = None
) -> np.ndarray:
    """Many series in their units, one behind the other: without a loop over thousands of short ones.

    Args:
        scales: S of one transform.
        values: S of (T, C).
        which: int64 (N,), the series of each of their rows.
        names: what messages call them.

    Returns:
        (N, C).
    """
    rows = np.concatenate(values)
    if scales[0].transform == "log":
        for one, name in zip(values, names or [""] * len(values), strict=True):
            _check_positive(one, name)
        rows = np.log(rows)
    if not rows.shape[1]:
        return rows
    if len(scales) == 1:
        return np.asarray((rows - scales[0].shift) / scales[0].unit)
    shift, unit = np.stack([scale.shift for scale in scales]), np.stack([scale.unit for scale in scales])
    return np.asarray((rows - shift[which]) / unit[which])


def unscaled(scales: Sequence[Scale], values: np.ndarray, which: np.ndarray) -> np.ndarray:
    """Scaled (W, H, C) values in the units of their series, `which` (W,) of the scales."""
    shift, unit = np.stack([scale.shift for scale in scales]), np.stack([scale.unit for scale in scales])
    plain = values * unit[which][:, None] + shift[which][:, None]
    return np.asarray(np.exp(plain) if scales[0].transform == "log" else plain)


def _check_positive(values: np.ndarray, name: str) -> None:
    if (values <= 0).any():
        raise InputError(
            f"series {name!r} holds {values[values <= 0].ravel()[0]:g}, expected numbers above 0 with transform='log'; "
            "give transform='none'"
        )
