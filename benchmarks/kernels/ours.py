"""Ostinato's modules, as a user calls them. Its backend is asserted: a fallback would be timed as ours."""

import time

import torch

from kernels.problem import Problem
from kernels.run import Run
from kernels.torch_like import load, packed, padded
from ostinato.kernels import ran
from ostinato.kernels.native.library import library
from ostinato.nn import Recurrent


def prepare(p: Problem, threads: int) -> Run:
    """Build the run."""
    torch.set_num_threads(threads)
    s = p.shape
    module = Recurrent(p.cell, s.I, s.H, num_layers=s.L, bidirectional=s.D == 2, backend="native")
    load(module, p)
    run = packed(module, p) if s.ragged else padded(module, p)
    with ran() as names:
        run.call()
    if set(names) != {"native"}:
        raise RuntimeError(f"ran on {names}; native expected")
    return run


def peak(threads: int) -> float:
    """Measure the processor's limit, in FLOP/s: multiply-adds on registers and nothing else."""
    best = 0.0
    for _ in range(10):
        begin = time.perf_counter()
        operations = library().ostinato_burn(threads)
        best = max(best, operations / (time.perf_counter() - begin))
    return best
