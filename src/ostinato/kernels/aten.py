"""The `torch` backend: ATen's kernels (oneDNN, cuDNN, MIOpen) for the cells that torch has.

On the CPU the packed form of these kernels is slow: LSTM leaves oneDNN for it, and backward costs steps x tokens (the
gradient of each step's slice of the input product has full size). So on the CPU the batch is cut into runs of steps in
which the same rows are alive, each one dense call with the state carried over: the same numbers, no padding, and at
most a call a row. Measured on a machine with AVX-512, float32, 128 inputs, 128 units, 32 rows of 15 to 500 steps, 2
threads: LSTM inference 92 -> 26 ms, training 743 -> 193 ms; up to 200 steps, 1 thread: GRU training 203 -> 83 ms,
inference equal.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from ..cells import Cell
from .backend import Backend
from .layer import Layer, Weights

_VF: Any = torch._VF  # where torch.nn.LSTM finds its kernels too
_FUNCTIONS: dict[str, Any] = {"rnn_tanh": _VF.rnn_tanh, "rnn_relu": _VF.rnn_relu, "lstm": _VF.lstm, "gru": _VF.gru}


class Aten(Backend):
    """Runs torch's own kernels."""

    name = "torch"

    def why_not(self, cell: Cell, layer: Layer) -> str | None:
        """Refuse cells and options that torch's kernels do not have."""
        if cell.name not in _FUNCTIONS:
            return f"torch has no kernel for cell {cell.name!r} (it has {', '.join(_FUNCTIONS)})"
        if layer.recurrent_mask is not None:
            return "torch's kernels have no recurrent dropout"
        if layer.zoneout is not None:
            return "torch's kernels have no zoneout"
        if any(w.norm is not None for w in layer.weights):
            return "torch's kernels have no layer normalisation"
        if cell.name != "lstm" and any(w.hr is not None for w in layer.weights):
            return f"torch projects the output of 'lstm' alone, not of {cell.name!r}"
        return None

    def _forward(self, cell: Cell, layer: Layer) -> tuple[list[Tensor], tuple[Tensor, ...]]:
        D, B = len(layer.weights), layer.states[0].shape[1]
        if layer.x.shape[0] == 0:
            return [layer.x.new_zeros(0, layer.states[0].shape[2]) for _ in range(D)], layer.states
        if layer.x.device.type == "cpu" or int(layer.batch_sizes[0]) < B:
            runs = [_direction(cell, layer, d) for d in range(D)]
            return [output for output, _ in runs], tuple(
                torch.cat(state) for state in zip(*(s for _, s in runs), strict=True)
            )
        flat = [tensor for w in layer.weights for tensor in _flat(w)]
        x, bias = layer.x.contiguous(), _bias(layer.weights[0])
        with _quiet(layer.weights[0]):
            output, *states = _FUNCTIONS[cell.name](
                x, layer.batch_sizes, _hx(layer.states), flat, bias, 1, 0.0, _train(), D == 2
            )
        return list(output.chunk(D, -1)), tuple(states)


def _direction(cell: Cell, layer: Layer, d: int) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Run one direction, a dense call for each run of steps with the same rows; states are (1, B, ·)."""
    w, x = layer.weights[d], layer.x.contiguous()
    flat, bias, reverse = _flat(w), _bias(w), d == 1
    initial = tuple(state[d : d + 1] for state in layer.states)
    state = tuple(s[:, :0] for s in initial) if reverse else initial
    outputs: list[Tensor] = []
    left: list[tuple[Tensor, ...]] = []  # states of rows that have ended
    runs = _runs(layer)
    for start, n, b in reversed(runs) if reverse else runs:
        rows = state[0].shape[1]
        if b > rows:
            state = tuple(torch.cat([s, s0[:, rows:b]], 1) for s, s0 in zip(state, initial, strict=True))
        elif b < rows:
            left.append(tuple(s[:, b:] for s in state))
            state = tuple(s[:, :b] for s in state)
        steps = x[start : start + n * b].view(n, b, -1)
        with _quiet(w):
            output, *new = _FUNCTIONS[cell.name](
                steps.flip(0) if reverse else steps, _hx(state), flat, bias, 1, 0.0, _train(), False, False
            )
        outputs.append((output.flip(0) if reverse else output).reshape(n * b, -1))
        state = tuple(new)
    if reverse:  # rows of length zero never joined
        outputs.reverse()
        left.append(tuple(s0[:, state[0].shape[1] :] for s0 in initial))
    final = tuple(torch.cat([s, *(part[k] for part in reversed(left))], 1) for k, s in enumerate(state))
    return torch.cat(outputs) if len(outputs) > 1 else outputs[0], final


def _runs(layer: Layer) -> list[tuple[int, int, int]]:
    """Cut the steps into runs (first token, steps, rows) in which the same rows are alive."""
    runs: list[tuple[int, int, int]] = []
    for start, rows in layer.spans():
        if runs and runs[-1][2] == rows:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1, rows)
        else:
            runs.append((start, 1, rows))
    return runs


def _hx(states: tuple[Tensor, ...]) -> Any:
    """The states as torch's kernels take them: contiguous, a tuple only for LSTM."""
    contiguous = tuple(state.contiguous() for state in states)
    return contiguous if len(contiguous) > 1 else contiguous[0]


def _train() -> bool:
    # No dropout happens in here, so all that "train" means is: keep what backward needs. A model in eval mode may still
    # be asked for gradients (a saliency map, say).
    return torch.is_grad_enabled()


@contextmanager
def _quiet(w: Weights) -> Iterator[None]:
    """Silence what nobody here can act on: no oneDNN for a projected LSTM, cuDNN's wish for weights in one piece."""
    if w.hr is None and w.ih.is_cpu:
        yield
        return
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "LSTM with projections is not supported with oneDNN")
        warnings.filterwarnings("ignore", "RNN module weights are not part of single contiguous chunk of memory")
        yield


def _bias(w: Weights) -> bool:
    return w.b_ih is not None or w.b_hh is not None


def _flat(w: Weights) -> list[Tensor]:
    """One direction's tensors in torch's order; a missing second bias is zeros."""
    flat = [w.ih, w.hh]
    if _bias(w):
        flat += [w.ih.new_zeros(w.ih.shape[0]) if bias is None else bias for bias in (w.b_ih, w.b_hh)]
    if w.hr is not None:
        flat.append(w.hr)
    return [tensor.contiguous() for tensor in flat]
