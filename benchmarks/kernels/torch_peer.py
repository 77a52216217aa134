"""torch's own modules, time first."""

import torch

from kernels.problem import Problem
from kernels.run import Run
from kernels.torch_like import load, packed, padded

MODULES = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn_tanh": torch.nn.RNN}


def prepare(p: Problem, threads: int) -> Run | None:
    """Build the run on a tensor, padded where rows are ragged; None for a cell that torch does not have."""
    return None if p.cell not in MODULES else padded(_module(p, threads), p)


def prepare_packed(p: Problem, threads: int) -> Run | None:
    """Build the run on a packed batch; None where there is nothing to pack."""
    return None if p.cell not in MODULES or not p.shape.ragged else packed(_module(p, threads), p)


def _module(p: Problem, threads: int) -> torch.nn.Module:
    torch.set_num_threads(threads)
    s = p.shape
    module: torch.nn.Module = MODULES[p.cell](s.I, s.H, s.L, bidirectional=s.D == 2)
    load(module, p)
    return module
