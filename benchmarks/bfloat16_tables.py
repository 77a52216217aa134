"""The table of products in bfloat16, from benchmarks/results/bfloat16.json."""

import json
from pathlib import Path

from speed_tables import CELLS

RESULT = Path(__file__).parent / "results" / "bfloat16.json"


def bfloat16() -> list[str]:
    """A row a shape: how many times faster each cell is, and the largest difference of outputs."""
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
        times = [here[cell]["milliseconds"] for cell in cells]
        ratios = " | ".join(f"{each['float32'] / each['bfloat16']:.2f}" for each in times)
        lines.append(f"| {shape} | {ratios} | {max(row['difference'] for row in here.values()):.1e} |")
    return lines
