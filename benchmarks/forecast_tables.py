"""The tables of the guide to forecasting, from benchmarks/results/forecast_*.json."""

import json
from pathlib import Path
from typing import Any

from forecast_series import METHODS, best

RESULTS = Path(__file__).parent / "results"
NYSE = {
    "naive": "last value",
    "linear": "linear autoregression, lag 5 (ISLP: 0.41)",
    "rnn": "`Forecaster`, 12 LSTM units and a highway (ISLP: 0.42)",
    "ensemble": "the same, mean of 10 networks",
    "linear_day": "linear, day of the week known ahead (ISLP: 0.46)",
    "network_day": "32 ReLU units on the same",
    "rnn_day": "`Forecaster` as above, day of the week",
    "ensemble_day": "the same, mean of 10 networks",
}
ETTH1 = {
    "naive": "last value",
    "seasonal_naive": "value a day ago",
    "linear": "linear autoregression of all 7 columns",
    "segments": '`Forecaster(strategy="segments")` (SegRNN reports 0.368)',
}


def nyse() -> list[str]:
    """A row a model: R² on the test days, and what the 90 % intervals cover."""
    lines = [
        "| forecast, a day ahead | test R² | held-out R² | coverage | adapting | seeds | parameters |",
        "|---|---|---|---|---|---|---|",
    ]
    for model, text in NYSE.items():
        if (found := _read(f"nyse_{model}")) is not None:
            runs = found["runs"]
            covered = f"{found['mean_coverage']:.1%} | {_mean(runs, 'adapted_coverage'):.1%}"
            lines.append(
                f"| {text} | {_with_spread(found, 'r2')} | {_mean(runs, 'valid_r2'):.3f} | {covered} | {len(runs)} | "
                f"{runs[0]['parameters']:,} |"
            )
    return lines


def etth1() -> list[str]:
    """A row a model: errors of the standardised columns over all test windows."""
    lines = ["| forecast, 96 hours from 96 | test MSE | test MAE | seeds | parameters |", "|---|---|---|---|---|"]
    for model, text in ETTH1.items():
        if (found := _read(f"etth1_{model}")) is not None:
            lines.append(
                f"| {text} | {_with_spread(found, 'mse_scaled')} | {_with_spread(found, 'mae_scaled')} | "
                f"{len(found['runs'])} | {found['runs'][0]['parameters']:,} |"
            )
    return lines


def series() -> list[str]:
    """A row a series: MASE of every forecast, the best one bold."""
    path = RESULTS / "forecast_series.json"
    names = [*METHODS, "recurrent"]
    lines = [f"| MASE | {' | '.join(name.replace('_', ' ') for name in names)} |", "|---" * (len(names) + 1) + "|"]
    if not path.exists():
        return lines
    found = json.loads(path.read_text())
    for name, about in found.items():
        if name == "machine":
            continue
        values = [best(about["runs"], forecast, "mase") for forecast in names]
        cells = [f"**{value:.3f}**" if value == min(values) else f"{value:.3f}" for value in values]
        lines.append(f"| {name}, {about['settings']['horizon']} ahead | {' | '.join(cells)} |")
    return lines


def _read(name: str) -> dict[str, Any] | None:
    path = RESULTS / f"forecast_{name}.json"
    return json.loads(path.read_text()) if path.exists() else None


def _mean(runs: list[dict[str, Any]], name: str) -> float:
    return sum(run[name] for run in runs) / len(runs)


def _with_spread(found: dict[str, Any], name: str) -> str:
    spread = f" ± {found[f'std_{name}']:.3f}" if len(found["runs"]) > 1 else ""
    return f"{found[f'mean_{name}']:.3f}{spread}"
