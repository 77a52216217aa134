"""From raw forecasts to numbers, intervals and quantiles, in units of their series."""

from dataclasses import dataclass

import numpy as np

from ostinato.tasks.forecasting.conformal import Conformal
from ostinato.tasks.forecasting.metrics import QUANTILES
from ostinato.tasks.forecasting.outputs import Output

_SURE = 0.4999  # a share this far from the middle is the furthest a distribution without end can be asked for


@dataclass(frozen=True)
class Raw:
    """Raw forecasts and how they are read.

    Args:
        numbers: float64 (W, H, K, P).
        units: float64 (W, 1, K), of the series.
        output: how the P numbers are read.
        conformal: scores of held-out forecasts, where some were held out.
    """

    numbers: np.ndarray
    units: np.ndarray
    output: Output
    conformal: Conformal | None

    @property
    def mean(self) -> np.ndarray:
        """(W, H, K)."""
        return self.output.mean(self.numbers, self.units)

    @property
    def has_interval(self) -> bool:
        """Whether anything says how wide an interval is."""
        return self.conformal is not None or self.output.quantile is not None

    def interval(self, width: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper end of intervals of a width, (W, H, K) each.

        Args:
            width: broadcast to (W, H, K): of a point forecast the distance to each end; of a distribution the share of
                it on each side of its middle.
        """
        if self.output.quantile is None:
            mean = self.mean
            return mean - width, mean + width
        half = np.broadcast_to(width, self.numbers.shape[:3])
        if not self.output.extends:
            half = np.minimum(half, _SURE)
        low, high = (self.output.quantile(self.numbers, self.units, 0.5 + sign * half) for sign in (-1, 1))
        return low, high

    def width(self, level: float) -> np.ndarray:
        """The width that should hold a share of all truths, (H, K)."""
        if self.conformal is not None:
            return self.conformal.width(level)
        return np.full(self.numbers.shape[1:3], level / 2)

    def quantiles(self) -> np.ndarray | None:
        """At `QUANTILES`, (W, H, K, ·); `None` where there is no interval."""
        if self.output.quantile is not None:
            return np.stack([self.output.quantile(self.numbers, self.units, share) for share in QUANTILES], axis=-1)
        if self.conformal is None:
            return None
        mean = self.mean
        moves = [np.sign(q - 0.5) * self.conformal.width(max(abs(2 * q - 1), 1e-9)) for q in QUANTILES]
        return np.stack([mean + move for move in moves], axis=-1)

    def scores(self, truth: np.ndarray) -> np.ndarray:
        """How far the truth (W, H, K) was from the forecast: what widths are measured in."""
        if self.output.share is None:
            return np.asarray(np.abs(truth - self.mean))
        return np.asarray(np.abs(self.output.share(self.numbers, self.units, truth) - 0.5))
