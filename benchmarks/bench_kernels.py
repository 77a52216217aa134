"""Ours beside torch, Keras (on JAX and on torch), ONNX Runtime and OpenVINO: the same weights, interleaved medians.

    scripts/bench kernels                                   # everything: about 15 minutes, alone on the machine
    scripts/bench kernels --cells lstm --shapes imdb,small  # a part; it replaces that part of the results
    scripts/bench kernels --resume --minutes 2.5            # goes on where the last call stopped

Counted work: 2 G H (I + H) floating-point operations a real token forward, three times that with backward, so that the
padding of a ragged batch counts for nobody. Each runner is a process of its own, of which one computes at a time;
results are compared before anything is timed. docs/decisions/0011 says why so, docs/guide/speed.md what came out.
"""

import argparse
import datetime
import json
import time
from pathlib import Path
from typing import Any

from kernels.measure import DisturbedError, measure, start, stop
from kernels.problem import KINDS, SHAPES, Problem
from kernels.worker import RUNNERS
from machine import installed, machine
from ostinato.kernels.native import instruction_set, missing

RESULTS = Path(__file__).parent / "results" / "kernels.json"
CELLS = ("lstm", "gru", "gru_reset_before", "rnn_tanh")
PACKAGES = ("keras", "jax", "onnxruntime", "openvino")


def about(threads: int) -> dict[str, Any]:
    """The machine, and the versions of everybody."""
    return {**machine(), "threads": threads, "native": instruction_set(), **installed(PACKAGES)}


def show(case: dict[str, Any], seconds: float) -> None:
    """Print one case, and how long it took to measure."""
    ours = next(run["ms"] for run in case["runs"] if run["run"] == "ostinato")
    print(
        f"{case['cell']} {case['shape']} {case['kind']}: peak {case['peak_gflops']:.0f} GFLOP/s, took {seconds:.1f} s, "
        f"others had {case['share_of_others']:.1%} of the processors"
    )
    for run in case["runs"]:
        memory = "" if run["megabytes"] is None else f"{run['megabytes']:8.1f} MB"
        print(
            f"  {run['run']:15} {run['ms']:10.3f} ms {run['gflops']:7.1f} GFLOP/s {run['share_of_peak']:6.1%} of peak "
            f"x{run['ms'] / ours:6.2f} {memory}  {run['relative_l2_to_ours']:.1e} {run['note']}",
            flush=True,
        )


def main() -> None:
    """Parse the command line, measure case by case, write each as soon as it is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", default=",".join(CELLS))
    parser.add_argument("--shapes", default=",".join(SHAPES))
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--peers", default=",".join(RUNNERS), help="names, or none")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--resume", action="store_true", help="skip what the results already have")
    parser.add_argument("--minutes", type=float, help="begin no case after this")
    parser.add_argument("--json", type=Path, default=RESULTS)
    options = parser.parse_args()
    if (reason := missing()) is not None:
        raise SystemExit(reason)
    begin, machine_ = time.monotonic(), about(options.threads)
    cases: dict[tuple[str, str, str], dict[str, Any]] = {}
    if options.json.exists():
        found = json.loads(options.json.read_text())
        if found["machine"] == machine_:  # figures of another machine or version do not stand in one table
            cases = {(c["cell"], c["shape"], c["kind"]): c for c in found["cases"]}
    wanted = [
        (cell, shape, kind)
        for cell in options.cells.split(",")
        for shape in options.shapes.split(",")
        for kind in options.kinds.split(",")
        if not (options.resume and (cell, shape, kind) in cases)
    ]
    peers = [] if options.peers == "none" else options.peers.split(",")
    runners, absent = start(["ostinato", *(name for name in peers if name != "ostinato")], options.threads)
    for name, reason in absent.items():
        print(f"without {name}: {reason}")
    longest = 0.0
    for done, (cell, shape, kind) in enumerate(wanted):
        started = time.monotonic()
        if options.minutes is not None and started - begin + longest > 60 * options.minutes:
            print(f"{len(wanted) - done} cases are left: the same command with --resume goes on")
            break
        case = {"cell": cell, "shape": shape, "kind": kind}
        case |= {"date": datetime.date.today().isoformat(), "missing": sorted(absent)}
        try:
            case |= measure(Problem(cell, SHAPES[shape], kind), runners, options.rounds)
        except DisturbedError as disturbed:
            print(f"{cell} {shape} {kind}: {disturbed}; not stored: the same command with --resume measures it again")
            continue
        show(case, time.monotonic() - started)
        cases[cell, shape, kind] = case
        longest = max(longest, time.monotonic() - started)
        ordered = sorted(cases.values(), key=lambda c: (*map(_place, (CELLS, tuple(SHAPES), KINDS), _key(c)),))
        options.json.parent.mkdir(exist_ok=True)
        options.json.write_text(json.dumps({"machine": machine_, "cases": ordered}, indent=1) + "\n", encoding="utf-8")
    stop(runners)


def _key(case: dict[str, Any]) -> tuple[str, str, str]:
    return case["cell"], case["shape"], case["kind"]


def _place(order: tuple[str, ...], name: str) -> int:
    return order.index(name) if name in order else len(order)


if __name__ == "__main__":
    main()
