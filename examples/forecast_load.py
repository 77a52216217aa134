"""Forecasts a day of electricity load beside the simple forecasts, with intervals that cover what they promise.

python examples/forecast_load.py                 # a load made up on the spot
python examples/forecast_load.py load.csv load   # a file of yours and its column, a row an hour
"""

import sys

import numpy as np

from ostinato import BaselineForecaster, Forecaster
from ostinato.data import read_columns


def made_up(days: int = 60) -> np.ndarray:
    """A load with a day, a week, and weather that comes and goes."""
    draw = np.random.default_rng(0)
    hours = np.arange(24 * days)
    weather = np.zeros(len(hours))
    for hour in hours[1:]:
        weather[hour] = 0.97 * weather[hour - 1] + draw.normal(0, 8)
    workday = (hours // 24 % 7 < 5) * 1.0
    return 900 + 150 * np.sin(2 * np.pi * (hours - 8) / 24) * (0.5 + 0.5 * workday) + 60 * workday + weather


def main() -> None:
    """Fit on the first four fifths, forecast from every hour of the last fifth."""
    if len(sys.argv) > 2:
        load = np.array(read_columns(sys.argv[1], [sys.argv[2]])[sys.argv[2]], float)
    else:
        load = made_up()
    dates = np.datetime64("2024-01-01T00") + np.arange(len(load))
    cut = round(len(load) * 0.8)
    shared = {"look_back": 48, "horizon": 24, "season": 168, "calendar": ("hour", "day_of_week")}
    models = {
        "recurrent network": Forecaster(
            **shared, hidden_size=16, highway=True, level="last", epochs=8, lr=5e-3, random_state=0
        ),
        "linear autoregression": BaselineForecaster(method="linear", **shared),
        "last week's value": BaselineForecaster(method="seasonal_naive", **shared),
        "last value": BaselineForecaster(method="naive", **shared),
    }
    for name, model in models.items():
        model.fit(load[:cut], dates=dates[:cut])
        found = model.backtest(load, dates=dates, start=cut, level=0.9).metrics
        print(f"{name}: {found['mase']:.3f}, MASE over all hours; 90 % intervals cover {found['coverage']:.0%}")
    network = models["recurrent network"]
    lower, upper = network.predict_interval(level=0.9)
    for hour, (low, value, high) in enumerate(zip(lower, network.predict(), upper, strict=True), start=1):
        if hour % 6 == 0:
            print(f"{hour:2} hours on: {value:.0f}, between {low:.0f} and {high:.0f}")


if __name__ == "__main__":
    main()
