"""What a forecaster refuses, and in which words."""

import warnings
from typing import Any

import numpy as np

from ostinato._core.errors import InputError
from ostinato.tasks.forecasting.dates import Steps
from ostinato.tasks.forecasting.panel import Panel, Series


def check_sizes(task: Any) -> None:
    """Raise if look-back, horizon or season is no number of rows."""
    for name in ("look_back", "horizon", "season"):
        value = getattr(task, name)
        if name == "season" and value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise InputError(f"{name}={value!r}, expected a number of rows from 1 up; correct it")


def check_columns(panel: Panel, expected: Series) -> None:
    """Raise if series have other columns than those of `fit`."""
    for one in panel.series:
        for what in ("targets", "past", "future", "static"):
            have, wanted = getattr(one, what).shape[-1], getattr(expected, what).shape[-1]
            if have != wanted:
                raise InputError(
                    f"series {one.name!r} has {have} columns of {what}, expected {wanted} as in fit; give the same"
                )


def check_lengths(series: list[Series], rows: int) -> None:
    """Raise if a series is too short to forecast from."""
    for one in series:
        if len(one) < rows:
            raise InputError(
                f"series {one.name!r} has {len(one)} rows, expected {rows} or more to look back on; give more"
            )


def check_reaches(one: Series, horizon: int) -> None:
    """Raise if what should be known ahead of a series is not."""
    if one.future.shape[1] and len(one.future) < len(one) + horizon:
        raise InputError(
            f"future of series {one.name!r} ends early, {len(one.future) - len(one)} rows beyond the series, expected "
            f"horizon={horizon}; give the rows that are missing"
        )


def steps_of(panel: Panel, frequency: str | None) -> Steps:
    """The steps of a panel's dates."""
    dated = [one for one in panel.series if one.dates is not None]
    if not dated:
        return Steps("none")
    if len(dated) < len(panel):
        without = next(one.name for one in panel.series if one.dates is None)
        raise InputError(
            f"series {without!r} has no dates, expected some as series {dated[0].name!r}; give all or none"
        )
    if frequency == "rows":
        return Steps("rows")
    if frequency is not None:
        raise InputError(f"frequency={frequency!r}, expected 'rows', or None to find it; correct it")
    first = max(dated, key=len)
    assert first.dates is not None
    return Steps.of(first.dates, first.name)


def row_of(start: Any, one: Series, first: int) -> int:
    """A row number from a row number, a share of the rows or a date; `None` is the first one there can be."""
    if start is None:
        return first
    if isinstance(start, float):
        return round(start * len(one))
    if isinstance(start, int | np.integer):
        return int(start) if start >= 0 else len(one) + int(start)
    if one.dates is None:
        raise InputError(f"start={start!r} and series {one.name!r} has no dates, expected a row number; give one")
    try:
        day = np.datetime64(start, "s")
    except (TypeError, ValueError):
        raise InputError(f"start={start!r}, expected a row number, a share or a date as 2024-01-31") from None
    return int(np.searchsorted(one.dates, day))


def warn_constant(series: list[Series]) -> None:
    """Warn of series that never change."""
    constant = [one.name for one in series if (one.targets == one.targets[0]).all()]
    if constant:
        warnings.warn(
            f"series {', '.join(map(repr, constant[:3]))}{', ...' if len(constant) > 3 else ''} never changes, "
            "expected numbers that do; is it the right column?",
            stacklevel=3,
        )
