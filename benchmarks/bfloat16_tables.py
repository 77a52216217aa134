"""The table of products in bfloat16, from benchmarks/results/bfloat16.json."""

import json
from pathlib import Path
from typing import Any

from speed_tables import CELLS

RESULT = Path(__file__).parent / "results" / "bfloat16.json"


def bfloat16() -> list[str]:
    """A row a shape: how many times faster each cell predicts and is trained, and the largest difference of outputs."""
    found = json.loads(RESULT.read_text())
    machine, rows = found["machine"], found["rows"]
    cells = list(dict.fromkeys(row["cell"] for row in rows))
    lines = [
        f"{machine['processor']}, {machine['threads']} threads, Python {machine['python']}, torch {machine['torch']}.",
        "",
        f"| shape | {' | '.join(CELLS[cell] for cell in cells)} | outputs differ by |",
        "|---" * (2 + len(cells)) + "|",
    ]
    for shape in dict.fromkeys(row["shape"] for row in rows):
        here = {row["cell"]: row for row in rows if row["shape"] == shape}
        ratios = " | ".join(
            " / ".join(_times(here[cell], what) for what in ("inference", "training")) for cell in cells
        )
        lines.append(f"| {shape} | {ratios} | {max(row['difference'] for row in here.values()):.1e} |")
    return lines


def _times(row: dict[str, Any], what: str) -> str:
    return f"{row[what]['float32'] / row[what]['mixed']:.2f}"
