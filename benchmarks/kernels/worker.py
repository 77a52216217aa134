"""A runner in a process of its own, which computes when it is asked and sleeps otherwise.

The library is imported once; each problem then runs in a fork, so that no pool or compiled function of an earlier one
counts in its memory or helps its time.
"""

import importlib
import os
import time
from multiprocessing.connection import Connection
from typing import Any

from kernels import memory
from kernels.problem import Problem

# Name: module, function, what the environment must say before the import.
RUNNERS: dict[str, tuple[str, str, dict[str, str]]] = {
    "ostinato": ("kernels.ours", "prepare", {}),
    "torch": ("kernels.torch_peer", "prepare", {}),
    "torch packed": ("kernels.torch_peer", "prepare_packed", {}),
    "Keras on JAX": ("kernels.keras_jax", "prepare", {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}),
    "Keras on torch": ("kernels.keras_torch", "prepare", {"KERAS_BACKEND": "torch"}),
    "ONNX Runtime": ("kernels.onnxruntime_peer", "prepare", {}),
    "OpenVINO": ("kernels.openvino_peer", "prepare", {}),
}
ENOUGH = 0.02  # seconds: shorter calls are repeated
LONG = 0.2  # seconds: a longer call is timed at once


def serve(name: str, threads: int, pipe: Connection) -> None:
    """Answer the leader until it closes the pipe. The first message says what is missing, or None."""
    module, function, environment = RUNNERS[name]
    os.environ.update(environment, OMP_NUM_THREADS=str(threads))
    if hasattr(os, "sched_setaffinity"):  # what cannot be told its threads counts the processors it may use
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    try:
        prepare = getattr(importlib.import_module(module), function)
    except ImportError as error:
        pipe.send(f"{error}")
        return
    pipe.send(None)
    while (problem := _receive(pipe)) is not None:
        child = os.fork()
        if child == 0:
            try:
                _answer(prepare, problem, threads, pipe)
            except BaseException as error:
                pipe.send(error if isinstance(error, Exception) else RuntimeError(repr(error)))
            finally:
                os._exit(0)
        os.waitpid(child, 0)


def _receive(pipe: Connection) -> Any:
    try:
        return pipe.recv()
    except EOFError:
        return None


def _answer(prepare: Any, problem: Problem, threads: int, pipe: Connection) -> None:
    """Prepare the problem, send what it computes, then answer until "close"."""
    before = memory.resident()
    run = prepare(problem, threads)
    if run is None:
        pipe.send(None)
        return
    results = run.read(run.call())  # the first call compiles
    memory.forget_peak()
    run.call()
    most = memory.peak()
    used = None if before is None or most is None else most - before
    pipe.send({"results": results, "bytes": used, "note": run.note, "same": run.same})
    del results
    answers = {"time": lambda: _time(run.call), "peak": lambda: _peak(threads), "cpu": time.process_time}
    while (asked := _receive(pipe)) not in (None, "close"):
        pipe.send(answers[asked]())


def _time(call: Any) -> float:
    """Seconds a call. The first, which wakes the threads and fills the caches, counts only where that is nothing."""
    begin = time.perf_counter()
    call()
    if (first := time.perf_counter() - begin) > LONG:
        return first
    begin, count = time.perf_counter(), 0
    while count == 0 or time.perf_counter() - begin < ENOUGH:
        call()
        count += 1
    return (time.perf_counter() - begin) / count


def _peak(threads: int) -> float:
    from kernels.ours import peak

    return peak(threads)
