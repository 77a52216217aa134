"""Conversions are exact, both ways; the lectures' full and simplified GRU come out as their formulas say."""

import pytest
import torch
from torch import Tensor

from ostinato._core.errors import InputError, ShapeError
from ostinato.cells import CELLS
from ostinato.cells.convert import from_keras, from_lectures, reorder, swap_memory, to_keras, to_lectures
from ostinato.kernels import Layer, Weights
from ostinato.kernels.reference import Reference
from ostinato.testing import rel_l2

T, H = 3, 4
I = 2  # noqa: E741


def _draw(gates: int) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(0)
    shapes = {"weight_ih": (gates * H, I), "weight_hh": (gates * H, H), "bias_ih": (gates * H,)}
    return {name: torch.randn(s, generator=generator, dtype=torch.float64) for name, s in shapes.items()}


def _ours(name: str, parameters: dict[str, Tensor], x: Tensor) -> Tensor:
    weights = Weights(parameters["weight_ih"], parameters["weight_hh"], parameters["bias_ih"])
    layer = Layer(x, torch.ones(T, dtype=torch.int64), (weights,), (torch.zeros(1, 1, H, dtype=torch.float64),))
    (output,), _ = Reference().forward(CELLS[name], layer)
    return output


def _lectures(parameters: dict[str, Tensor], x: Tensor, reset: bool) -> Tensor:
    """The lectures' equations as they stand: U weighs the NEW memory; R resets the memory before the product."""
    count = 3 if reset else 2
    w_X, w_A, b = (parameters[name].chunk(count) for name in ("weight_ih", "weight_hh", "bias_ih"))
    A, outputs = torch.zeros(H, dtype=torch.float64), []
    for X in x:
        U = torch.sigmoid(w_A[0] @ A + w_X[0] @ X + b[0])
        R = torch.sigmoid(w_A[1] @ A + w_X[1] @ X + b[1]) if reset else 1.0
        candidate = torch.tanh(w_A[-1] @ (R * A) + w_X[-1] @ X + b[-1])
        A = U * candidate + (1 - U) * A
        outputs.append(A)
    return torch.stack(outputs)


@pytest.mark.parametrize(("name", "reset"), [("gru_reset_before", True), ("gru_simple", False)])
def test_lectures_formulas(name: str, reset: bool) -> None:
    theirs = _draw(3 if reset else 2)
    x = torch.randn(T, I, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    assert rel_l2(_ours(name, from_lectures(name, theirs), x), _lectures(theirs, x, reset)) < 1e-14
    back = to_lectures(name, from_lectures(name, theirs))
    assert all(torch.equal(back[key], theirs[key]) for key in theirs)


@pytest.mark.parametrize("name", ["gru", "gru_reset_before", "gru_simple"])
def test_swap_memory_twice_is_nothing(name: str) -> None:
    parameters = _draw(len(CELLS[name].gates))
    once = swap_memory(name, parameters)
    twice = swap_memory(name, once)
    assert all(torch.equal(twice[key], parameters[key]) for key in parameters)
    assert not torch.equal(once["bias_ih"], parameters["bias_ih"])


def test_keras_biases_are_added_where_it_has_one() -> None:
    parameters = {**_draw(4), "bias_hh": torch.ones(4 * H, dtype=torch.float64)}
    assert torch.equal(to_keras("lstm", parameters)[2], parameters["bias_ih"] + 1)
    assert to_keras("gru", {**_draw(3), "bias_hh": torch.ones(3 * H)})[2].shape == (2, 3 * H)


def test_refused() -> None:
    with pytest.raises(InputError, match=r"'lstm_peephole' has no counterpart in Keras; one of rnn_tanh"):
        from_keras("lstm_peephole", [])
    with pytest.raises(InputError, match="1 tensors given"):
        from_keras("lstm", [torch.zeros(1, 4)])
    with pytest.raises(InputError, match="no update gate"):
        swap_memory("lstm", {})
    with pytest.raises(InputError, match="the same letters"):
        reorder({}, "rz", "rn")
    with pytest.raises(ShapeError, match="bias has 5 rows; a multiple of 2 gates"):
        reorder({"bias": torch.zeros(5)}, "rz", "zr")
