"""A runner: a process of its own that answers the leader over a pipe. `docs/decisions/0011` says why."""

import dataclasses
import importlib
import os
import statistics
import time
from multiprocessing.connection import Connection
from typing import Any

from forecasters.problem import PROBLEMS
from kernels import memory

# name -> module, class, series a batch
RUNNERS: dict[str, tuple[str, str, int | None]] = {
    "ostinato": ("forecasters.ours", "Ours", None),
    "neuralforecast, 32 series a batch": ("forecasters.neuralforecast_peer", "Peer", 32),
    "neuralforecast, 1 series a batch": ("forecasters.neuralforecast_peer", "Peer", 1),
}
# What times are read from. A process' own time says little of several threads, and much of one beside other work.
CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}
SECONDS, LEAST = 0.5, 20  # of repeated predictions in one round, and how many there are at least


def serve(name: str, threads: int, pipe: Connection) -> None:
    """Answer the leader until it closes the pipe. The first message says what is missing, or None."""
    os.environ["OMP_NUM_THREADS"] = str(threads)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    module, kind, per_batch = RUNNERS[name]
    try:
        make = getattr(importlib.import_module(module), kind)
    except ImportError as error:
        pipe.send(f"{error}")
        return
    pipe.send(None)
    runner: Any = None
    while True:
        try:
            what, value = pipe.recv()
        except EOFError:
            return
        try:
            if what == "open":
                runner = make(PROBLEMS[value], threads, per_batch)
                pipe.send(None)
            else:
                pipe.send(ANSWERS[what](runner, value))
        except Exception as error:
            pipe.send(error)


def _check(runner: Any, epochs: int) -> dict[str, Any]:
    """Train for long and measure what was learned on the test part."""
    p = runner.problem
    runner.problem = dataclasses.replace(p, epochs=epochs)
    runner.fit()
    runner.problem = p
    return {"error": p.error(runner.forecasts()), "parameters": runner.parameters()}


def _fit(runner: Any, clock: str) -> dict[str, float]:
    """Seconds of one fit, and what memory it added at most."""
    before = memory.resident() or 0.0
    memory.forget_peak()
    begin = CLOCKS[clock]()
    runner.fit()
    seconds = CLOCKS[clock]() - begin
    return {"seconds": seconds, "megabytes": ((memory.peak() or 0.0) - before) / 1e6}


def _predict(runner: Any, asked: tuple[str, str]) -> float:
    """The median of repeated calls; the first does not count."""
    what, clock = asked
    call, now = runner.calls()[what], CLOCKS[clock]
    call()
    times: list[float] = []
    until = time.perf_counter() + SECONDS
    while len(times) < LEAST or time.perf_counter() < until:
        begin = now()
        call()
        times.append(now() - begin)
        if time.perf_counter() > until + 2 * SECONDS:
            break
    return statistics.median(times)


def _warm(runner: Any, _: Any) -> None:
    """Fit once, uncounted, on a hundredth of a problem: what a library loads late is loaded then."""
    p = runner.problem
    short = dataclasses.replace(PROBLEMS["hour"], windows=4096, look_back=8, units=p.units)
    runner.fit(short)


ANSWERS = {"check": _check, "fit": _fit, "predict": _predict, "warm": _warm, "cpu": lambda *_: time.process_time()}
