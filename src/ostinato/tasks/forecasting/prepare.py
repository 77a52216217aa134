"""From checked series to flat arrays of windows: filled, scaled by what the training part says, and nothing later."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import torch

from ostinato.tasks.forecasting.calendar import calendar_features
from ostinato.tasks.forecasting.dates import Steps
from ostinato.tasks.forecasting.panel import Series
from ostinato.tasks.forecasting.scaling import Scale, scaled
from ostinato.tasks.forecasting.windows import Flat
from ostinato.tasks.standardise import Standardiser


@dataclass
class Preparation:
    """What is learned from the training part to read series with.

    Args:
        scaling: as `Scale.fit` takes it.
        transform: likewise.
        calendar: names of features of the dates.
        steps: of the dates.
        scales: of each series' targets, by its name.
        behind: of each series' past covariates, by its name.
        ahead: of the future covariates, of all series together.
        still: of the static ones.
    """

    scaling: str
    transform: str
    calendar: tuple[str, ...]
    steps: Steps
    scales: dict[str, Scale]
    behind: dict[str, Scale]
    ahead: Standardiser
    still: Standardiser

    @classmethod
    def fit(cls, parts: list[Series], *, scaling: str, transform: str, calendar: tuple[str, ...], steps: Steps) -> Self:
        """Learn from the training part of each series."""
        return cls(
            scaling,
            transform,
            calendar,
            steps,
            {one.name: Scale.fit(one.targets, scaling, transform, one.name) for one in parts},
            {one.name: Scale.fit(one.past, "standard") for one in parts},
            Standardiser.fit([one.future[: len(one)] for one in parts]),
            Standardiser.fit([one.static[None] for one in parts]),
        )

    def scales_of(self, one: Series, rows: int) -> tuple[Scale, Scale]:
        """The units of a series; one that training has not seen has those of its own first rows."""
        if one.name in self.scales:
            return self.scales[one.name], self.behind[one.name]
        part = one.until(rows)
        return Scale.fit(part.targets, self.scaling, self.transform, one.name), Scale.fit(part.past, "standard")

    def flat(
        self, series: list[Series], observed: list[np.ndarray], horizon: int, first: list[int], with_past: bool
    ) -> tuple[Flat, list[Scale]]:
        """Put series one behind the other.

        Args:
            series: without gaps.
            observed: bool (T, K) of each.
            horizon: H rows to come.
            first: of each, the first row that is forecast: a series that training has not seen is scaled by the rows
                before it.
            with_past: whether the past covariates are forecast too.

        Returns:
            The arrays, and each series' unit.
        """
        both = [self.scales_of(one, start) for one, start in zip(series, first, strict=True)]
        scales, pasts = [scale for scale, _ in both], [scale for _, scale in both]
        lengths = np.asarray([len(one) for one in series])
        which = np.repeat(np.arange(len(series)), lengths)  # of each row, its series
        rows = np.arange(len(which)) + which * horizon  # and its place
        N = len(which) + len(series) * horizon
        targets = scaled(scales, [one.targets for one in series], which, [one.name for one in series])
        past = scaled(pasts, [one.past for one in series], which)
        known = np.concatenate([self.known(one, horizon) for one in series])  # (N, Q)
        following, still = np.nan_to_num(known[rows + 1]), self.still(np.stack([one.static for one in series]))
        inputs = np.concatenate([targets, past, following, still[which]], axis=1, dtype=np.float32)
        seen, units = np.concatenate(observed), np.stack([scale.unit for scale in scales])
        if with_past:
            targets = np.concatenate([targets, past], axis=1)
            seen = np.concatenate([seen, np.ones_like(past, bool)], axis=1)
            units = np.concatenate([units, np.stack([scale.unit for scale in pasts])], axis=1)
        return (
            Flat(
                torch.from_numpy(_spread(inputs, rows, N)),
                torch.from_numpy(known.astype(np.float32)),
                torch.from_numpy(_spread(targets, rows, N)),
                torch.from_numpy(_spread(seen, rows, N)),
                np.cumsum(lengths + horizon) - lengths - horizon,
                lengths,
                torch.from_numpy(units.astype(np.float32)),
            ),
            scales,
        )

    def known(self, one: Series, horizon: int) -> np.ndarray:
        """What is known ahead of T + H rows, (T + H, Q); NaN where it was not given."""
        T = len(one)
        if not one.future.shape[1] and not self.calendar:
            return np.zeros((T + horizon, 0))
        given = self.ahead(one.future)[: T + horizon]
        given = np.concatenate([given, np.full((T + horizon - len(given), given.shape[1]), np.nan)])
        if not self.calendar:
            return given
        dates = one.dates
        if dates is not None:
            dates = np.concatenate([dates, self.steps.after(dates, horizon)])
        return np.concatenate([given, calendar_features(self.calendar, dates, one.name)], axis=1)


def _spread(values: np.ndarray, rows: np.ndarray, count: int) -> np.ndarray:
    """Rows at their places among `count`, zeros between."""
    found = np.zeros((count, values.shape[1]), values.dtype)
    found[rows] = values
    return found
