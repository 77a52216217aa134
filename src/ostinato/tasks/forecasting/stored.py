"""What forecasters have learned, as JSON and back; and the end of each series, from which they go on."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ostinato._core.errors import InputError
from ostinato.tasks.forecasting.conformal import Conformal
from ostinato.tasks.forecasting.dates import Steps
from ostinato.tasks.forecasting.panel import Series
from ostinato.tasks.forecasting.prepare import Preparation
from ostinato.tasks.forecasting.scaling import Scale
from ostinato.tasks.standardise import Standardiser

if TYPE_CHECKING:
    from ostinato.tasks.forecasting.forecasting_task import ForecastingTask


def tail(one: Series, rows: int) -> Series:
    """The last rows of a series, and all that is known ahead of them."""
    begin = max(len(one) - rows, 0)
    dates = None if one.dates is None else one.dates[begin:]
    return replace(one, targets=one.targets[begin:], past=one.past[begin:], future=one.future[begin:], dates=dates)


def continued(memory: list[Series], future: Any, single: bool) -> list[Series]:
    """The remembered series with what is known of the rows to come.

    Raises:
        InputError: not one part a series, or of other columns.
    """
    given = (
        [future] if single else [future[one.name] for one in memory] if isinstance(future, Mapping) else list(future)
    )
    if len(given) != len(memory):
        raise InputError(f"future has {len(given)} parts, expected {len(memory)}, one a series; give as many")
    found = []
    for one, rows in zip(memory, given, strict=True):
        plain = rows.to_numpy() if hasattr(rows, "to_numpy") else rows
        coming = np.asarray(plain, np.float64).reshape(len(plain), -1)
        if coming.shape[1] != one.future.shape[1] or not np.isfinite(coming).all():
            raise InputError(
                f"future of series {one.name!r} has shape {coming.shape}, expected finite numbers (rows to come, "
                f"{one.future.shape[1]}) as in fit; correct it"
            )
        found.append(replace(one, future=np.concatenate([one.future[: len(one)], coming])))
    return found


def to_json(task: "ForecastingTask") -> dict[str, Any]:
    """What every forecaster has learned."""
    learned = task.preparation_
    return {
        "targets": list(task.targets_),
        "single": task.single_,
        "flat": task.flat_,
        "filled": task.filled_,
        "steps": [learned.steps.kind, learned.steps.size],
        "reading": [learned.scaling, learned.transform, list(learned.calendar)],
        "scales": {name: _of_scale(scale) for name, scale in learned.scales.items()},
        "behind": {name: _of_scale(scale) for name, scale in learned.behind.items()},
        "ahead": [learned.ahead.mean.tolist(), learned.ahead.scale.tolist()],
        "still": [learned.still.mean.tolist(), learned.still.scale.tolist()],
        "naive_errors": {name: [_or_none(x) for x in errors] for name, errors in task.naive_errors_.items()},
        "memory": [_of_series(one) for one in task.memory_],
    }


def from_json(task: "ForecastingTask", learned: dict[str, Any]) -> None:
    """Undo `to_json`."""
    task.targets_, task.single_, task.flat_ = tuple(learned["targets"]), learned["single"], learned["flat"]
    task.filled_ = learned["filled"]
    scaling, transform, calendar = learned["reading"]
    task.preparation_ = Preparation(
        scaling,
        transform,
        tuple(calendar),
        Steps(*learned["steps"]),
        {name: _to_scale(scale) for name, scale in learned["scales"].items()},
        {name: _to_scale(scale) for name, scale in learned["behind"].items()},
        Standardiser(*(np.asarray(part, np.float64) for part in learned["ahead"])),
        Standardiser(*(np.asarray(part, np.float64) for part in learned["still"])),
    )
    task.naive_errors_ = {name: np.array(errors, np.float64) for name, errors in learned["naive_errors"].items()}
    task.memory_ = [_to_series(one) for one in learned["memory"]]


def conformal_tensors(found: Conformal | None) -> dict[str, np.ndarray]:
    """The held-out scores as an array to be stored."""
    return {} if found is None else {"conformal": found.scores}


def _of_scale(scale: Scale) -> list[Any]:
    return [scale.shift.tolist(), scale.unit.tolist(), scale.transform]


def _to_scale(found: list[Any]) -> Scale:
    return Scale(np.asarray(found[0], np.float64), np.asarray(found[1], np.float64), found[2])


def _of_series(one: Series) -> dict[str, Any]:
    arrays = {what: getattr(one, what) for what in ("targets", "past", "future", "static")}
    dates = None if one.dates is None else one.dates.astype(np.int64).tolist()
    return {
        "name": one.name,
        "dates": dates,
        **{what: [list(array.shape), array.ravel().tolist()] for what, array in arrays.items()},
    }


def _to_series(found: dict[str, Any]) -> Series:
    arrays = {
        what: np.asarray(found[what][1], np.float64).reshape(found[what][0])
        for what in ("targets", "past", "future", "static")
    }
    dates = None if found["dates"] is None else np.asarray(found["dates"], np.int64).astype("datetime64[s]")
    return Series(found["name"], dates=dates, **arrays)


def _or_none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
