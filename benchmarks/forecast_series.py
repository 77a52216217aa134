"""Four small series by rolling origin: the network beside every simple forecast, all settings said beforehand."""

import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from machine import machine
from ostinato import BaselineForecaster, Forecaster
from ostinato.data import read_columns
from ostinato.tasks.forecasting.table import Layout, panel_of

RESULTS = Path(__file__).parent / "results"
_KEPT = ("mase", "mae", "rmse", "r2", "smape", "crps", "coverage")

# name -> file, layout, what every forecast is given, what the network is given besides
SERIES: dict[str, tuple[str, Layout, dict[str, Any], dict[str, Any]]] = {
    "electricity demand": (
        "taylor_electricity_demand.csv.gz",
        Layout(("Y",)),
        {"look_back": 336, "horizon": 48, "season": 336},
        {"hidden_size": 48, "highway": True, "level": "last", "epochs": 10, "lr": 2e-3},
    ),
    "minimum temperatures": (
        "daily_min_temperatures.csv.gz",
        Layout(("Daily minimum temperatures",), date="Date", date_format="%m/%d/%Y"),
        {"look_back": 28, "horizon": 7, "season": 365, "calendar": ("day_of_year",)},
        {"hidden_size": 16, "epochs": 15, "lr": 2e-3, "dropout": 0.1},
    ),
    "sunspots": (
        "monthly_sunspots.csv.gz",
        Layout(("Sunspots",), date="Month"),
        {"look_back": 132, "horizon": 12, "season": 132},
        {"hidden_size": 16, "epochs": 15, "lr": 2e-3, "dropout": 0.1},
    ),
    "air passengers": (
        "air_passengers.csv.gz",
        Layout(("#Passengers",), date="Month"),
        {"look_back": 24, "horizon": 12, "season": 12, "transform": "log"},
        {"hidden_size": 8, "highway": True, "level": "last", "epochs": 150, "lr": 4e-3},
    ),
}
METHODS = ("naive", "seasonal_naive", "drift", "linear", "network")


def measure_series(seeds: range) -> None:
    """Fit on the first four fifths of each series, forecast from every origin of the last fifth."""
    torch.set_num_threads(1)
    folder = Path(os.environ.get("OSTINATO_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
    found: dict[str, Any] = {}
    for name, (file, layout, shared, own) in SERIES.items():
        panel = panel_of(read_columns(folder / file), layout, name)
        cut = round(len(panel.series[0]) * 0.8)
        first = type(panel)((panel.series[0].until(cut),), panel.targets, panel.single, panel.flat)
        rows = []
        for method in METHODS:
            for seed in seeds if method == "network" else range(1):
                model: Any = BaselineForecaster(method=method, random_state=seed, **shared)  # type: ignore[arg-type]
                rows.append({"forecast": method, "seed": seed, **_measured(model, first, panel, cut)})
        for seed in seeds:
            model = Forecaster(random_state=seed, n_threads=1, **shared, **own)
            rows.append({"forecast": "recurrent", "seed": seed, **_measured(model, first, panel, cut)})
        for row in rows:
            print(name, json.dumps(row), flush=True)
        found[name] = {"rows": len(panel.series[0]), "learned from": cut, "settings": {**shared, **own}, "runs": rows}
    (RESULTS / "forecast_series.json").write_text(json.dumps({**found, "machine": machine()}, indent=1) + "\n")


def _measured(model: Any, first: Any, panel: Any, cut: int) -> dict[str, Any]:
    begin = time.perf_counter()
    model.fit(first)
    seconds = time.perf_counter() - begin
    found = model.backtest(panel, start=cut)
    metrics = {name: float(f"{found.metrics[name]:.5g}") for name in _KEPT}
    return {**metrics, "windows": len(found), "train_seconds": round(seconds, 2), "parameters": model.parameters_}


def best(rows: list[dict[str, Any]], forecast: str, name: str) -> float:
    """The mean of a figure over the seeds of one kind of forecast."""
    return float(np.mean([row[name] for row in rows if row["forecast"] == forecast]))
