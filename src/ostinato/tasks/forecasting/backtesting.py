"""Rolling origins: forecasts from every row of a range, all gathered and measured at once."""

from typing import TYPE_CHECKING

import numpy as np

from ostinato._core.errors import InputError
from ostinato.tasks.forecasting.adapting import adapted_widths
from ostinato.tasks.forecasting.intervals import Raw
from ostinato.tasks.forecasting.metrics import naive_errors
from ostinato.tasks.forecasting.panel import Series
from ostinato.tasks.forecasting.results import Backtest, measured
from ostinato.tasks.forecasting.scaling import unscaled

if TYPE_CHECKING:
    from ostinato.tasks.forecasting.forecasting_task import ForecastingTask


def backtest(
    task: "ForecastingTask",
    whole: list[Series],
    observed: list[np.ndarray],
    first: list[int],
    *,
    stride: int = 1,
    level: float = 0.9,
    adapt: float = 0.0,
) -> Backtest:
    """Forecast from the origins of each series and compare with what came.

    Args:
        task: fitted.
        whole: series without gaps.
        observed: bool (T, K) of each.
        first: of each, the first row that is forecast.
        stride: rows from one origin to the next.
        level: of the intervals.
        adapt: rate at which intervals learn from their misses; 0 for not at all.
    """
    if stride < 1:
        raise InputError(f"stride={stride!r}, expected a number of rows from 1 up; correct it")
    if not 0 <= adapt < 1:
        raise InputError(f"adapt={adapt!r}, expected a rate from 0 to below 1, as 0.02; correct it")
    flat, scales = task.preparation_.flat(whole, observed, task.horizon, first, task._with_past())
    origins = flat.origins(task._reach(), np.asarray(first), flat.lengths - task.horizon, stride)
    if not len(origins):
        raise InputError(
            f"no origin from row {min(first)} on has {task._reach()} rows before it and horizon={task.horizon} behind "
            f"it in {max(map(len, whole))} rows; begin earlier or give more rows"
        )
    places = origins.rows - flat.begins[origins.series]
    ahead = places[:, None] + np.arange(task.horizon)
    units = np.stack([scale.unit for scale in scales])[origins.series][:, None]
    raw = Raw(task._raw(flat, origins), units, task._output(), task.conformal_)
    truth = np.empty(raw.numbers.shape[:3])
    scaled = np.empty_like(truth)
    for number, (one, seen, scale) in enumerate(zip(whole, observed, scales, strict=True)):
        mine = origins.series == number
        truth[mine] = np.where(seen, one.targets, np.nan)[ahead[mine]]
        scaled[mine] = np.where(seen, scale(one.targets), np.nan)[ahead[mine]]
    ends: tuple[np.ndarray, np.ndarray] | None = None
    if raw.has_interval:
        width = raw.width(level)
        if adapt and raw.conformal is not None:
            width = adapted_widths(raw.scores(scaled), places, origins.series, raw.conformal, level, adapt)
        ends = raw.interval(width)
    quantiles = raw.quantiles()

    def own(values: np.ndarray) -> np.ndarray:
        """Scaled (W, H, K) values in the unit of their series."""
        return unscaled(scales, values, origins.series)

    mean = own(raw.mean)
    lower, upper = (None, None) if ends is None else (own(ends[0]), own(ends[1]))
    if quantiles is not None:
        quantiles = np.stack([own(part) for part in np.moveaxis(quantiles, -1, 0)], axis=-1)
    naive = [_naive(task, one, seen, row) for one, seen, row in zip(whole, observed, first, strict=True)]
    interval = None if lower is None or upper is None else (lower, upper)
    own_units = units if task.transform == "none" else None
    metrics = measured(truth, mean, own_units, np.stack(naive)[origins.series][:, None], interval, quantiles)
    names = np.array([one.name for one in whole])[origins.series]
    return Backtest(names, places, _dates(whole, origins.series, places), truth, mean, lower, upper, level, metrics)


def _naive(task: "ForecastingTask", one: Series, seen: np.ndarray, first: int) -> np.ndarray:
    """The naive forecast's errors on the training part; of a series not seen there on the rows before the first."""
    known = task.naive_errors_.get(one.name)
    return naive_errors(one.targets[:first], seen[:first], task.season or 1) if known is None else known


def _dates(whole: list[Series], series: np.ndarray, places: np.ndarray) -> np.ndarray | None:
    dated = [one.dates for one in whole if one.dates is not None]
    if len(dated) < len(whole):
        return None
    found = np.empty(len(places), "datetime64[s]")
    for number, dates in enumerate(dated):
        found[series == number] = dates[places[series == number]]
    return found
