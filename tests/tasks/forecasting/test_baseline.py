"""The simple forecasts against numbers worked by hand and scikit-learn's regression."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from ostinato import BaselineForecaster, InputError, load
from ostinato.tasks.forecasting.baseline import METHODS


def test_by_hand() -> None:
    series = [1.0, 5.0, 3.0, 2.0, 6.0, 4.0]

    def forecast(method: str, season: int | None = None) -> list[float]:
        model = BaselineForecaster(method=method, horizon=3, season=season, validation_fraction=None)  # type: ignore[arg-type]
        return model.fit(series).predict().round(9).tolist()

    assert forecast("naive") == [4, 4, 4]
    assert forecast("seasonal_naive", 3) == [2, 6, 4]
    assert forecast("seasonal_naive", 2) == [6, 4, 6]
    assert forecast("drift") == [4.6, 5.2, 5.8]  # (4 - 1) / 5 a row


def test_drift_of_a_backtest_begins_at_the_series_beginning() -> None:
    series = np.arange(30.0) ** 2
    model = BaselineForecaster(method="drift", horizon=2, validation_fraction=None).fit(series)
    found = model.backtest(series, start=10, stride=5)
    np.testing.assert_allclose(found.mean[0, :, 0], [81 + 9, 81 + 18])
    np.testing.assert_allclose(found.mean[1, :, 0], [196 + 14, 196 + 28])


def test_linear_is_scikit_learns_on_lags() -> None:
    """The lectures' autoregression: v_t on the last L of all variables, and what is known of t."""
    draw = np.random.default_rng(0)
    past, known = draw.normal(size=(200, 2)), draw.normal(size=(200, 1))
    series = np.zeros(200)
    for t in range(1, 200):
        series[t] = 0.6 * series[t - 1] + past[t - 1, 0] - 0.5 * known[t, 0] + draw.normal(0, 0.1)
    L = 3
    rows = range(L, 200)
    lags = np.array([np.concatenate([np.c_[series, past][t - L : t].ravel(), known[t]]) for t in rows])
    theirs = LinearRegression().fit(lags[: 150 - L], series[L:150])
    model = BaselineForecaster(method="linear", look_back=L, validation_fraction=None)
    model.fit(series[:150], past=past[:150], future=known[:150])
    found = model.backtest(series, past=past, future=known, start=150)
    np.testing.assert_allclose(found.mean[:, 0, 0], theirs.predict(lags[150 - L :]), rtol=1e-4, atol=1e-4)
    assert model.parameters_ == 3 * 3 + 1 + 1
    assert found.metrics["r2"] == pytest.approx(theirs.score(lags[150 - L :], series[150:]), abs=1e-5)


@pytest.mark.parametrize("method", METHODS)
def test_saved_is_loaded(method: str, wave: np.ndarray, tmp_path: Path) -> None:
    model = BaselineForecaster(method=method, look_back=12, horizon=3, season=19, random_state=0)  # type: ignore[arg-type]
    model.fit([wave, wave[:100]])
    model.save(tmp_path / "model")
    loaded = load(tmp_path / "model")
    for mine, theirs in zip(model.predict(), loaded.predict(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    for ends, other in zip(model.predict_interval(), loaded.predict_interval(), strict=True):
        np.testing.assert_array_equal(ends[0], other[0])
    assert model.backtest([wave]).metrics == loaded.backtest([wave]).metrics


def test_wrong_method() -> None:
    with pytest.raises(InputError, match="method='mean', expected one of naive"):
        BaselineForecaster(method="mean").fit(np.arange(30.0))  # type: ignore[arg-type]


@pytest.mark.data
def test_the_lectures_autoregression_of_nyse(data_dir: Path) -> None:
    """ISLP's lab has R² 0.41 on the test days, and 0.46 with the day of the week."""
    from ostinato.data import read_columns

    columns = read_columns(data_dir / "NYSE.csv.gz")
    series, past = (
        np.array(columns["log_volume"], float),
        np.array([columns["DJ_return"], columns["log_volatility"]], float).T,
    )
    train = columns["train"].count("TRUE")
    for calendar, expected in (((), 0.4129), (("day_of_week",), 0.4596)):
        model = BaselineForecaster(look_back=5, frequency="rows", calendar=calendar, validation_fraction=None)
        model.fit(series[:train], past=past[:train], dates=columns["date"][:train])
        found = model.backtest(series, past=past, dates=columns["date"], start=train)
        assert len(found) == 1770
        assert found.metrics["r2"] == pytest.approx(expected, abs=5e-4)
