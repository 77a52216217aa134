"""Other versions of a signal, for training: noise, a part of it, another course of time."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ostinato._core.errors import InputError

_KNOTS = 4  # speeds drawn along a signal


@dataclass(frozen=True)
class Augment:
    """Draws another version of a signal each time it is called.

    Use it on the training rows of numeric sequences whose meaning survives it, after scaling; never on rows that are
    measured. `Batches(augment=...)` draws anew in each epoch.

    Args:
        jitter: standard deviation of Gaussian noise that is added to each number.
        crop: share of the steps that may be cut away, from both ends together; each row keeps one step at least.
        time_warp: standard deviation of the logarithm of the speed, which is drawn at 4 points along the row and
            changes smoothly between them; the number of steps stays.
        amplitude: standard deviation of the logarithm of a factor, one a row, on all its numbers.

    Raises:
        InputError: a number below 0, or a `crop` of 1 or more.

    Source: Um et al. 2017, "Data augmentation of wearable sensor data for Parkinson's disease monitoring using
    convolutional neural networks".

    Example:
        >>> Augment(jitter=0.1, time_warp=0.2)(np.zeros((10, 2), np.float32), np.random.default_rng(0)).shape
        (10, 2)
    """

    jitter: float = 0.0
    crop: float = 0.0
    time_warp: float = 0.0
    amplitude: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            top = 1.0 if field.name == "crop" else float("inf")
            if not 0 <= value < top:
                below = ", below 1" if field.name == "crop" else ""
                raise InputError(f"{field.name}={value!r}, expected a number from 0 up{below}; 0 turns it off")

    def __bool__(self) -> bool:
        """Say whether anything is changed at all."""
        return any(getattr(self, field.name) > 0 for field in fields(self))

    def __call__(self, row: NDArray[np.float32], draw: np.random.Generator) -> NDArray[np.float32]:
        """Draw another version of a row.

        Args:
            row: (T, I), T at least 1; it stays as it is.
            draw: where the numbers come from.

        Returns:
            (T', I) float32; T' is T unless `crop` is above 0.
        """
        if self.crop:
            row = _part(row, self.crop, draw)
        if self.time_warp:
            row = _warped(row, self.time_warp, draw)
        if self.amplitude:
            row = row * np.exp(draw.normal(0.0, self.amplitude))
        if self.jitter:
            row = row + self.jitter * draw.standard_normal(row.shape, np.float32)
        return row.astype(np.float32, copy=False)


def _part(row: NDArray[np.float32], crop: float, draw: np.random.Generator) -> NDArray[np.float32]:
    least = max(1, int(np.ceil(len(row) * (1 - crop))))
    steps = int(draw.integers(least, len(row) + 1))
    begin = int(draw.integers(0, len(row) - steps + 1))
    return row[begin : begin + steps]


def _warped(row: NDArray[np.float32], spread: float, draw: np.random.Generator) -> NDArray[np.float32]:
    T = len(row)
    if T < 2:
        return row
    knots = np.exp(draw.normal(0.0, spread, _KNOTS))
    speed = np.interp(np.linspace(0, _KNOTS - 1, T - 1), np.arange(_KNOTS), knots)  # between neighbouring steps
    time = np.concatenate([[0.0], np.cumsum(speed)])
    time *= (T - 1) / time[-1]  # first and last step stay
    before = np.minimum(time.astype(np.int64), T - 2)
    share = (time - before)[:, None]
    return np.asarray(row[before] * (1 - share) + row[before + 1] * share, np.float32)
