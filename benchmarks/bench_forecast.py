"""Forecasts beside the simple ones: NYSE's trading volume, ETTh1, and four smaller series.

    scripts/bench forecast nyse --seeds 3      # lag 5; autoregression, small networks, an ensemble
    scripts/bench forecast etth1 --seeds 3     # look-back 96, horizon 96, seven targets, every window of the test part
    scripts/bench forecast series --seeds 3    # electricity demand, temperatures, sunspots, passengers

Every choice was made on the end of the training part; the test part is looked at once a seed, at the end. (NYSE's had
been looked at before: docs/guide/forecasting.md says how.) Seeds that a result file has already are not run again:
remove the file to begin anew.
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from machine import machine
from ostinato import BaselineForecaster, Forecaster
from ostinato.data import read_columns

RESULTS = Path(__file__).parent / "results"
_DIGITS = ("r2", "mae", "rmse", "mase", "smape", "crps", "coverage", "width", "mse_scaled", "mae_scaled")


def data_dir() -> Path:
    """`OSTINATO_DATA`, else `shared/data` beside the checkout."""
    return Path(os.environ.get("OSTINATO_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")


@dataclass(frozen=True)
class Problem:
    """Series cut in two.

    Args:
        given: what `fit` and `backtest` are given, whole.
        cut: rows to learn from.
        end: rows in all; later ones are not looked at.
        stride: rows between the origins of the back-test.
    """

    given: dict[str, Any]
    cut: int
    end: int
    stride: int = 1

    def part(self, end: int) -> dict[str, Any]:
        """The first rows."""
        return {name: value[:end] for name, value in self.given.items()}

    def run(self, model: Any) -> dict[str, Any]:
        """Fit on the first part and back-test on the rest, with intervals that stay and that adapt."""
        begin = time.perf_counter()
        model.fit(**self.part(self.cut))
        seconds = time.perf_counter() - begin
        whole = self.part(self.end)
        found = model.backtest(**whole, start=self.cut, stride=self.stride)
        held = model.metrics_.get("held_out", {})
        result = {f"valid_{name}": _rounded(held[name]) for name in ("r2", "mase", "mse_scaled") if name in held}
        result |= {name: _rounded(found.metrics[name]) for name in _DIGITS if name in found.metrics}
        if "coverage" in found.metrics:
            adapted = model.backtest(**whole, start=self.cut, stride=self.stride, adapt=0.02).metrics
            result |= {f"adapted_{name}": _rounded(adapted[name]) for name in ("coverage", "width")}
        return {**result, "windows": len(found), "train_seconds": round(seconds, 2), "parameters": model.parameters_}


def nyse() -> Problem:
    """Log trading volume from itself, the Dow Jones' return and the volatility; the column train says the split."""
    columns = read_columns(data_dir() / "NYSE.csv.gz")
    series, past = _array(columns, "log_volume")[:, 0], _array(columns, "DJ_return", "log_volatility")
    given = {"series": series, "past": past, "dates": np.array(columns["date"], "datetime64[s]")}
    return Problem(given, columns["train"].count("TRUE"), len(series))


def etth1() -> Problem:
    """Seven columns, hourly; 12 months to learn from, 4 to choose by, 4 to test on, of 30 days each."""
    columns = read_columns(data_dir() / "ETTh1.csv.gz")
    names = [name for name in columns if name != "date"]
    month = 30 * 24
    given = {"series": _array(columns, *names), "dates": np.array(columns["date"], "datetime64[s]")}
    return Problem(given, 16 * month, 20 * month)


NYSE: dict[str, Any] = {"look_back": 5, "frequency": "rows", "n_threads": 1, "validation_fraction": 0.2}
SMALL: dict[str, Any] = {**NYSE, "cell": "lstm", "hidden_size": 12, "highway": True, "dropout": 0.1, "epochs": 30}
SEGMENTS: dict[str, Any] = {
    "look_back": 96,
    "horizon": 96,
    "strategy": "segments",
    "segment": 24,
    "hidden_size": 128,
    "dropout": 0.3,
    "output": "absolute",
    "level": "last",
    "epochs": 10,
    "lr": 1e-3,
    "validation_fraction": 0.25,
    "refit": False,
    "n_threads": 1,
    "verbose": 1,
}
DAY: dict[str, Any] = {"calendar": ("day_of_week",)}


