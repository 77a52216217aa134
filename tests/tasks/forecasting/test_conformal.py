"""Intervals cover what they promise."""

import numpy as np
import pytest

from ostinato import BaselineForecaster, Forecaster, InputError
from ostinato.tasks.forecasting.adapting import adapted_widths
from ostinato.tasks.forecasting.conformal import Conformal


def test_width_is_the_textbooks_order_statistic() -> None:
    scores = np.random.default_rng(0).permutation(np.arange(1.0, 100.0))[:, None, None]
    found = Conformal.fit(scores)
    assert found.width(0.9) == 90  # ⌈100 · 0.9⌉ of 99
    assert found.width(0.999) == 99  # more than there are: the greatest
    scores[::2] = np.nan
    assert np.isfinite(Conformal.fit(scores).width(0.9)).all()
    with pytest.raises(InputError, match=r"level=1\.5"):
        found.width(1.5)


@pytest.mark.parametrize("level", [0.5, 0.8, 0.95])
def test_coverage_where_old_and_new_are_alike(level: float) -> None:
    """On average over many draws the share covered is the level, and not more than 1 / (n + 1) above it."""
    draw = np.random.default_rng(0)
    covered = []
    for _ in range(300):
        scores = np.abs(draw.standard_t(3, (60, 1, 1)))
        covered.append((np.abs(draw.standard_t(3, 200)) <= Conformal.fit(scores).width(level)[0, 0]).mean())
    assert level - 0.01 < np.mean(covered) < level + 1 / 61 + 0.015


@pytest.mark.parametrize("output", ["point", "gaussian", "quantiles"])
def test_coverage_of_a_forecaster(output: str) -> None:
    draw = np.random.default_rng(1)
    series = np.zeros(3000)
    for t in range(1, 3000):
        series[t] = 0.7 * series[t - 1] + draw.standard_t(4)
    model = Forecaster(
        look_back=4, hidden_size=4, epochs=3, validation_fraction=0.4, output=output, random_state=0, refit=False
    )
    model.fit(series[:1500])
    for level in (0.5, 0.9):
        assert model.backtest(series, start=1500, level=level).metrics["coverage"] == pytest.approx(level, abs=0.05)


def test_without_a_held_out_part_a_distribution_is_believed() -> None:
    series = np.random.default_rng(0).normal(3, 2, 800)
    model = Forecaster(
        look_back=2, hidden_size=2, epochs=15, output="gaussian", validation_fraction=None, random_state=0, lr=0.01
    )
    lower, upper = model.fit(series).predict_interval(level=0.9)
    assert (upper - lower)[0] == pytest.approx(2 * 1.645 * 2, rel=0.15)


def test_adapting_intervals_follow_a_series_that_grows_wilder() -> None:
    draw = np.random.default_rng(0)
    series = draw.normal(size=3000) * np.where(np.arange(3000) < 1000, 1.0, 3.0)
    model = BaselineForecaster(method="linear", look_back=1).fit(series[:1000])
    stiff = model.backtest(series, start=1000).metrics["coverage"]
    adapted = model.backtest(series, start=1000, adapt=0.05).metrics["coverage"]
    assert stiff < 0.6 < adapted


def test_adapting_learns_from_what_was_known_alone() -> None:
    """The width at an origin depends on the truths before it, a step of horizon at a time."""
    draw = np.random.default_rng(0)
    conformal = Conformal.fit(np.abs(draw.normal(size=(50, 3, 1))))
    scores, origins, series = np.abs(draw.normal(size=(40, 3, 1))), np.arange(40), np.zeros(40)
    before = adapted_widths(scores, origins, series, conformal, 0.8, 0.1)
    scores[20:] = 99.0  # origin 20's first step is known at origin 21, its third at origin 23
    after = adapted_widths(scores, origins, series, conformal, 0.8, 0.1)
    for h in range(3):
        np.testing.assert_array_equal(after[: 21 + h, h], before[: 21 + h, h])
        assert not np.array_equal(after[21 + h :, h], before[21 + h :, h])
