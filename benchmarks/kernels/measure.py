"""Asks the runners in turn and keeps the medians."""

import math
import multiprocessing
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from kernels import others
from kernels.problem import Problem
from kernels.worker import serve

EQUAL = 1e-4  # relative L2 between float32 results of different libraries: a wrong gate is above 1e-2
SLOW = 8  # times the fastest: of a runner beyond this two rounds are enough to know it
DISTURBED = 0.15  # share of the processors that went to somebody else: above this a figure says nothing
PAUSE = 0.02  # seconds between two runners: the threads of the one that ran stop spinning


class DisturbedError(Exception):
    """The machine was not ours alone."""


@dataclass
class Runner:
    """The leader's end of a worker."""

    name: str
    process: Any
    pipe: Connection

    def ask(self, question: Any) -> Any:
        """Send a question and wait for the answer."""
        self.pipe.send(question)
        answer = self.pipe.recv()
        if isinstance(answer, Exception):
            raise RuntimeError(f"{self.name}: {answer!r}") from answer
        return answer


def start(
    names: list[str], threads: int, serve: Callable[[str, int, Connection], None] = serve
) -> tuple[dict[str, Runner], dict[str, str]]:
    """Start the runners; those whose library is missing stand in the second result with the reason."""
    context = multiprocessing.get_context("spawn")
    runners = {}
    for name in names:
        ours, theirs = context.Pipe()
        process = context.Process(target=serve, args=(name, threads, theirs), daemon=True)
        process.start()
        theirs.close()
        runners[name] = Runner(name, process, ours)
    missing = {name: reason for name, runner in runners.items() if (reason := runner.pipe.recv()) is not None}
    return {name: runner for name, runner in runners.items() if name not in missing}, missing


def measure(p: Problem, runners: dict[str, Runner], rounds: int) -> dict[str, Any]:
    """Run one problem on all runners that can, compare what they compute, and time them in turns.

    Raises:
        RuntimeError: two runners compute different things.
        DisturbedError: somebody else worked on the machine.
    """
    answers = {name: runner.ask(p) for name, runner in runners.items()}
    answers = {name: answer for name, answer in answers.items() if answer is not None}
    errors = {name: _error(p, answer["results"], answers["ostinato"]["results"]) for name, answer in answers.items()}
    wrong = {name: e for name, e in errors.items() if answers[name]["same"] and not e < EQUAL}
    seconds: dict[str, list[float]] = {name: [] for name in answers}
    peaks = []
    share, since = 0.0, others.Since(_cpu(runners, seconds))
    for round_ in range(0 if wrong else rounds):
        peaks.append(runners["ostinato"].ask("peak"))
        fastest = min((min(times) for times in seconds.values() if times), default=math.inf)
        for name, times in seconds.items():
            if round_ < 2 or min(times) < SLOW * fastest:
                time.sleep(PAUSE)
                times.append(runners[name].ask("time"))
        share, elapsed = since.share(_cpu(runners, seconds))
        if elapsed > 2 and share > DISTURBED:
            break  # it will not become better: do not spend the minutes
    for name in answers:
        runners[name].pipe.send("close")
    if wrong:
        raise RuntimeError(f"{p.cell} {p.kind}: relative L2 to ours {wrong}; below {EQUAL} expected")
    if share > DISTURBED:
        raise DisturbedError(f"{share:.0%} of the processors went to others; below {DISTURBED:.0%} expected")
    runs = []
    for name, times in seconds.items():
        took = statistics.median(times)
        runs.append(
            {
                "run": name,
                "note": answers[name]["note"],
                "ms": 1e3 * took,
                "gflops": p.operations / took / 1e9,
                "share_of_peak": p.operations / took / max(peaks),
                "megabytes": None if answers[name]["bytes"] is None else answers[name]["bytes"] / 1e6,
                "relative_l2_to_ours": errors[name],
                "same_function": answers[name]["same"],
            }
        )
    return {"peak_gflops": max(peaks) / 1e9, "share_of_others": share, "runs": runs}


def _cpu(runners: dict[str, Runner], names: Iterable[str]) -> float:
    """Processor seconds that the runners have used for this problem."""
    return sum(runners[name].ask("cpu") for name in names)


def _error(p: Problem, theirs: dict[str, np.ndarray], ours: dict[str, np.ndarray]) -> float:
    """The largest relative L2 over what both computed."""
    worst = 0.0
    for name, expected in ours.items():
        found = theirs[name]
        if name != "dweights":
            found, expected = found[p.alive], expected[p.alive]
        difference = np.linalg.norm((found.astype(np.float64) - expected).ravel())
        worst = max(worst, float(difference / np.linalg.norm(expected.astype(np.float64).ravel())))
    return worst


def stop(runners: dict[str, Runner]) -> None:
    """Let the runners end."""
    for runner in runners.values():
        runner.pipe.close()
        runner.process.join(10)
