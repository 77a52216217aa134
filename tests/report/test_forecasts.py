"""Autocorrelation against numpy's own correlation, and pictures that are drawn."""

import numpy as np

from ostinato import BaselineForecaster
from ostinato.report.forecasts import autocorrelation, autocorrelation_picture, backtest_picture, forecast_picture
from ostinato.report.theme import DARK


def test_autocorrelation() -> None:
    draw = np.random.default_rng(0)
    series = np.cumsum(draw.normal(size=500))
    found = autocorrelation(series, 20)
    centred = series - series.mean()
    theirs = np.correlate(centred, centred, "full")[499:520] / (centred @ centred)
    np.testing.assert_allclose(found, theirs, rtol=1e-12)
    assert autocorrelation(np.full(9, 2.0), 3).tolist() == [1, 0, 0, 0]


def test_pictures() -> None:
    dates = np.datetime64("2024-01-01") + np.arange(80)
    series = np.stack([np.sin(np.arange(80) / 4), np.arange(80.0)], axis=1)
    model = BaselineForecaster(look_back=5, horizon=4).fit([series, series], dates=[dates, dates])
    for theme in (DARK,):
        assert forecast_picture(model.forecast(), model.targets_, theme)[1:4] == b"PNG"
        found = model.backtest([series, series], dates=[dates, dates], start=50)
        assert backtest_picture(found, model.targets_, 2, theme)[1:4] == b"PNG"
    assert autocorrelation_picture(series[:, 0], "a", 500)[1:4] == b"PNG"
