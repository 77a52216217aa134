"""A result file of one run a seed: what is in it is not run again, and several processes may fill it."""

import argparse
import fcntl
import json
import os
from pathlib import Path
from typing import Any

Run = dict[str, Any]


def add_arguments(parser: argparse.ArgumentParser, seeds: int) -> None:
    """Add --seeds, --first-seed and --device."""
    parser.add_argument("--seeds", type=int, default=seeds, help="how many")
    parser.add_argument("--first-seed", type=int, default=0, help="so that several processes can share the work")
    parser.add_argument("--device", default="cpu", help="where to train; what a GPU gave stands in a file of its own")


def result_file(name: str, device: str = "cpu") -> Path:
    """Where the runs of one benchmark lie."""
    suffix = "" if device == "cpu" else f"_{device.partition(':')[0]}"
    return Path(__file__).parent / "results" / f"{name}{suffix}.json"


def runs_of(path: Path) -> list[Run]:
    """The runs that a result file has already."""
    return json.loads(path.read_text(encoding="utf-8"))["runs"] if path.exists() else []


def wanted(args: argparse.Namespace, path: Path, **place: Any) -> list[int]:
    """The seeds that were asked for and of which the result file has no run, at this `place` of it."""
    there = {run["seed"] for run in runs_of(path) if place.items() <= run.items()}
    return [seed for seed in range(args.first_seed, args.first_seed + args.seeds) if seed not in there]


def show(run: Run) -> None:
    """Print a run without its curve."""
    print(json.dumps({name: value for name, value in run.items() if name != "history"}), flush=True)


def add(path: Path, about: Run, run: Run, *key: str) -> None:
    """Show a run and write it into a result file, sorted by `key`.

    Other processes may have written since this one began: so the file is read again, while they wait.
    """
    show(run)
    path.parent.mkdir(exist_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        runs = sorted([*runs_of(path), run], key=lambda r: [r[name] for name in key])
        path.write_text(json.dumps({**about, "runs": runs}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    finally:
        os.close(folder)
