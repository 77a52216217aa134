"""What a forecaster answers with: a forecast, and a back-test of many."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ostinato.tasks.forecasting.metrics import crps, interval_metrics, point_metrics


@dataclass(frozen=True)
class Forecast:
    """The H rows after a series' end.

    Attributes:
        name: of the series.
        dates: datetime64[s] (H,), or `None`.
        mean: (H, K).
        lower: (H, K), of the interval; `None` where there is none.
        upper: (H, K).
        level: the share of truths that is to lie in the interval.
        history: (T, K), the rows that were read last.
        history_dates: datetime64[s] (T,), or `None`.
    """

    name: str
    dates: np.ndarray | None
    mean: np.ndarray
    lower: np.ndarray | None
    upper: np.ndarray | None
    level: float
    history: np.ndarray
    history_dates: np.ndarray | None


@dataclass(frozen=True)
class Backtest:
    """Forecasts from every origin of a range, beside what came.

    Attributes:
        series: (W,), each forecast's series.
        origins: int64 (W,), the row of it that is the first one forecast.
        dates: datetime64[s] (W,) of that row, or `None`.
        truth: (W, H, K), NaN where it was missing.
        mean: (W, H, K).
        lower: (W, H, K), or `None` where there are no intervals.
        upper: (W, H, K).
        level: of the intervals.
        metrics: r2, mae, rmse, mse, smape, mase, mse_scaled and mae_scaled (not of logarithms) and, with intervals,
            coverage, width and crps.
    """

    series: np.ndarray
    origins: np.ndarray
    dates: np.ndarray | None
    truth: np.ndarray
    mean: np.ndarray
    lower: np.ndarray | None
    upper: np.ndarray | None
    level: float
    metrics: dict[str, float]

    def __len__(self) -> int:
        return len(self.origins)

    def by_step(self) -> list[dict[str, Any]]:
        """The metrics of each step ahead, a dict a step."""
        return [{"step": step + 1, **self._part((slice(None), step))} for step in range(self.mean.shape[1])]

    def by_series(self) -> list[dict[str, Any]]:
        """The metrics of each series, a dict a series."""
        return [{"series": str(name), **self._part(self.series == name)} for name in dict.fromkeys(self.series)]

    def _part(self, chosen: Any) -> dict[str, float]:
        found = point_metrics(self.truth[chosen], self.mean[chosen])
        if self.lower is not None and self.upper is not None:
            found |= interval_metrics(self.truth[chosen], self.lower[chosen], self.upper[chosen])
        return found


def measured(
    truth: np.ndarray,
    mean: np.ndarray,
    units: np.ndarray | None,
    naive: np.ndarray,
    interval: tuple[np.ndarray, np.ndarray] | None,
    quantiles: np.ndarray | None,
) -> dict[str, float]:
    """The metrics of a back-test.

    Args:
        truth: (W, H, K), NaN where it was missing.
        mean: (W, H, K).
        units: (W, 1, K), what the errors are divided by for `mse_scaled`: each series' own unit; none where that is of
            other numbers, as of logarithms.
        naive: (W, 1, K), the naive forecast's errors for MASE.
        interval: lower and upper, (W, H, K) each.
        quantiles: (W, H, K, ·) at `metrics.QUANTILES`.
    """
    found = point_metrics(truth, mean, naive)
    if units is not None:
        found["mse_scaled"] = float(np.nanmean(((mean - truth) / units) ** 2))
        found["mae_scaled"] = float(np.nanmean(np.abs((mean - truth) / units)))
    if interval is not None:
        found |= interval_metrics(truth, *interval)
    if quantiles is not None:
        found["crps"] = crps(truth, quantiles)
    return found
