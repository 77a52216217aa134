"""The table of how right the native kernels are, from benchmarks/results/shapes.json."""

import json
from pathlib import Path

RESULT = Path(__file__).parent / "results" / "shapes.json"


def shapes() -> list[str]:
    """A row an instruction set and number of threads, and what it was measured on."""
    found = json.loads(RESULT.read_text())
    machine = found["machine"]
    lines = [
        f"{machine['processor']}, Python {machine['python']}, torch {machine['torch']}; seeds {found['first']} to "
        f"{found['first'] + found['count'] - 1}.",
        "",
        "| instructions | threads | forward | backward | beyond |",
        "|---|---|---|---|---|",
    ]
    for row in found["rows"]:
        errors = " | ".join(f"{row[of]['error']:.1e}" for of in ("forward", "backward"))
        lines.append(f"| {row['isa']} | {row['threads']} | {errors} | {len(row['beyond'])} |")
    return lines
