"""The tables of `Forecaster` beside a peer in the guide to forecasting, from benchmarks/results/forecasters.json."""

import json
from pathlib import Path

RESULTS = Path(__file__).parent / "results" / "forecasters.json"
OURS = "ostinato"


def peers() -> list[str]:
    """A row a case and runner: what it learned, seconds to fit, milliseconds to predict, and how many times ours."""
    lines = [
        "| case | | test error | parameters | fit, s | one series, ms | all series, ms |",
        "|---|---|---|---|---|---|---|",
    ]
    if not RESULTS.exists():
        return lines
    for case in json.loads(RESULTS.read_text())["cases"].values():
        if "taken" not in case:
            continue
        taken, learned = case["taken"]["runs"], case["learned"]["runs"]
        for run, figures in taken.items():
            what = f"{case['about']}: {case['steps']} steps" if run == OURS else ""
            times = [_times(figures[name], taken[OURS][name], run) for name in ("fit_s", "one_ms", "all_ms")]
            cells = [f"{learned[run]['error']:.3f}", f"{learned[run]['parameters']:,}", *times]
            lines.append(f"| {what} | {run} | {' | '.join(cells)} |")
    return lines


def _times(value: float, ours: float, run: str) -> str:
    """A figure with three digits, and of a peer how many times ours it is."""
    text = f"{value:.3g}" if value < 100 else f"{value:.0f}"
    return text if run == OURS else f"{text} ({value / ours:.1f} x)"
