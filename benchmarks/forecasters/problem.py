"""What both forecasters are given: series, sizes of the network, and how long to train."""

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from ostinato.data import read_columns

HOURS = 24 * 30  # of a month, as ETTh1 is cut
WEEK = 24 * 7


@dataclass(frozen=True)
class Problem:
    """One case; everything is said beforehand and nothing was tuned.

    Args:
        data: a key of `DATA`.
        about: of the series, for the table.
        look_back: L, rows read.
        horizon: H, rows forecast.
        units: of an LSTM layer.
        layers: of the LSTM.
        windows: a batch.
        epochs: passes of ours over all training windows; the peer is told the number of steps that this makes.
    """

    data: str
    about: str
    look_back: int
    horizon: int
    units: int = 32
    layers: int = 1
    windows: int = 64
    epochs: int = 1
    lr: float = 1e-3

    @cached_property
    def series(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Name → values and dates; the rows from `cut` on are those to be forecast."""
        return DATA[self.data](*etth1())

    @property
    def cut(self) -> int:
        """Rows of each series to learn from."""
        return CUTS[self.data]

    @property
    def steps(self) -> int:
        """Gradient steps of one fit."""
        windows = len(self.series) * (self.cut - self.look_back - self.horizon + 1)
        return self.epochs * -(-windows // self.windows)

    def known(self) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Values and dates of the training part of each series."""
        cut = self.cut
        return {n: v[:cut] for n, (v, _) in self.series.items()}, {n: d[:cut] for n, (_, d) in self.series.items()}

    def error(self, forecasts: np.ndarray) -> float:
        """Mean absolute error in units of each series' deviation in its training part.

        Args:
            forecasts: (S, W, H), from each series' origins `cut`, `cut` + 24, ... that have H rows behind them.
        """
        found = []
        for one, (values, _) in zip(forecasts, self.series.values(), strict=True):
            found.append(np.abs(one - values[self.ahead()]).mean() / values[: self.cut].std())
        return float(np.mean(found))

    def ahead(self) -> np.ndarray:
        """The rows that are forecast, (W, H)."""
        rows = len(next(iter(self.series.values()))[0])
        return np.arange(self.cut, rows - self.horizon + 1, 24)[:, None] + np.arange(self.horizon)

    def naive(self) -> float:
        """The error of repeating the value a day ago; an hour ahead, that of an hour ago."""
        season = 24 if self.horizon > 1 else 1
        return self.error(np.stack([values[self.ahead() - season] for values, _ in self.series.values()]))


def etth1() -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The seven columns and their dates."""
    folder = Path(os.environ.get("OSTINATO_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
    columns = read_columns(folder / "ETTh1.csv.gz")
    dates = np.array(columns.pop("date"), "datetime64[s]")
    return {name: np.array(values, float) for name, values in columns.items()}, dates


def _weeks(values: dict[str, np.ndarray], dates: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Each column cut into weeks; one that never changes says nothing of a forecaster and is left out."""
    found = {}
    for name, column in values.items():
        for week in range(len(column) // WEEK):
            rows = slice(week * WEEK, (week + 1) * WEEK)
            if np.ptp(column[rows][: CUTS["weeks"]]) > 0:
                found[f"{name} {week}"] = (column[rows], dates[rows])
    return found


# name -> series of the columns and dates of ETTh1
DATA = {
    "one": lambda values, dates: {"OT": (values["OT"][: 20 * HOURS], dates[: 20 * HOURS])},
    "seven": lambda values, dates: {
        name: (column[12 * HOURS : 20 * HOURS], dates[12 * HOURS : 20 * HOURS]) for name, column in values.items()
    },
    "weeks": _weeks,
}
CUTS = {"one": 16 * HOURS, "seven": 4 * HOURS, "weeks": WEEK - 24}
PROBLEMS = {
    "hour": Problem("one", "1 series of 11,520 hours, 1 ahead from 96", 96, 1),
    "columns": Problem("seven", "7 series of 2,880 hours, 24 ahead from 96", 96, 24),
    "weeks": Problem("weeks", "721 series of 144 hours, 24 ahead from 48", 48, 24),
    "large": Problem(
        "one", "1 series of 11,520 hours, 24 ahead from 96; 2 layers of 128", 96, 24, units=128, layers=2, windows=128
    ),
}
