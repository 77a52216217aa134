"""The cells once more, written another way: whole matrices acting on [x; h; 1], one row at a time, in numpy.

They share no line with `cells/`. With numpy's integers and identity activations they are exact, with float64 they are
the independent formulation that every mutant of the equations must differ from. `M[gate]` is (H, I + H + 1): W_i· and
W_h· side by side, and the sum of both biases in the last column; `M[gate_x]` and `M[gate_h]` hold only the one bias.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class Activations:
    """The same four functions as `cells.Functions`, on numpy arrays."""

    sigmoid: Callable[[Array], Array]
    tanh: Callable[[Array], Array]
    relu: Callable[[Array], Array]
    norm: Callable[[Array], Array]


Oracle = Callable[[Array, list[Array], dict[str, Array], dict[str, Array], Activations], list[Array]]
"""(x (I,), states [(H,), ...], M by gate, extra vectors, activations) -> new states."""


def _with_one(x: Array, h: Array) -> Array:
    return np.concatenate([x, h, np.ones(1, x.dtype)])


def _rnn(nonlinearity: str) -> Oracle:
    def step(x: Array, states: list[Array], M: dict[str, Array], p: dict[str, Array], F: Activations) -> list[Array]:
        v = M["h"] @ _with_one(x, states[0])
        return [getattr(F, nonlinearity)(v) if nonlinearity else v]

    return step


def _lstm(x: Array, states: list[Array], M: dict[str, Array], p: dict[str, Array], F: Activations) -> list[Array]:
    """Gers et al. 2000: the cell keeps a part of itself and writes a part of the candidate."""
    hidden, memory = states
    everything = _with_one(x, hidden)
    look_back = {gate: p[f"w_c{gate}"] * memory if p else 0 for gate in "if"}
    write = F.sigmoid(M["i"] @ everything + look_back["i"])
    keep = F.sigmoid(M["f"] @ everything + look_back["f"])
    memory = keep * memory + write * F.tanh(M["g"] @ everything)
    show = F.sigmoid(M["o"] @ everything + (p["w_co"] * memory if p else 0))
    return [show * F.tanh(F.norm(memory)), memory]


def _gru(x: Array, states: list[Array], M: dict[str, Array], p: dict[str, Array], F: Activations) -> list[Array]:
    """As torch's documentation: n = tanh(W_in x + b_in + r * (W_hn h + b_hn)), h' = n + z * (h - n)."""
    (old,) = states
    everything = _with_one(x, old)
    reset, keep = F.sigmoid(M["r"] @ everything), F.sigmoid(M["z"] @ everything)
    candidate = F.tanh(M["n_x"] @ _with_one(x, 0 * old) + reset * (M["n_h"] @ _with_one(0 * x, old)))
    return [candidate + keep * (old - candidate)]


def _gru_reset_before(
    x: Array, states: list[Array], M: dict[str, Array], p: dict[str, Array], F: Activations
) -> list[Array]:
    """Cho et al. 2014, eq. 5-8: the candidate sees x and the reset memory."""
    (old,) = states
    everything = _with_one(x, old)
    reset, keep = F.sigmoid(M["r"] @ everything), F.sigmoid(M["z"] @ everything)
    candidate = F.tanh(M["n"] @ _with_one(x, reset * old))
    return [candidate + keep * (old - candidate)]


def _gru_simple(x: Array, states: list[Array], M: dict[str, Array], p: dict[str, Array], F: Activations) -> list[Array]:
    """The lectures' A' = U * A~ + (1 - U) * A, written as a step from A towards A~."""
    (old,) = states
    everything = _with_one(x, old)
    update, candidate = F.sigmoid(M["u"] @ everything), F.tanh(M["n"] @ everything)
    return [old + update * (candidate - old)]


ORACLES: dict[str, Oracle] = {
    "rnn_tanh": _rnn("tanh"),
    "rnn_relu": _rnn("relu"),
    "rnn_identity": _rnn(""),
    "lstm": _lstm,
    "lstm_peephole": _lstm,
    "gru": _gru,
    "gru_reset_before": _gru_reset_before,
    "gru_simple": _gru_simple,
}


def run_oracle(
    oracle: Oracle,
    gates: tuple[str, ...],
    x: list[Array],
    states: list[Array],
    parameters: dict[str, Array],
    extra: dict[str, Array],
    F: Activations,
    reverse: bool = False,
) -> tuple[list[Array], list[Array]]:
    """Walk one row.

    Args:
        oracle: the cell.
        gates: in the order in which `parameters` stack them.
        x: the row's inputs, (I,) each.
        states: its initial states, (H,) each.
        parameters: "ih" (G*H, I), "hh" (G*H, H), "b_ih" and "b_hh" (G*H,).
        extra: the cell's extra vectors.
        F: activations.
        reverse: whether to walk from the last input to the first.

    Returns:
        outputs: one (H,) an input, in the inputs' order.
        states: after the walk.
    """
    H = states[0].shape[0]
    M: dict[str, Array] = {}
    for k, gate in enumerate(gates):
        ih, hh, b_ih, b_hh = (parameters[name][k * H : (k + 1) * H] for name in ("ih", "hh", "b_ih", "b_hh"))
        M[gate] = np.column_stack([ih, hh, b_ih + b_hh])
        M[f"{gate}_x"] = np.column_stack([ih, hh, b_ih])
        M[f"{gate}_h"] = np.column_stack([ih, hh, b_hh])
    outputs = []
    for x_t in reversed(x) if reverse else x:
        states = oracle(x_t, states, M, extra, F)
        outputs.append(states[0])
    return (outputs[::-1] if reverse else outputs), states
