"""Intervals that learn from their misses while a series goes on."""

import numpy as np

from ostinato.tasks.forecasting.conformal import Conformal


def adapted_widths(
    scores: np.ndarray, origins: np.ndarray, series: np.ndarray, conformal: Conformal, level: float, rate: float
) -> np.ndarray:
    """The width of each forecast's interval, from the forecasts before it whose truth was known by then.

    After a miss the next intervals ask for a greater share than `level`, after a hit for a little less, so that in the
    long run `level` of them cover, however the series changes (adaptive conformal inference). The scores that widths
    are read from are those of the held-out part.

    Args:
        scores: (W, H, K) of these forecasts, NaN where the truth was not observed.
        origins: (W,), ascending within each series.
        series: (W,), which series each is of.
        conformal: of the held-out part.
        level: the share that should lie inside.
        rate: how much a miss moves the share asked for, as 0.02.

    Returns:
        (W, H, K).

    Source: Gibbs & Candès 2021, "Adaptive Conformal Inference Under Distribution Shift".
    """
    W, H, K = scores.shape
    found = np.empty((W, H, K))
    ordered = conformal.scores.astype(np.float64)
    count = np.isfinite(ordered).sum(axis=0)  # (H, K)
    steps, columns = np.arange(H)[:, None], np.arange(K)
    for name in np.unique(series):
        mine = np.flatnonzero(series == name)
        asked = np.full((H, K), level)
        pointer = np.zeros(H, np.int64)
        for number, row in enumerate(mine):
            for h in range(H):  # the truth of step h of origin o is known at origin o + h + 1
                while pointer[h] < number and origins[mine[pointer[h]]] + h + 1 <= origins[row]:
                    known = mine[pointer[h]]
                    missed = scores[known, h] > found[known, h]
                    moved = asked[h] + rate * (missed - (1 - level))
                    asked[h] = np.where(np.isfinite(scores[known, h]), moved, asked[h])
                    pointer[h] += 1
            rank = np.ceil((count + 1) * np.clip(asked, 0, 1)).astype(np.int64)
            widths = ordered[np.clip(rank, 1, np.maximum(count, 1)) - 1, steps, columns]
            found[row] = np.where(asked <= 0, 0.0, widths)
    return found
