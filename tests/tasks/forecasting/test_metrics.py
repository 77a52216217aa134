"""Metrics against scikit-learn, scipy and numbers worked by hand."""

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as theirs

from ostinato.tasks.forecasting.metrics import QUANTILES, crps, interval_metrics, naive_errors, point_metrics
from ostinato.tasks.forecasting.results import Backtest


def test_point_metrics_are_scikit_learns() -> None:
    draw = np.random.default_rng(0)
    y, guess = draw.normal(size=(40, 3, 2)), draw.normal(size=(40, 3, 2))
    found = point_metrics(y, guess)
    assert found["r2"] == pytest.approx(theirs.r2_score(y.ravel(), guess.ravel()))
    assert found["mae"] == pytest.approx(theirs.mean_absolute_error(y.ravel(), guess.ravel()))
    assert found["rmse"] == pytest.approx(theirs.root_mean_squared_error(y.ravel(), guess.ravel()))
    assert found["mse"] == pytest.approx(theirs.mean_squared_error(y.ravel(), guess.ravel()))


def test_what_was_not_observed_does_not_count() -> None:
    y = np.array([1.0, np.nan, 3.0])
    assert point_metrics(y, np.array([2.0, 99.0, 3.0]))["mae"] == 0.5
    assert np.isnan(point_metrics(np.full(2, np.nan), np.zeros(2))["mae"])


def test_smape_and_mase_by_hand() -> None:
    y, guess = np.array([[[100.0]], [[50.0]]]), np.array([[[110.0]], [[50.0]]])
    found = point_metrics(y, guess, np.array([[[4.0]], [[2.0]]]))
    assert found["smape"] == pytest.approx((200 * 10 / 210) / 2)
    assert found["mase"] == pytest.approx((10 / 4 + 0) / 2)
    assert point_metrics(np.zeros(2), np.zeros(2))["smape"] == 0  # 0 forecast as 0 is no error


def test_naive_errors() -> None:
    y, seen = np.array([[1.0], [2.0], [4.0], [9.0]]), np.ones((4, 1), bool)
    assert naive_errors(y, seen, 1) == [(1 + 2 + 5) / 3]
    assert naive_errors(y, seen, 2) == [(3 + 7) / 2]
    seen[1] = False
    assert naive_errors(y, seen, 1) == [5.0]  # 4 → 9 alone has both ends
    assert np.isnan(naive_errors(y, seen, 9)[0])


def test_crps_is_near_the_normal_distributions_own() -> None:
    """Closed form of Gneiting & Raftery 2007."""
    y, mean, deviation = np.array([0.3, -1.2, 2.0]), np.array([0.0, 0.5, 1.0]), np.array([1.0, 2.0, 0.5])
    z = (y - mean) / deviation
    exact = deviation * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / np.sqrt(np.pi))
    quantiles = stats.norm(mean[:, None], deviation[:, None]).ppf(QUANTILES)
    assert crps(y, quantiles) == pytest.approx(exact.mean(), rel=0.03)
    pinball = [theirs.mean_pinball_loss(y, quantiles[:, n], alpha=q) for n, q in enumerate(QUANTILES)]
    assert crps(y, quantiles) == pytest.approx(2 * np.mean(pinball))


def test_crps_of_a_point_is_its_absolute_error() -> None:
    assert crps(np.array([3.0]), np.full((1, len(QUANTILES)), 1.0)) == pytest.approx(2.0)


def test_coverage() -> None:
    y = np.array([1.0, 2.0, 3.0, np.nan])
    found = interval_metrics(y, np.array([0.0, 2.0, 4.0, 0.0]), np.array([1.0, 3.0, 5.0, 9.0]))
    assert found == {"coverage": pytest.approx(2 / 3), "width": 1.0}


def test_by_step_and_series_are_parts_of_the_whole() -> None:
    draw = np.random.default_rng(1)
    y, guess = draw.normal(size=(6, 2, 1)), draw.normal(size=(6, 2, 1))
    names = np.array(["a", "a", "b", "b", "b", "b"])
    found = Backtest(names, np.arange(6), None, y, guess, None, None, 0.9, point_metrics(y, guess))
    assert np.mean([step["mse"] for step in found.by_step()]) == pytest.approx(found.metrics["mse"])
    of_a, of_b = found.by_series()
    assert (2 * of_a["mse"] + 4 * of_b["mse"]) / 6 == pytest.approx(found.metrics["mse"])
