"""Each series in a unit of its own: learned on its training part, undone in every forecast."""

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

    def undo(self, values: np.ndarray) -> np.ndarray:
        """Scaled (..., C) values in their own unit."""
        plain = values * self.unit + self.shift
        return np.asarray(np.exp(plain) if self.transform == "log" else plain)


def _check_positive(values: np.ndarray, name: str) -> None:
    if (values <= 0).any():
        raise InputError(
            f"series {name!r} holds {values[values <= 0].ravel()[0]:g}, expected numbers above 0 with transform='log'; "
            "give transform='none'"
        )
