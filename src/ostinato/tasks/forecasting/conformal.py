"""Intervals whose coverage is checked on held-out forecasts rather than believed."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from ostinato._core.errors import InputError

_KEPT = 2000  # scores a step and target; more say the same


@dataclass(frozen=True)
class Conformal:
    """Split conformal prediction, a step ahead and target at a time.

    The score of a point forecast is its absolute error in units of the series (Lei et al. 2018); that of a distribution
    is how far from the middle of it the truth fell, |F(y) - 1/2| (Chernozhukov et al. 2021). The interval is as wide as
    the score that so many held-out forecasts stayed below.

    Args:
        scores: float32 (n, H, K), sorted along n; NaN last where a truth was not observed.
    """

    scores: np.ndarray

    @classmethod
    def fit(cls, scores: np.ndarray) -> Self:
        """Keep the scores of held-out forecasts, (W, H, K)."""
        ordered = np.sort(scores.astype(np.float32), axis=0)
        if len(ordered) > _KEPT:
            ordered = ordered[np.linspace(0, len(ordered) - 1, _KEPT).round().astype(np.int64)]
        return cls(ordered)

    def width(self, level: float) -> np.ndarray:
        """The score that a share of all forecasts stays below, (H, K).

        With n held-out forecasts it is the ⌈(n + 1) · level⌉-th smallest, which covers at least `level` of new ones
        where old and new are exchangeable; the greatest where n is too small for that.

        Example:
            >>> Conformal.fit(np.arange(1.0, 20.0)[:, None, None]).width(0.9)
            array([[18.]])
        """
        if not 0 < level < 1:
            raise InputError(f"level={level!r}, expected a share between 0 and 1, as 0.9; correct it")
        count = np.isfinite(self.scores).sum(axis=0)
        rank = np.clip(np.ceil((count + 1) * level).astype(np.int64), 1, np.maximum(count, 1)) - 1
        return np.asarray(np.take_along_axis(self.scores, rank[None], axis=0)[0], np.float64)
