"""Weights from other conventions to ours and back, exactly: gate order, transposition, and which memory a gate weighs.

Two libraries that compute the same cell may differ in three ways. They stack gates in another order; they store kernels
as (I, G*H); and their update gate may weigh the memory that ours does not. The last is a sign: as sigmoid(-v) is
1 - sigmoid(v), negating all parameters of that gate swaps the two memories. A negation does not round.

| cell | ours, as torch | Keras | lectures | update gate weighs |
|---|---|---|---|---|
| `lstm` | i f g o | i f c o | - | - |
| `gru` | r z n | z r h, `reset_after=True` | - | old memory here and in Keras |
| `gru_reset_before` | r z n | z r h, `reset_after=False` | u r c | old memory here and in Keras, new in the lectures |
| `gru_simple` | u n | - | u c | new memory here and in the lectures |
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from .._core.errors import InputError, ShapeError
from . import CELLS

Parameters = dict[str, Tensor]
"""One direction's tensors: "weight_ih" (G*H, I), "weight_hh" (G*H, H), "bias_ih" and "bias_hh" (G*H,)."""

# In our letters, in the other library's order.
_KERAS = {
    "rnn_tanh": ("h",),
    "rnn_relu": ("h",),
    "rnn_identity": ("h",),
    "lstm": ("i", "f", "g", "o"),
    "gru": ("z", "r", "n"),
    "gru_reset_before": ("z", "r", "n"),
}
_LECTURES = {"gru_reset_before": ("z", "r", "n"), "gru_simple": ("u", "n")}
_UPDATE = {"gru": "z", "gru_reset_before": "z", "gru_simple": "u"}


def reorder(parameters: Mapping[str, Tensor], order: Sequence[str], to: Sequence[str]) -> Parameters:
    """Restack the gates of parameters, which lie along dimension 0.

    Args:
        parameters: tensors (G*H, ...), any names.
        order: gate letters as they are stacked now.
        to: gate letters as they shall be.

    Returns:
        new tensors under the same names.

    Raises:
        InputError: the two orders do not have the same letters.
        ShapeError: a tensor's first dimension is no multiple of the number of gates.

    Example:
        >>> reorder({"bias": torch.tensor([1, 2])}, "zr", "rz")
        {'bias': tensor([2, 1])}
    """
    if sorted(order) != sorted(to):
        raise InputError(f"gates {tuple(order)} cannot become {tuple(to)}; the same letters expected")
    for name, tensor in parameters.items():
        if tensor.shape[0] % len(order):
            raise ShapeError(
                f"{name} has {tensor.shape[0]} rows; a multiple of {len(order)} gates {tuple(order)} expected"
            )
    index = [list(order).index(gate) for gate in to]
    return {name: torch.cat([v.chunk(len(order))[k] for k in index]) for name, v in parameters.items()}


def swap_memory(cell: str, parameters: Mapping[str, Tensor]) -> Parameters:
    """Make the update gate weigh the other memory: new where it weighed the old one, and the reverse.

    When to use: for weights that were trained with h_t = z n + (1 - z) h_{t-1} where the cell here has
    h_t = (1 - z) n + z h_{t-1}, or the other way round. Applied twice it gives the parameters back, bit for bit.

    Args:
        cell: "gru", "gru_reset_before" or "gru_simple".
        parameters: tensors (G*H, ...) in the cell's gate order, any names. Projections and peepholes are none of these.

    Raises:
        InputError: the cell has no update gate.

    Example:
        >>> swap_memory("gru_simple", {"bias_ih": torch.tensor([1.0, 2.0])})
        {'bias_ih': tensor([-1.,  2.])}
    """
    if cell not in _UPDATE:
        raise InputError(f"cell {cell!r} has no update gate; one of {', '.join(_UPDATE)} expected")
    gates = CELLS[cell].gates
    update = gates.index(_UPDATE[cell])
    return {
        name: torch.cat([-part if k == update else part for k, part in enumerate(v.chunk(len(gates)))])
        for name, v in parameters.items()
    }


def from_lectures(cell: str, parameters: Mapping[str, Tensor]) -> Parameters:
    """Take weights of the lectures' full GRU (gates u r c; U weighs the new memory) or simplified GRU (u c).

    Args:
        cell: "gru_reset_before" (the full one) or "gru_simple".
        parameters: tensors (G*H, ...) stacked in the lectures' order.

    Raises:
        InputError: another cell.
    """
    ours = reorder(parameters, _order(_LECTURES, cell, "lectures"), CELLS[cell].gates)
    return ours if cell == "gru_simple" else swap_memory(cell, ours)


def to_lectures(cell: str, parameters: Mapping[str, Tensor]) -> Parameters:
    """Give our weights as the lectures write them; the inverse of `from_lectures`."""
    order = _order(_LECTURES, cell, "lectures")
    theirs = dict(parameters) if cell == "gru_simple" else swap_memory(cell, parameters)
    return reorder(theirs, CELLS[cell].gates, order)


def from_keras(cell: str, weights: Sequence[Tensor]) -> Parameters:
    """Take the weights of a Keras layer.

    Args:
        cell: "rnn_tanh", "lstm", "gru" (`reset_after=True`), "gru_reset_before" (`reset_after=False`), ...
        weights: what `layer.get_weights()` returns, as tensors: kernel (I, G*H), recurrent kernel (H, G*H), and, where
            the layer has a bias, bias (G*H,), or (2, G*H) of a GRU with `reset_after=True`.

    Returns:
        "weight_ih", "weight_hh", "bias_ih"; "bias_hh" too for `gru`, since only there a second bias adds anything.

    Raises:
        InputError: Keras has no such cell, or not two or three tensors are given.
    """
    order = _order(_KERAS, cell, "Keras")
    if len(weights) not in (2, 3):
        raise InputError(f"{len(weights)} tensors given; kernel, recurrent kernel and perhaps bias expected")
    parameters = {"weight_ih": weights[0].T, "weight_hh": weights[1].T}
    if len(weights) == 3:
        names = ("bias_ih", "bias_hh") if weights[2].dim() == 2 else ("bias_ih",)
        parameters |= dict(zip(names, weights[2].reshape(len(names), -1), strict=True))
    return reorder(parameters, order, CELLS[cell].gates)


def to_keras(cell: str, parameters: Mapping[str, Tensor]) -> list[Tensor]:
    """Give our weights in the form that a Keras layer's `set_weights` takes; the inverse of `from_keras`.

    Two biases become one by addition, but for `gru` (`reset_after=True`), where Keras has two.
    """
    order = _order(_KERAS, cell, "Keras")
    theirs = reorder(parameters, CELLS[cell].gates, order)
    weights = [theirs["weight_ih"].T, theirs["weight_hh"].T]
    biases = [theirs[name] for name in ("bias_ih", "bias_hh") if name in theirs]
    if biases and cell == "gru":
        weights.append(torch.stack([biases[0], biases[1] if len(biases) == 2 else torch.zeros_like(biases[0])]))
    elif biases:
        weights.append(sum(biases[1:], biases[0]))
    return [tensor.contiguous() for tensor in weights]


def _order(table: Mapping[str, tuple[str, ...]], cell: str, whose: str) -> tuple[str, ...]:
    if cell not in table:
        raise InputError(f"cell {cell!r} has no counterpart in {whose}; one of {', '.join(table)} expected")
    return table[cell]
