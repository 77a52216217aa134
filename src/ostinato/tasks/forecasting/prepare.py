"""From checked series to flat arrays of windows: filled, scaled by what the training part says, and nothing later."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch

from ostinato.tasks.forecasting.calendar import calendar_features
from ostinato.tasks.forecasting.dates import Steps
from ostinato.tasks.forecasting.panel import Series
from ostinato.tasks.forecasting.scaling import Scale
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
        parts: dict[str, list[np.ndarray]] = {"inputs": [], "known": [], "targets": [], "observed": []}
        begins, units, scales = [], [], []
        row = 0
        for one, seen, start in zip(series, observed, first, strict=True):
            scale, behind = self.scales_of(one, start)
            T = len(one)
            targets, past = scale(one.targets, one.name), behind(one.past)
            known = self.known(one, horizon)  # (T + H, Q)
            following = np.concatenate([known[1:], known[-1:]])[:T]
            still = np.broadcast_to(self.still(one.static[None]), (T, len(one.static)))
            inputs = np.concatenate([targets, past, following, still], axis=1)
            forecast = np.concatenate([targets, past], axis=1) if with_past else targets
            real = np.concatenate([seen, np.ones_like(past, bool)], axis=1) if with_past else seen
            parts["inputs"].append(np.nan_to_num(_longer(inputs, horizon)))
            parts["known"].append(known)
            parts["targets"].append(_longer(forecast, horizon))
            parts["observed"].append(_longer(real, horizon))
            begins.append(row)
            units.append(np.concatenate([scale.unit, behind.unit]) if with_past else scale.unit)
            scales.append(scale)
            row += T + horizon
        stacked: dict[str, Any] = {name: np.concatenate(arrays) for name, arrays in parts.items()}
        return (
            Flat(
                torch.from_numpy(stacked["inputs"].astype(np.float32)),
                torch.from_numpy(stacked["known"].astype(np.float32)),
                torch.from_numpy(stacked["targets"]),
                torch.from_numpy(stacked["observed"]),
                np.asarray(begins),
                np.asarray([len(one) for one in series]),
                torch.from_numpy(np.asarray(units, np.float32)),
            ),
            scales,
        )

    def known(self, one: Series, horizon: int) -> np.ndarray:
        """What is known ahead of T + H rows, (T + H, Q); NaN where it was not given."""
        T = len(one)
        given = self.ahead(one.future)[: T + horizon]
        given = np.concatenate([given, np.full((T + horizon - len(given), given.shape[1]), np.nan)])
        if not self.calendar:
            return given
        dates = one.dates
        if dates is not None:
            dates = np.concatenate([dates, self.steps.after(dates, horizon)])
        return np.concatenate([given, calendar_features(self.calendar, dates, one.name)], axis=1)


def _longer(values: np.ndarray, rows: int) -> np.ndarray:
    """With rows of zeros behind."""
    return np.concatenate([values, np.zeros((rows, values.shape[1]), values.dtype)])
