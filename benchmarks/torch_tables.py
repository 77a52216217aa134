"""The table of docs/guide/torch.md: models accelerated."""

import json
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def accelerated() -> list[str]:
    """A row a model: difference and times before and after."""
    found: dict[str, Any] = json.loads((RESULTS / "accelerate.json").read_text())
    lines = ["| package | model | difference, abs | use, ms | training, ms |", "|---|---|---|---|---|"]
    for name, model in found["models"].items():
        times = [
            f"{t['before']:.1f} → {t['after']:.1f} ({t['ratio']:.2f} ×)" for t in (model["use_ms"], model["train_ms"])
        ]
        package = f"{name} {found['machine'][name]}"
        lines.append(f"| {package} | {model['what']} | {model['max_abs']:.0e} | {times[0]} | {times[1]} |")
    return lines
