"""What the user calls series, checked: one or many, with what is known beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ostinato._core.errors import InputError, NotFiniteError, ShapeError
from ostinato.tasks.forecasting.dates import read_dates


@dataclass(frozen=True)
class Series:
    """One series; NaN is a value that is missing.

    Args:
        name: of the series.
        targets: float64 (T, K), what is forecast.
        past: float64 (T, P), covariates known up to now.
        future: float64 (T', Q), covariates known ahead; T' rows, T or more.
        static: float64 (S,), what does not change.
        dates: datetime64[s] (T,), or `None`.
    """

    name: str
    targets: np.ndarray
    past: np.ndarray
    future: np.ndarray
    static: np.ndarray
    dates: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.targets)

    def until(self, row: int) -> "Series":
        """The rows before one; what is known ahead stays."""
        dates = None if self.dates is None else self.dates[:row]
        return replace(self, targets=self.targets[:row], past=self.past[:row], dates=dates)


@dataclass(frozen=True)
class Panel:
    """One or many series of the same columns.

    Args:
        series: at least one.
        targets: names of the K targets.
        single: whether the user gave one series and not a list.
        flat: whether a series was (T,) and not (T, K).
    """

    series: tuple[Series, ...]
    targets: tuple[str, ...]
    single: bool
    flat: bool

    def __len__(self) -> int:
        return len(self.series)


def read_panel(series: Any, *, past: Any = None, future: Any = None, static: Any = None, dates: Any = None) -> Panel:
    """Find out what was given, and check it.

    Args:
        series: one series, an array or a data frame (T,) or (T, K), its dates in the index; a list or a dict of them;
            or a `Panel`, which has all the rest.
        past: of one series (T, P), of several a list or a dict.
        future: the same, (T', Q) with T' of T or more.
        static: (S,) of one series, of several a list or a dict.
        dates: (T,) of one series, of several a list or a dict, or one for all.

    Returns:
        The panel.

    Raises:
        InputError, ShapeError, NotFiniteError: names the series and what is wrong with it.

    Example:
        >>> panel = read_panel([[1.0, 2.0, 3.0], [5.0, 6.0]])
        >>> len(panel), panel.series[1].targets.shape
        (2, (2, 1))
    """
    if isinstance(series, Panel):
        return series
    single = not (isinstance(series, Mapping) or _is_list_of_series(series))
    if isinstance(series, Mapping):
        names, values = [str(name) for name in series], list(series.values())
    else:
        values = [series] if single else list(series)
        names = [str(getattr(value, "name", None) or f"series {n}") for n, value in enumerate(values)]
    if not values:
        raise InputError("series is an empty list, expected at least one series; give one")
    if len(set(names)) < len(names):
        names = [f"{name} ({number})" for number, name in enumerate(names)]
    beside = {
        what: _beside(given, what, series, single, len(values))
        for what, given in (("past", past), ("future", future), ("static", static), ("dates", dates))
    }
    read = []
    for number, (name, value) in enumerate(zip(names, values, strict=True)):
        own = {what: each[number] for what, each in beside.items()}
        read.append(_one(name, value, **own))
    for one in read[1:]:
        for what in ("targets", "past", "future", "static"):
            have, expected = getattr(one, what).shape[-1], getattr(read[0], what).shape[-1]
            if have != expected:
                raise ShapeError(
                    f"series {one.name!r} has {have} columns of {what}, expected {expected} as series "
                    f"{read[0].name!r}; give all series the same columns"
                )
    return Panel(tuple(read), _target_names(values[0]), single, np.ndim(_plain(values[0])) == 1)


def _one(name: str, value: Any, *, past: Any, future: Any, static: Any, dates: Any) -> Series:
    targets = _columns(value, name, "")
    T = len(targets)
    if T == 0:
        raise InputError(f"series {name!r} has 0 rows, expected some; give rows or leave the series out")
    if np.isnan(targets).all(axis=0).any():
        raise InputError(f"series {name!r} has a column of missing values alone, expected numbers; drop the column")
    found = _dates(value) if dates is None else dates
    checked = None if found is None else read_dates(found, name)
    if checked is not None and len(checked) != T:
        raise ShapeError(f"series {name!r} has {len(checked)} dates, expected {T}, one a row; correct dates")
    behind = np.zeros((T, 0)) if past is None else _columns(past, name, "past ")
    known = np.zeros((T, 0)) if future is None else _columns(future, name, "future ")
    if len(behind) != T:
        raise ShapeError(
            f"past of series {name!r} has {len(behind)} rows, expected {T} as the series; "
            f"{'it ends early: ' if len(behind) < T else ''}give one row a row of the series"
        )
    if known.shape[1] and len(known) < T:
        raise ShapeError(
            f"future of series {name!r} ends early, after {len(known)} rows, expected {T} or more: the series' rows "
            "and those to be forecast; give the rows that are missing"
        )
    still = np.zeros(0) if static is None else np.atleast_1d(np.asarray(static, np.float64))
    if still.ndim != 1 or not np.isfinite(still).all():
        raise InputError(f"static of series {name!r} is {static!r}, expected finite numbers (S,); correct it")
    return Series(name, targets, behind, known, still, checked)


def _columns(value: Any, name: str, what: str) -> np.ndarray:
    """Float64 (T, C), NaN where a value is missing."""
    try:
        array = np.asarray(_plain(value), dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(
            f"{what}series {name!r} holds values that are no numbers, expected numbers or NaN; convert it"
        ) from None
    if array.ndim not in (1, 2):
        raise ShapeError(f"{what}series {name!r} has shape {array.shape}, expected (T,) or (T, C); reshape it")
    array = array[:, None] if array.ndim == 1 else array
    infinite = np.isinf(array)
    if infinite.any():
        row, column = (int(place) for place in np.argwhere(infinite)[0])
        raise NotFiniteError(
            f"{what}series {name!r} holds infinity at row {row}, column {column}, expected numbers or NaN; correct it"
        )
    return array


def _plain(value: Any) -> Any:
    return value.to_numpy() if hasattr(value, "to_numpy") else value


def _dates(value: Any) -> np.ndarray | None:
    """The dates in a data frame's index."""
    index = getattr(value, "index", None)
    if index is None or callable(index):
        return None
    if hasattr(index, "to_timestamp"):
        index = index.to_timestamp()
    array = np.asarray(index)
    return array if array.dtype.kind == "M" else None


def _target_names(value: Any) -> tuple[str, ...]:
    columns = getattr(value, "columns", None)
    if columns is not None:
        return tuple(str(column) for column in columns)
    K = 1 if np.ndim(_plain(value)) == 1 else np.shape(_plain(value))[1]
    return ("value",) if K == 1 else tuple(f"value {number}" for number in range(K))


def _is_list_of_series(value: Any) -> bool:
    if hasattr(value, "to_numpy"):
        return False
    if isinstance(value, np.ndarray):
        return value.ndim == 3
    return isinstance(value, Sequence) and (len(value) == 0 or np.ndim(_plain(value[0])) >= 1)


def _beside(given: Any, what: str, series: Any, single: bool, count: int) -> list[Any]:
    if given is None:
        return [None] * count
    if single:
        return [given]
    if isinstance(given, Mapping):
        missing = [str(name) for name in series if name not in given] if isinstance(series, Mapping) else []
        if missing or not isinstance(series, Mapping):
            raise InputError(f"{what} has no {(missing or ['names'])[0]!r}, expected one for each series; give it")
        return [given[name] for name in series]
    if what == "dates" and not isinstance(given, list | tuple) and np.ndim(given) == 1:
        return [given] * count
    if len(given) != count:
        raise InputError(f"{what} has {len(given)} parts, expected {count}, one a series; give a list of as many")
    return list(given)
