"""`Forecaster` beside neuralforecast's `LSTM`: the same network, data, windows a batch and number of gradient steps.

    scripts/bench forecasters check      # trains for long and compares what was learned on the test part; minutes
    scripts/bench forecasters time       # seconds to fit, milliseconds to predict; alone on the machine
    scripts/bench forecasters time --threads 1    # the same in processor time, which other work disturbs less

It needs the peer: `pip install -c constraints.txt -e .[bench-forecast]`. Each runner is a process of its own, of which
one computes at a time; figures are medians of interleaved rounds. Nothing is timed before `check` has found that all
learn alike.
"""

import argparse
import datetime
import json
import statistics
import time
from pathlib import Path
from typing import Any

from forecasters.problem import PROBLEMS
from forecasters.worker import RUNNERS, serve
from kernels.measure import DISTURBED, PAUSE, SLOW, Runner, start, stop
from kernels.others import Since
from machine import installed, machine

RESULTS = Path(__file__).parent / "results" / "forecasters.json"
PACKAGES = ("neuralforecast", "pytorch-lightning", "pandas")
EPOCHS = {"hour": 8, "columns": 8, "weeks": 2, "large": 2}  # of `check`
ALIKE = 1.15  # a test error this many times the least one is not the same learning


def check(name: str, runners: dict[str, Runner]) -> dict[str, Any]:
    """Train a problem for long; the test errors of all."""
    problem = PROBLEMS[name]
    found = {}
    for run, runner in runners.items():
        runner.ask(("open", name))
        found[run] = runner.ask(("check", EPOCHS[name]))
        print(f"{name}: {run}: {found[run]}", flush=True)
    return {"epochs": EPOCHS[name], "naive": problem.naive(), "runs": found}


def measure(name: str, runners: dict[str, Runner], rounds: int, clock: str) -> dict[str, Any]:
    """Time a problem in turns."""
    for runner in runners.values():
        runner.ask(("open", name))
        runner.ask(("warm", None))
    fits: dict[str, list[dict[str, float]]] = {run: [] for run in runners}
    calls: dict[str, dict[str, list[float]]] = {run: {"one": [], "all": []} for run in runners}
    since = Since(_cpu(runners))
    for round_ in range(rounds):
        fastest = min((min(f["seconds"] for f in each) for each in fits.values() if each), default=float("inf"))
        for run, runner in runners.items():
            if round_ < 2 or min(f["seconds"] for f in fits[run]) < SLOW * fastest:
                time.sleep(PAUSE)
                fits[run].append(runner.ask(("fit", clock)))
        for what in ("one", "all"):
            for run, runner in runners.items():
                time.sleep(PAUSE)
                calls[run][what].append(runner.ask(("predict", (what, clock))))
    share, _ = since.share(_cpu(runners))
    found = {}
    for run in runners:
        found[run] = {
            "fit_s": statistics.median(f["seconds"] for f in fits[run]),
            "fit_megabytes": statistics.median(f["megabytes"] for f in fits[run]),
            **{f"{what}_ms": 1e3 * statistics.median(times) for what, times in calls[run].items()},
        }
        print(f"{name}: {run}: {json.dumps(found[run])}", flush=True)
    return {"rounds": rounds, "clock": clock, "share_of_others": share, "runs": found}


def _cpu(runners: dict[str, Runner]) -> float:
    return sum(runner.ask(("cpu", None)) for runner in runners.values())


def about(threads: int) -> dict[str, Any]:
    """The machine, and the versions of the peer."""
    return {**machine(), "threads": threads, **installed(PACKAGES)}


def main() -> None:
    """Check or time, case by case; each is written as soon as it is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("check", "time"))
    parser.add_argument("cases", nargs="*", help=f"some of {', '.join(PROBLEMS)}")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path, default=RESULTS)
    options = parser.parse_args()
    found: dict[str, Any] = json.loads(options.json.read_text()) if options.json.exists() else {"cases": {}}
    runners, missing = start(list(RUNNERS), options.threads, serve)
    for name, reason in missing.items():
        print(f"without {name}: {reason}")
    for name in options.cases or list(PROBLEMS):
        problem, case = PROBLEMS[name], found["cases"].setdefault(name, {})
        own = {run: r for run, r in runners.items() if len(problem.series) > 1 or not run.endswith("1 series a batch")}
        if options.what == "check":
            case["learned"] = check(name, own)
        else:
            learned = case.get("learned", {}).get("runs", {})
            errors = [each["error"] for each in learned.values()]
            if set(learned) != set(own) or max(errors) > ALIKE * min(errors):
                print(f"{name}: not timed: {learned or 'not checked'}; expected test errors alike: run check first")
                continue
            clock = "processor" if options.threads == 1 else "wall"
            taken = measure(name, own, options.rounds, clock)
            if clock == "wall" and taken["share_of_others"] > DISTURBED:
                print(f"{name}: {taken['share_of_others']:.0%} of the processors went to others; not stored")
                continue
            case |= {"taken": taken, "date": datetime.date.today().isoformat()}
            found["machine"] = about(options.threads)
        case |= {"about": problem.about, "steps": problem.steps, "series": len(problem.series)}
        ordered = {key: found["cases"][key] for key in PROBLEMS if key in found["cases"]}
        options.json.write_text(json.dumps(found | {"cases": ordered}, indent=1) + "\n", encoding="utf-8")
    stop(runners)


if __name__ == "__main__":
    main()
