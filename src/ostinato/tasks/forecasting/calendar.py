"""Features of a date that are known for all time to come: the hour, the day of the week, the season."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ostinato._core.errors import InputError

_DAY = 86_400


def _circle(share: np.ndarray) -> np.ndarray:
    """A place in a cycle, from 0 to 1, as a point on a circle: its end lies beside its beginning."""
    return np.stack([np.sin(2 * np.pi * share), np.cos(2 * np.pi * share)], axis=1)


def _seconds(dates: np.ndarray) -> np.ndarray:
    return np.asarray((dates - dates.astype("datetime64[D]")).astype(np.int64))


def _weekday(dates: np.ndarray) -> np.ndarray:
    return np.asarray((dates.astype("datetime64[D]").astype(np.int64) + 3) % 7)  # 1970-01-01 was a Thursday


def _month(dates: np.ndarray) -> np.ndarray:
    return np.asarray(dates.astype("datetime64[M]").astype(np.int64) % 12)


def _day_of(dates: np.ndarray, unit: str) -> np.ndarray:
    begins = dates.astype(f"datetime64[{unit}]").astype("datetime64[D]")
    return np.asarray((dates.astype("datetime64[D]") - begins).astype(np.int64))


# name -> features (T, F) of dates (T,)
CALENDAR: dict[str, Any] = {
    "hour": lambda dates: _circle(_seconds(dates) / _DAY),
    "day_of_week": lambda dates: np.eye(7)[_weekday(dates)],
    "weekend": lambda dates: (_weekday(dates) >= 5).astype(float)[:, None],
    "week_cycle": lambda dates: _circle((_weekday(dates) + _seconds(dates) / _DAY) / 7),
    "day_of_month": lambda dates: _circle(_day_of(dates, "M") / 31),
    "day_of_year": lambda dates: _circle(_day_of(dates, "Y") / 365.25),
    "month": lambda dates: np.eye(12)[_month(dates)],
    "month_cycle": lambda dates: _circle(_month(dates) / 12),
}


def calendar_features(names: Sequence[str], dates: np.ndarray | None, series: str) -> np.ndarray:
    """Features of dates.

    Args:
        names: keys of `CALENDAR`; several stand side by side.
        dates: datetime64[s] (T,), or `None`.
        series: what messages call the series.

    Returns:
        Float64 (T, F).

    Raises:
        InputError: an unknown name, or no dates.

    Example:
        >>> calendar_features(("weekend",), np.array(["2024-06-01", "2024-06-03"], "datetime64[s]"), "a").tolist()
        [[1.0], [0.0]]
    """
    for name in names:
        if name not in CALENDAR:
            raise InputError(f"calendar names {name!r}, expected some of {', '.join(CALENDAR)}; correct it")
    if not names:
        return np.zeros((0 if dates is None else len(dates), 0))
    if dates is None:
        raise InputError(f"calendar={tuple(names)!r} and series {series!r} has no dates; give dates, or calendar=()")
    return np.concatenate([CALENDAR[name](dates) for name in names], axis=1)
