"""From a file's columns to series: one a column (wide), or one a value of a column (long)."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np

from ostinato._core.errors import DataError
from ostinato.tasks.forecasting.panel import Panel, Series, read_panel

_EMPTY = ("", "NA", "NaN", "nan", "null", "None")


@dataclass(frozen=True)
class Layout:
    """Which columns are what.

    Args:
        targets: what is forecast.
        date: of the dates, or `None`.
        date_format: of `strptime`; `None` for 2024-01-31, 2024-01 or 2024-01-31 12:00.
        series: of each row's series, in long form; `None` for one series.
        past: covariates known up to now.
        future: covariates known ahead. Rows at the end without a target are the ones to come.
        static: what does not change within a series.
    """

    targets: tuple[str, ...]
    date: str | None = None
    date_format: str | None = None
    series: str | None = None
    past: tuple[str, ...] = ()
    future: tuple[str, ...] = ()
    static: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """All columns that are read."""
        one = [name for name in (self.date, self.series) if name is not None]
        return list(dict.fromkeys([*one, *self.targets, *self.past, *self.future, *self.static]))


def panel_of(columns: Mapping[str, Sequence[Any]], layout: Layout, file: str = "table") -> Panel:
    """Make series of columns.

    Args:
        columns: name → values, texts or numbers.
        layout: which is what.
        file: what messages call the source.

    Returns:
        The panel; its series stand in the order in which they begin.

    Raises:
        DataError: a value that is no number or no date; names file, row and column.
        InputError: dates that are not sorted, and whatever `read_panel` refuses.

    Example:
        >>> columns = {"day": ["2024-01-01", "2024-01-02"], "load": ["1", "2.5"]}
        >>> panel_of(columns, Layout(("load",), date="day")).series[0].targets.tolist()
        [[1.0], [2.5]]
    """
    numeric = (*layout.targets, *layout.past, *layout.future, *layout.static)
    numbers = {name: _numbers(columns[name], name, file) for name in dict.fromkeys(numeric)}
    dates = None if layout.date is None else _dates(columns[layout.date], layout, file)
    count = len(next(iter(numbers.values())))
    which = np.zeros(count, np.int64)
    names = [file]
    if layout.series is not None:
        place: dict[str, int] = {}
        which = np.array([place.setdefault(str(value), len(place)) for value in columns[layout.series]])
        names = list(place)
    read = []
    for number, name in enumerate(names):
        rows = np.flatnonzero(which == number)
        read.append(_series(name, rows, numbers, dates, layout))
    return Panel(tuple(read), layout.targets, layout.series is None, len(layout.targets) == 1 and layout.series is None)


def _series(
    name: str, rows: np.ndarray, numbers: Mapping[str, np.ndarray], dates: np.ndarray | None, layout: Layout
) -> Series:
    def block(columns: Sequence[str]) -> np.ndarray:
        return np.stack([numbers[column][rows] for column in columns], axis=1) if columns else np.zeros((len(rows), 0))

    targets, future, static = block(layout.targets), block(layout.future), block(layout.static)
    present = np.isfinite(targets).any(axis=1)
    T = len(rows) - int(np.argmax(present[::-1])) if present.any() else len(rows)
    panel = read_panel(
        {name: targets[:T]},
        past={name: block(layout.past)[:T]},
        future={name: future if layout.future else future[:T]},
        static={name: static[0] if layout.static else np.zeros(0)},
        dates=None if dates is None else {name: dates[rows][:T]},
    )
    return panel.series[0]


def _numbers(values: Sequence[Any], column: str, file: str) -> np.ndarray:
    found = np.empty(len(values))
    for row, value in enumerate(values):
        if value is None or (isinstance(value, str) and value.strip() in _EMPTY):
            found[row] = math.nan
            continue
        try:
            found[row] = float(value)
        except (TypeError, ValueError):
            raise DataError(
                f"{file}, row {row + 1}, column {column!r}: {value!r} is no number; correct it, or leave the column out"
            ) from None
    return found


def _dates(values: Sequence[Any], layout: Layout, file: str) -> np.ndarray:
    found = np.empty(len(values), "datetime64[s]")
    for row, value in enumerate(values):
        try:
            if isinstance(value, str) and layout.date_format is not None:
                value = datetime.strptime(value.strip(), layout.date_format)
            elif isinstance(value, str):
                value = value.strip().replace(" ", "T")
            elif not isinstance(value, date | np.datetime64):
                raise ValueError
            found[row] = np.datetime64(value, "s")
        except ValueError:
            expected = layout.date_format or "2024-01-31 or 2024-01-31 12:00"
            raise DataError(
                f"{file}, row {row + 1}, column {layout.date!r}: {value!r} is no date as {expected}; say how dates are "
                "written, as %m/%d/%Y"
            ) from None
    return found
