"""The steps of a series' dates: found, checked, and gone on beyond the end."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from ostinato._core.errors import InputError

_DAY = 86_400
_GAPS = 0.4  # a step that would leave more than this share of the dates missing is not the series' step


@dataclass(frozen=True)
class Steps:
    """How far one row is from the next.

    Args:
        kind: "seconds", "months", "month_ends", "business" days (Monday to Friday), "rows" (as they come), or "none"
            where there are no dates.
        size: of a step, in its kind.
    """

    kind: str
    size: int = 1

    @classmethod
    def of(cls, dates: np.ndarray, name: str) -> Self:
        """Find the steps of sorted dates.

        Args:
            dates: datetime64[s] (T,), ascending.
            name: what messages call the series.

        Raises:
            InputError: the dates follow no steps; says what to do.

        Example:
            >>> Steps.of(np.array(["2024-01-01", "2024-02-01", "2024-04-01"], "datetime64[s]"), "a")
            Steps(kind='months', size=1)
        """
        if len(dates) < 2:
            raise InputError(f"series {name!r} has {len(dates)} dates, expected at least 2; give more rows")
        gaps = np.diff(dates.astype(np.int64))
        for kind, size in _candidates(dates, gaps):
            found = cls(kind, size)
            places = found.places(dates)
            if places is not None and 1 - len(dates) / (places[-1] + 1) <= _GAPS:
                return found
        raise InputError(
            f"series {name!r} has dates at uneven distances ({dates[0]}, {dates[1]}, ...), expected even steps with at "
            f"most {_GAPS:.0%} of them missing; give frequency='rows' to take each row as a step"
        )

    def places(self, dates: np.ndarray) -> np.ndarray | None:
        """Number of steps from the first date to each, int64 (T,); `None` where a date falls between two steps."""
        if self.kind == "rows":
            return np.arange(len(dates))
        if self.kind == "business":
            days = dates.astype("datetime64[D]")
            return np.busday_count(days[0], days) if bool(np.is_busday(days).all()) else None
        counted = _months(dates) if self.kind.startswith("month") else dates.astype(np.int64)
        distance = counted - counted[0]
        return None if (distance % self.size).any() else distance // self.size

    def after(self, dates: np.ndarray, count: int) -> np.ndarray:
        """The dates of the next rows.

        Args:
            dates: datetime64[s] (T,), those there are.
            count: of dates to come.

        Returns:
            datetime64[s] (count,).
        """
        ahead, last = np.arange(1, count + 1), dates[-1]
        if self.kind == "rows":
            return _like(dates).after(dates, count)
        if self.kind == "business":
            return np.busday_offset(last.astype("datetime64[D]"), ahead, roll="backward").astype("datetime64[s]")
        if self.kind == "months" or self.kind == "month_ends":
            months = last.astype("datetime64[M]") + ahead * self.size
            if self.kind == "month_ends":
                return np.asarray(((months + 1).astype("datetime64[D]") - 1).astype("datetime64[s]"))
            begins = last.astype("datetime64[M]").astype("datetime64[s]")
            return np.asarray(months.astype("datetime64[s]") + (last - begins))
        return np.asarray(last + (ahead * self.size).astype("timedelta64[s]"))

    def between(self, dates: np.ndarray) -> np.ndarray:
        """All dates from the first to the last, those that are missing too."""
        places = self.places(dates)
        if places is None or self.kind == "rows" or places[-1] + 1 == len(dates):
            return dates
        return np.concatenate([dates[:1], self.after(dates[:1], int(places[-1]))])


def read_dates(values: Any, name: str) -> np.ndarray:
    """Check the dates of one series.

    Args:
        values: (T,) datetime64, dates of the standard library, or texts as 2024-01-31 or 2024-01-31 12:00.
        name: what messages call the series.

    Returns:
        datetime64[s] (T,), ascending, none twice.

    Raises:
        InputError: no dates, one missing, unsorted or repeated ones; names the row.
    """
    try:
        dates = np.asarray(values).astype("datetime64[s]")
    except (TypeError, ValueError):
        raise InputError(
            f"dates of series {name!r} begin with {_first(values)!r}, expected dates as 2024-01-31 or "
            "2024-01-31 12:00; convert them"
        ) from None
    if dates.ndim != 1:
        raise InputError(f"dates of series {name!r} have shape {dates.shape}, expected (T,); give one date a row")
    missing = np.isnat(dates)
    if missing.any():
        raise InputError(f"dates[{int(np.argmax(missing))}] of series {name!r} is missing; give it or drop the row")
    gaps = np.diff(dates.astype(np.int64))
    if (gaps <= 0).any():
        row = int(np.argmax(gaps <= 0)) + 1
        what = "repeats the one before" if gaps[row - 1] == 0 else f"comes after {dates[row - 1]}"
        remedy = "drop one of the rows or add them up" if gaps[row - 1] == 0 else "sort the rows by date"
        raise InputError(f"dates[{row}] of series {name!r}, {dates[row]}, {what}, expected later ones; {remedy}")
    return dates


def _candidates(dates: np.ndarray, gaps: np.ndarray) -> list[tuple[str, int]]:
    """Kinds and sizes of steps that dates may follow, the likeliest first."""
    commonest = int(np.bincount(gaps // 60).argmax() * 60) if gaps.min() >= 60 else int(np.unique(gaps)[0])
    days, months = dates.astype("datetime64[D]"), _months(dates)
    found: list[tuple[str, int]] = []
    if gaps.min() >= 28 * _DAY:
        size = int(np.gcd.reduce(np.diff(months)))
        ends = bool(((days + 1).astype("datetime64[M]") != days.astype("datetime64[M]")).all())
        same_day = len(np.unique(dates - dates.astype("datetime64[M]").astype("datetime64[s]"))) == 1
        if size and (same_day or ends):
            found.append(("months" if same_day else "month_ends", size))
    if commonest == _DAY and len(dates) > 5 and bool(np.is_busday(days).all()):
        found.append(("business", 1))
    return [*found, ("seconds", commonest), ("seconds", int(np.gcd.reduce(gaps)))]


def _like(dates: np.ndarray) -> Steps:
    """The steps that rows taken as they come most nearly follow, to date those to come."""
    gaps = np.diff(dates.astype(np.int64))
    if len(gaps) == 0:
        return Steps("seconds", _DAY)
    return Steps(*_candidates(dates, gaps)[0])


def _months(dates: np.ndarray) -> np.ndarray:
    return np.asarray(dates.astype("datetime64[M]").astype(np.int64))


def _first(values: Any) -> Any:
    return next(iter(values), None)
