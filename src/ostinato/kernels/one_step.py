"""One step by itself: torch's cell kernels for few rows, a layer of one step for many.

Our kernels pack the weights at each call, which costs as much as the products of some tens of rows. So for fewer rows
torch's own cells are faster, wherever they exist. (`native.stepper` packs once, for weights that stay.)
"""

from typing import Any

import torch
from torch import Tensor

from ..cells import Cell
from .backend import demanded_around, record
from .choice import choose, explain
from .layer import Layer, Weights

_VF: Any = torch._VF  # where torch.nn.LSTMCell finds its kernels too
_FUNCTIONS: dict[str, Any] = {
    "rnn_tanh": _VF.rnn_tanh_cell,
    "rnn_relu": _VF.rnn_relu_cell,
    "lstm": _VF.lstm_cell,
    "gru": _VF.gru_cell,
}
ROWS = 64
"""From how many rows on a layer of one step is faster: measured by benchmarks/bench_calls.py, H 64 to 512."""


def step(cell: Cell, x: Tensor, states: tuple[Tensor, ...], weights: Weights) -> tuple[Tensor, ...]:
    """Take one step, differentiable by autograd.

    Args:
        cell: a cell without extra vectors.
        x: (B, I).
        states: one (B, H) tensor a state of the cell.
        weights: of one direction; b_ih and b_hh both or neither.

    Returns:
        the states after it.
    """
    if _by_torch(cell, x):
        record("torch", x.shape[0])
        given = states if len(states) > 1 else states[0]
        new = _FUNCTIONS[cell.name](x, given, weights.ih, weights.hh, weights.b_ih, weights.b_hh)
        return new if len(states) > 1 else (new,)
    layer = _layer(x, states, weights)
    (h,), finals = choose(cell, layer).forward(cell, layer, asked=True)
    return (h, *(final.squeeze(0) for final in finals[1:]))


def explain_step(cell: Cell, x: Tensor, states: tuple[Tensor, ...], weights: Weights) -> list[tuple[str, str | None]]:
    """List every backend, best first, with the reason why it does not take the step, or None where it can."""
    reasons = dict(explain(cell, _layer(x, states, weights)))
    if _by_torch(cell, x) and reasons["native"] is None:
        rows = x.shape[0]
        reasons["native"] = f"for {rows} rows packing the weights would cost more than it saves; it pays from {ROWS} on"
    return list(reasons.items())


def _by_torch(cell: Cell, x: Tensor) -> bool:
    return x.shape[0] < ROWS and cell.name in _FUNCTIONS and demanded_around()[0] is None


def _layer(x: Tensor, states: tuple[Tensor, ...], weights: Weights) -> Layer:
    return Layer(x, torch.full((1,), x.shape[0]), (weights,), tuple(state[None] for state in states))
