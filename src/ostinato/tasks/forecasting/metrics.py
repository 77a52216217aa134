"""How good forecasts are: errors, errors in units of a naive forecast, and how good the intervals are."""

import math
from typing import Any

import numpy as np

QUANTILES = np.round(np.arange(0.025, 1.0, 0.05), 3)  # the middles of 20 equal shares, over which CRPS is summed


def point_metrics(truth: np.ndarray, guess: np.ndarray, naive_errors: np.ndarray | None = None) -> dict[str, float]:
    """Errors of point forecasts.

    Args:
        truth: any shape, NaN where it was not observed.
        guess: the same shape.
        naive_errors: broadcast to it: the mean absolute error of the (seasonal) naive forecast one step ahead in the
            training part, for MASE.

    Returns:
        r2, mae, rmse, mse, smape (in %, 0 … 200) and, where it is known, mase; over all that was observed.

    Source: MASE after Hyndman & Koehler 2006; sMAPE as in the M3 and M4 competitions.

    Example:
        >>> found = point_metrics(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 5.0]))
        >>> found["r2"], round(found["mae"], 3), round(found["smape"], 3)
        (-1.0, 0.667, 16.667)
    """
    seen = np.isfinite(truth)
    y, error = truth[seen], (guess - truth)[seen]
    if not len(y):
        return dict.fromkeys(("r2", "mae", "rmse", "mse", "smape", "mase"), math.nan)
    size = (np.abs(truth) + np.abs(guess))[seen]
    spread = float(((y - y.mean()) ** 2).sum())
    squared = float((error**2).mean())
    found = {
        "r2": 1 - squared * len(y) / spread if spread > 0 else math.nan,
        "mae": float(np.abs(error).mean()),
        "rmse": squared**0.5,
        "mse": squared,
        "smape": float(200 * np.divide(np.abs(error), size, out=np.zeros_like(size), where=size > 0).mean()),
    }
    if naive_errors is not None:
        unit = np.broadcast_to(naive_errors, truth.shape)[seen]
        known = unit > 0
        found["mase"] = float((np.abs(error)[known] / unit[known]).mean()) if known.any() else math.nan
    return found


def interval_metrics(truth: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> dict[str, float]:
    """The share of truths in their intervals, and the intervals' mean width."""
    seen = np.isfinite(truth)
    inside = (lower <= truth) & (truth <= upper)
    if not seen.any():
        return {"coverage": math.nan, "width": math.nan}
    return {"coverage": float(inside[seen].mean()), "width": float((upper - lower)[seen].mean())}


def crps(truth: np.ndarray, quantiles: np.ndarray) -> float:
    """Continuous ranked probability score, as twice the mean pinball loss of the quantiles at `QUANTILES`.

    Args:
        truth: any shape, NaN where it was not observed.
        quantiles: that shape with an axis of `QUANTILES` behind it.

    Returns:
        The mean over all that was observed, in the unit of the series; of a point forecast its mean absolute error.

    Source: Laio & Tamea 2007 for the decomposition.
    """
    error = truth[..., None] - quantiles
    pinball = np.maximum(QUANTILES * error, (QUANTILES - 1) * error).mean(axis=-1)
    return float(2 * np.nanmean(pinball)) if np.isfinite(truth).any() else math.nan


def naive_errors(targets: np.ndarray, observed: np.ndarray, season: int) -> np.ndarray:
    """Mean absolute error of repeating the value a season ago, a target at a time.

    Args:
        targets: (T, K) of the training part.
        observed: bool (T, K).
        season: m, rows a season; 1 for the last value.

    Returns:
        (K,), NaN where there are no two values a season apart.
    """
    both = observed[season:] & observed[:-season]
    errors: Any = np.where(both, np.abs(targets[season:] - targets[:-season]), 0.0)
    count = both.sum(axis=0)
    return np.asarray(np.divide(errors.sum(axis=0), count, out=np.full(targets.shape[1], math.nan), where=count > 0))
