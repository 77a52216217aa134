"""Missing dates and missing values: filled on purpose, and said."""

from dataclasses import replace
from typing import Any, Literal

import numpy as np

from ostinato._core.errors import InputError
from ostinato.tasks.forecasting.dates import Steps
from ostinato.tasks.forecasting.panel import Series

Fill = Literal["previous", "linear", "error"]
FILLS = ("previous", "linear", "error")


def regular(series: Series, steps: Steps, how: str) -> tuple[Series, np.ndarray, list[dict[str, Any]]]:
    """Put rows where dates are missing, and values where numbers are.

    "previous" carries the last value on, so that no number comes from later ones; "linear" draws a line to the next
    value, which a forecaster at that time could not know. Leading rows in which a column has not begun are cut off.

    Args:
        series: as it was read.
        steps: of its dates.
        how: one of `FILLS`.

    Returns:
        The series without a gap; which targets were observed, bool (T, K): the others are neither learned nor
        measured; and the report, a dict for each column that had to be filled.

    Raises:
        InputError: something is missing and `how` is "error"; a covariate is missing altogether.
    """
    if how not in FILLS:
        raise InputError(f"fill={how!r}, expected one of {', '.join(map(repr, FILLS))}; choose one")
    report: list[dict[str, Any]] = []
    series, added = _with_all_dates(series, steps)
    if added:
        report.append({"series": series.name, "column": "dates", "missing": added, "filled": how})
    series = replace(series, future=_given(series.future, len(series)))
    observed = np.isfinite(series.targets)
    begins = 0  # the first row with a value, or one before it, in each column
    filled: dict[str, Any] = {}
    for what in ("targets", "past", "future"):
        values = getattr(series, what)
        filled[what] = np.empty_like(values)
        for column in range(values.shape[1]):
            present = np.isfinite(values[:, column])
            if not present.any():
                raise InputError(
                    f"{what} of series {series.name!r}, column {column}, is missing altogether, expected numbers; "
                    "drop it"
                )
            begins = max(begins, int(np.argmax(present)))
            filled[what][:, column] = _filled(values[:, column], present, how)
    if begins >= len(series):
        raise InputError(
            f"series {series.name!r} has {len(series)} rows, expected one in which all columns have begun; give more "
            "rows, or drop the column that begins last"
        )
    if begins:
        report.append({"series": series.name, "column": "all", "missing": begins, "filled": "cut off at the beginning"})
    for what, values in filled.items():
        missing = np.isnan(getattr(series, what)[begins:]).sum(axis=0)
        report += [
            {"series": series.name, "column": f"{what} {column}", "missing": int(count), "filled": how}
            for column, count in enumerate(missing)
            if count
        ]
        filled[what] = values[begins:]
    dates = None if series.dates is None else series.dates[begins:]
    if report and how == "error":
        first = report[0]
        raise InputError(
            f"series {first['series']!r} lacks {first['missing']} values ({first['column']}), expected none with "
            "fill='error'; fill them, or give fill='previous'"
        )
    return replace(series, **filled, dates=dates), observed[begins:], report


def _given(future: np.ndarray, rows: int) -> np.ndarray:
    """What is known ahead, less the rows to come at its end that lack a value.

    A gap is filled; a covariate that ends early is not carried on into rows of which somebody ought to know it.
    """
    whole = np.flatnonzero(np.isfinite(future).all(axis=1))
    return future[: max(rows, int(whole[-1]) + 1 if len(whole) else 0)]


def _with_all_dates(series: Series, steps: Steps) -> tuple[Series, int]:
    """The series with a row for each date, of NaN where it had none; and how many it had not."""
    if series.dates is None or steps.kind in ("none", "rows"):
        return series, 0
    places = steps.places(series.dates)
    if places is None:
        row = next(n for n in range(2, len(series.dates) + 1) if steps.places(series.dates[:n]) is None) - 1
        raise InputError(
            f"series {series.name!r} has the date {series.dates[row]} between two steps of {steps.size} {steps.kind}, "
            "expected dates at even steps; correct it, or give frequency='rows'"
        )
    missing = int(places[-1]) + 1 - len(places)
    if not missing:
        return series, 0
    T = len(series)
    spread: dict[str, Any] = {}
    for what in ("targets", "past", "future"):
        values = getattr(series, what)
        known, beyond = values[:T], values[T:]
        rows = np.full((places[-1] + 1, values.shape[1]), np.nan)
        rows[places[: len(known)]] = known
        spread[what] = np.concatenate([rows, beyond])
    return replace(series, **spread, dates=steps.between(series.dates)), missing


def _filled(values: np.ndarray, present: np.ndarray, how: str) -> np.ndarray:
    """A column without NaN; what is missing first, which is cut off, has the first value."""
    if present.all():
        return values
    places = np.flatnonzero(present)
    if how == "linear":
        return np.asarray(np.interp(np.arange(len(values)), places, values[places]))
    last = np.maximum.accumulate(np.where(present, np.arange(len(values)), places[0]))
    return np.asarray(values[last])
