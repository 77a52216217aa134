"""What a call costs, in microseconds: a cell by rows, and a small layer eagerly and as an operation. One thread.

    python benchmarks/bench_calls.py --json results.json

A cell: one step of an LSTM by torch's kernels and by ours, which pack the weights each time. The small layer: LSTM,
T 24, B 64, I 3, H 12 forward and backward, by the autograd.Function that runs eagerly and by the operation that a
compiled graph holds (docs/decisions/0010). Medians of rounds of calls, in turns. A stream's step: bench_step.py.
"""

import argparse
import contextlib
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from machine import machine
from ostinato import kernels, nn
from ostinato.kernels.native import missing
from ostinato.kernels.native.operator import layer as operation


def cell_of_rows(B: int, H: int) -> dict[str, Callable[[], Any]]:
    """A cell by torch's kernels and by ours: `kernels.one_step` takes ours from 64 rows on."""
    cell, x = nn.LSTMCell(H, H), torch.randn(B, H)

    def by(backend: str | None) -> None:
        with torch.no_grad(), kernels.use("native") if backend else contextlib.nullcontext():
            cell(x)

    def trained(backend: str | None) -> None:
        with kernels.use("native") if backend else contextlib.nullcontext():
            cell(x)[0].sum().backward()

    torchs = torch.nn.LSTMCell(H, H)
    return {
        "torch": torch.no_grad()(lambda: torchs(x)),
        "native": lambda: by("native"),
        "torch, training": lambda: torchs(x)[0].sum().backward(),
        "native, training": lambda: trained("native"),
        "chosen": lambda: by(None),
        "chosen, training": lambda: trained(None),
    }


def small_layer() -> dict[str, Callable[[], Any]]:
    """Forward and backward of a layer so small that the call itself counts."""
    T, B, size, H = 24, 64, 3, 12
    layer = nn.LSTM(size, H)
    x, sizes = torch.randn(T, B, size), torch.full((T,), B)
    tensors = [x.view(T * B, size), torch.zeros(1, B, H), torch.zeros(1, B, H), *layer.parameters()]
    given = [True] * len(tensors) + [False]
    gradient = torch.ones(T * B, H)

    def eagerly() -> None:
        layer(x)[0].view(T * B, H).backward(gradient)

    def as_operation() -> None:
        operation(tensors, given, sizes, "lstm", 1, True)[0].backward(gradient)

    def torchs() -> None:
        other(x)[0].view(T * B, H).backward(gradient)

    other = torch.nn.LSTM(size, H)
    return {"our module, eagerly": eagerly, "the operation alone": as_operation, "torch module": torchs}


def medians(calls: dict[str, Callable[[], Any]], rounds: int, times: int) -> dict[str, float]:
    """Median microseconds a call."""
    found: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds + 1):
        for name, call in calls.items():
            start = time.perf_counter()
            for _ in range(times):
                call()
            found[name].append(1e6 * (time.perf_counter() - start) / times)
    return {name: statistics.median(each[1:]) for name, each in found.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    if (reason := missing()) is not None:
        raise SystemExit(reason)
    torch.set_num_threads(1)
    results: dict[str, Any] = {"machine": machine(), "microseconds": {}}
    for H in (64, 128, 512):
        for B in (8, 32, 64, 128):
            calls = cell_of_rows(B, H)
            results["microseconds"][f"LSTMCell, B {B}, H {H}"] = medians(calls, arguments.rounds, 5 if H == 512 else 20)
    results["microseconds"]["training a small lstm"] = medians(small_layer(), arguments.rounds, 100)
    for what, found in results["microseconds"].items():
        print(what, {name: round(each, 1) for name, each in found.items()})
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