def _line(**own: Any) -> Callable[[int], Any]:
    return lambda seed: BaselineForecaster(**own, random_state=seed)


def _network(**own: Any) -> Callable[[int], Any]:
    return lambda seed: Forecaster(**own, random_state=seed)


_LAGS = {name: value for name, value in NYSE.items() if name != "n_threads"}
_LONG: dict[str, Any] = {"look_back": 96, "horizon": 96, "validation_fraction": 0.25, "refit": False}
PROBLEMS: dict[str, tuple[Callable[[], Problem], dict[str, Callable[[int], Any]]]] = {
    "nyse": (
        nyse,
        {
            "naive": _line(**_LAGS, method="naive"),
            "linear": _line(**_LAGS),
            "linear, day": _line(**_LAGS, **DAY),
            "network, day": _line(**_LAGS, **DAY, method="network", hidden=(32,)),
            "rnn": _network(**SMALL),
            "ensemble": _network(**SMALL, members=10),
            "rnn, day": _network(**SMALL, **DAY),
            "ensemble, day": _network(**SMALL, **DAY, members=10),
        },
    ),
    "etth1": (
        etth1,
        {
            "naive": _line(**_LONG, method="naive"),
            "seasonal naive": _line(**_LONG, method="seasonal_naive", season=24),
            "linear": _line(**_LONG),
            "segments": _network(**SEGMENTS),
        },
    ),
}


def measure(name: str, chosen: list[str], seeds: range) -> None:
    """Fit the models of a problem for several seeds; what learns nothing by chance is fitted once."""
    make, models = PROBLEMS[name]
    problem = make()
    torch.set_num_threads(1)
    for model in chosen or list(models):
        path = RESULTS / f"forecast_{name}_{model.replace(', ', '_').replace(' ', '_')}.json"
        runs = json.loads(path.read_text())["runs"] if path.exists() else []
        by_chance = isinstance(models[model](0), Forecaster) or "network" in model
        for seed in [seed for seed in (seeds if by_chance else range(1)) if seed not in {run["seed"] for run in runs}]:
            runs.append({"seed": seed, **problem.run(models[model](seed))})
            print(name, model, json.dumps(runs[-1]), flush=True)
            store(path, runs)


def store(path: Path, runs: list[dict[str, Any]]) -> None:
    """Keep a result with the machine it was measured on."""
    RESULTS.mkdir(exist_ok=True)
    names = [name for name in _DIGITS if name in runs[0]]
    mean = {f"mean_{name}": _rounded(float(np.mean([run[name] for run in runs]))) for name in names}
    several = names if len(runs) > 1 else []
    spread = {f"std_{name}": _rounded(float(np.std([run[name] for run in runs], ddof=1))) for name in several}
    found = {**mean, **spread, "runs": runs, "machine": machine()}
    path.write_text(json.dumps(found, indent=1) + "\n")


def _array(columns: dict[str, list[Any]], *names: str) -> np.ndarray:
    return np.array([columns[name] for name in names], float).T


def _rounded(value: float) -> float:
    return float(f"{value:.5g}")


def main() -> None:
    """Measure the models of one problem."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("problem", choices=[*PROBLEMS, "series"])
    parser.add_argument("models", nargs="*", help="some of its models alone")
    parser.add_argument("--seeds", type=int, default=1)
    args = parser.parse_args()
    if args.problem == "series":
        from forecast_series import measure_series

        measure_series(range(args.seeds))
    else:
        measure(args.problem, args.models, range(args.seeds))


if __name__ == "__main__":
    main()
