"""The table of the guide to music, from benchmarks/results/music_*.json."""

import json
import statistics
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def jsb() -> list[str]:
    """Counts and network: nats a step on both held-out parts, accuracy, and size."""
    lines = ["| model | test, nats a step | valid | test accuracy | seeds | parameters |", "|---|---|---|---|---|---|"]
    path = RESULTS / "music_jsb.json"
    if not path.exists():
        return lines
    found: dict[str, Any] = json.loads(path.read_text())
    counts, runs = found["counts"], found["runs"]
    lines.append(
        f"| `NoteCounts()`: how often each note goes on or begins | {counts['test']['loss_nats']:.3f} | "
        f"{counts['valid']['loss_nats']:.3f} | {counts['test']['accuracy']:.1%} | 1 | 264 |"
    )
    nats, valid, right = (
        [run[part][name] for run in runs]
        for part, name in (("test", "loss_nats"), ("valid", "loss_nats"), ("test", "accuracy"))
    )
    spread = f" ± {statistics.stdev(nats):.3f}" if len(nats) > 1 else ""
    lines.append(
        f"| `MusicModel()`, an LSTM | {statistics.mean(nats):.3f}{spread} | {statistics.mean(valid):.3f} | "
        f"{statistics.mean(right):.1%} | {len(runs)} | {runs[0]['parameters']:,} |"
    )
    return lines
