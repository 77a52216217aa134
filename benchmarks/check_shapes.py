"""The native kernels against float64 on random layers, on every instruction set of this machine and several threads.

    scripts/check-native shapes                             2,000 layers each
    scripts/check-native shapes --count 100 --first 7000    seeds 7000 to 7099
    scripts/check-native shapes --write                     and writes benchmarks/results/shapes.json

A layer fails where a relative L2 error is over the limit of float32 (`testing.check_backend.LIMITS`), though rounding
the layer's numbers moves the exact result by less than a 64th of that error (`testing.sensitivity`). Layers with an
error over the limit that rounding explains are listed as beyond it, each with the first such error.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import torch

from machine import machine
from ostinato.kernels.native import Native, instruction_set, instruction_sets, missing
from ostinato.testing.check_backend import LIMITS
from ostinato.testing.check_random_layer import check_random_layer

RESULTS = Path(__file__).parent / "results" / "shapes.json"


@click.command()
@click.option("--count", default=2000, show_default=True, help="How many layers.")
@click.option("--first", default=0, show_default=True, help="The first one's seed.")
@click.option("--threads", default=(1, 2), multiple=True, show_default=True, help="Threads, once for each number.")
@click.option("--write", is_flag=True, help=f"Write {RESULTS.name}.")
@click.option("--alone", is_flag=True, hidden=True, help="In this process, on the set that it has loaded.")
def main(count: int, first: int, threads: tuple[int, ...], write: bool, alone: bool) -> None:
    """Check random layers, and say what was worst."""
    if (reason := missing()) is not None:
        raise click.ClickException(reason)
    if alone:
        click.echo(json.dumps(_run(count, first, threads[0])))
        return
    rows = []
    for isa in instruction_sets():
        for n in threads:
            row = _elsewhere(isa, ["--alone", f"--count={count}", f"--first={first}", f"--threads={n}"])
            rows.append(row)
            worst = "; ".join(f"{of} {row[of]['error']:.2g} (seed {row[of]['seed']})" for of in ("forward", "backward"))
            click.echo(f"{row['isa']}, {n} threads, {count} layers: {worst}; {len(row['beyond'])} beyond the limits")
            for said in row["beyond"]:
                click.echo(f"  {said}")
            for said in row["failures"]:
                click.echo(f"  FAILED {said}")
    if write:
        found = {"machine": machine(), "count": count, "first": first, "limits": LIMITS[torch.float32], "rows": rows}
        RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if any(row["failures"] for row in rows):
        raise click.ClickException("some layers failed")


def _elsewhere(isa: str, arguments: list[str]) -> dict[str, Any]:
    """A row from a process of its own: the library is chosen once."""
    environment = {**os.environ, "OSTINATO_CPU_ISA": isa, "OMP_NUM_THREADS": "1"}
    ran = subprocess.run(
        [sys.executable, __file__, *arguments], env=environment, stdout=subprocess.PIPE, text=True, check=False
    )
    if ran.returncode:
        raise click.ClickException(f"the run on {isa} ended with {ran.returncode}")
    row: dict[str, Any] = json.loads(ran.stdout)
    return row


def _run(count: int, first: int, threads: int) -> dict[str, Any]:
    torch.set_num_threads(threads)
    row: dict[str, Any] = {"isa": instruction_set(), "threads": threads}
    row |= {of: {"error": 0.0, "seed": first} for of in ("forward", "backward")} | {"beyond": [], "failures": []}
    for seed in range(first, first + count):
        checked = check_random_layer(Native(), seed)
        for of, error in zip(("forward", "backward"), checked.worst, strict=True):
            if error > row[of]["error"]:
                row[of] = {"error": error, "seed": seed}
        row["beyond"] += checked.beyond[:1]
        row["failures"] += checked.failures
    return row


if __name__ == "__main__":
    main()
