"""The reference's options, each against its formula written out by hand, and its derivatives, first and second."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from ostinato.cells import CELLS, Cell
from ostinato.kernels import Layer, Weights, norm_shapes
from ostinato.kernels.reference import Reference
from ostinato.testing import Case, make_layer, rel_l2
from ostinato.testing.cases import named_tensors
from ostinato.testing.check_backend import OPTIONS

REFERENCE = Reference()
RAGGED = Case(3, 3, 2, 2, (3, 2, 1), bidirectional=True)


def _over_tensors(cell: Cell, layer: Layer) -> tuple[Callable[..., Any], list[Tensor]]:
    """The layer as a function of all its tensors, as gradcheck wants it."""
    names = list(named_tensors(layer))

    def function(*values: Tensor) -> tuple[Tensor, ...]:
        t = dict(zip(names, values, strict=True))
        weights = tuple(
            Weights(
                ih=t[f"ih of direction {d}"],
                hh=t[f"hh of direction {d}"],
                b_ih=t.get(f"b_ih of direction {d}"),
                b_hh=t.get(f"b_hh of direction {d}"),
                hr=t.get(f"hr of direction {d}"),
                extra={name: t[f"{name} of direction {d}"] for name in w.extra},
                norm=None if w.norm is None else {name: t[f"{name} of direction {d}"] for name in w.norm},
            )
            for d, w in enumerate(layer.weights)
        )
        states = tuple(t[f"state {k}"] for k in range(len(layer.states)))
        outputs, final = REFERENCE.forward(cell, replace(layer, x=t["x"], weights=weights, states=states))
        return (*outputs, *final)

    return function, [v.detach().requires_grad_() for v in named_tensors(layer).values()]


@pytest.mark.parametrize("cell", CELLS.values(), ids=lambda cell: cell.name)
def test_gradcheck(cell: Cell) -> None:
    function, values = _over_tensors(cell, make_layer(cell, RAGGED, seed=1))
    assert torch.autograd.gradcheck(function, values, fast_mode=True)
    assert torch.autograd.gradgradcheck(function, values, fast_mode=True)


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("name", ["lstm", "gru_reset_before"])
def test_gradcheck_of_options(name: str, option: str) -> None:
    cell = CELLS[name]
    function, values = _over_tensors(cell, OPTIONS[option](cell, make_layer(cell, RAGGED, seed=2)))
    assert torch.autograd.gradcheck(function, values, fast_mode=True)


def _walk(layer: Layer, step: Callable[..., tuple[Tensor, ...]]) -> Tensor:
    """Dense forward walk of direction 0 with a step written in the test."""
    B = layer.states[0].shape[1]
    states = tuple(s[0] for s in layer.states)
    outputs = []
    for t, x in enumerate(layer.x.view(-1, B, layer.x.shape[1])):
        states = step(t, x, *states)
        outputs.append(states[0])
    return torch.cat(outputs)


def _lstm_gates(w: Weights, x: Tensor, h: Tensor) -> tuple[Tensor, ...]:
    i, f, g, o = (x @ w.ih.T + w.b_ih + h @ w.hh.T + w.b_hh).chunk(4, -1)
    return i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()


def test_recurrent_mask() -> None:
    """Gal & Ghahramani 2016: one mask on h for all steps and gates, and c is left alone."""
    layer = make_layer(CELLS["lstm"], Case(4, 2, 3, 5))
    mask = torch.randint(0, 2, (1, 2, 5), generator=torch.Generator().manual_seed(0)).double() * 2

    def step(t: int, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        i, f, g, o = _lstm_gates(layer.weights[0], x, h * mask[0])
        c = f * c + i * g
        return o * c.tanh(), c

    (output,), _ = REFERENCE.forward(CELLS["lstm"], replace(layer, recurrent_mask=mask))
    assert rel_l2(output, _walk(layer, step)) < 1e-14


def test_zoneout_expectation() -> None:
    """Krueger et al. 2017, outside training; h is made from the c that has not been zoned out."""
    layer = replace(make_layer(CELLS["lstm"], Case(4, 2, 3, 5)), zoneout=(0.1, 0.4))

    def step(t: int, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        i, f, g, o = _lstm_gates(layer.weights[0], x, h)
        new_c = f * c + i * g
        return 0.1 * h + 0.9 * o * new_c.tanh(), 0.4 * c + 0.6 * new_c

    (output,), _ = REFERENCE.forward(CELLS["lstm"], layer)
    assert rel_l2(output, _walk(layer, step)) < 1e-14


def test_zoneout_in_training_keeps_old_elements() -> None:
    cell = CELLS["gru"]
    layer = make_layer(cell, Case(200, 3, 2, 5))
    torch.manual_seed(0)
    (output,), _ = REFERENCE.forward(cell, replace(layer, zoneout=(0.3,), training=True))
    h = torch.cat([layer.states[0], output.view(200, 3, 5)])
    kept = h[1:] == h[:-1]
    assert 0.26 < kept.double().mean() < 0.34  # 3000 draws of 0.3: sigma 0.008
    (again,), _ = REFERENCE.forward(cell, replace(layer, zoneout=(0.3,), training=True))
    assert not torch.equal(again, output)
    (everything,), _ = REFERENCE.forward(cell, replace(layer, zoneout=(1.0,), training=True))
    assert torch.equal(everything.view(200, 3, 5), layer.states[0].expand(200, 3, 5))
    (nothing,), _ = REFERENCE.forward(cell, replace(layer, zoneout=(0.0,), training=True))
    assert torch.equal(nothing, REFERENCE.forward(cell, layer)[0][0])


def _norms(cell: Cell, H: int) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(3)
    shapes = norm_shapes(cell, H).items()
    return {name: torch.randn(shape, generator=generator, dtype=torch.float64) for name, shape in shapes}


def _ln(v: Tensor, gain: Tensor, shift: Tensor) -> Tensor:
    centred = v - v.mean(-1, keepdim=True)
    return gain * centred / (centred.square().mean(-1, keepdim=True) + 1e-5).sqrt() + shift


def test_layer_norm_lstm() -> None:
    """Ba et al. 2016, eq. 20-22: both products over all gates at once, and c before the output tanh."""
    layer = make_layer(CELLS["lstm"], Case(4, 2, 3, 5))
    n, w = _norms(CELLS["lstm"], 5), layer.weights[0]
    assert w.b_ih is not None
    bias = w.b_ih + (w.b_hh if w.b_hh is not None else 0)

    def step(t: int, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        products = _ln(h @ w.hh.T, n["hh_weight"], n["hh_bias"]) + _ln(x @ w.ih.T, n["ih_weight"], n["ih_bias"]) + bias
        i, f, g, o = products.chunk(4, -1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * _ln(c, n["c_weight"], n["c_bias"]).tanh(), c

    (output,), _ = REFERENCE.forward(CELLS["lstm"], replace(layer, weights=(replace(w, norm=n),)))
    assert rel_l2(output, _walk(layer, step)) < 1e-13


def test_layer_norm_gru() -> None:
    """Ba et al. 2016, supplement: r and z together, the candidate's two products on their own."""
    layer = make_layer(CELLS["gru"], Case(4, 2, 3, 5))
    n, w = _norms(CELLS["gru"], 5), layer.weights[0]
    assert w.b_ih is not None
    assert w.b_hh is not None
    b_ih, b_hh = w.b_ih, w.b_hh

    def products(which: str, v: Tensor, matrix: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        gain, shift, rows = n[f"{which}_weight"], n[f"{which}_bias"], v @ matrix.T
        gates = _ln(rows[:, :10], gain[:10], shift[:10]) + bias[:10]
        return gates, _ln(rows[:, 10:], gain[10:], shift[10:]) + bias[10:]

    def step(t: int, x: Tensor, h: Tensor) -> tuple[Tensor]:
        (rz_x, n_x), (rz_h, n_h) = products("ih", x, w.ih, b_ih), products("hh", h, w.hh, b_hh)
        r, z = (rz_x + rz_h).sigmoid().chunk(2, -1)
        return ((1 - z) * (n_x + r * n_h).tanh() + z * h,)

    (output,), _ = REFERENCE.forward(CELLS["gru"], replace(layer, weights=(replace(w, norm=n),)))
    assert rel_l2(output, _walk(layer, step)) < 1e-13


def test_projection_of_peephole_lstm() -> None:
    """No library at hand has it: with zero peepholes it is torch's projected LSTM."""
    layer = make_layer(CELLS["lstm_peephole"], Case(4, 3, 2, 5, (4, 2, 1), bidirectional=True, proj_size=3))
    zero = {name: torch.zeros(5, dtype=torch.float64) for name in CELLS["lstm_peephole"].extra}
    without = replace(layer, weights=tuple(replace(w, extra=zero) for w in layer.weights))
    a, _ = REFERENCE.forward(CELLS["lstm_peephole"], without)
    b, _ = REFERENCE.forward(CELLS["lstm"], layer)
    c, _ = REFERENCE.forward(CELLS["lstm_peephole"], layer)
    assert all(torch.equal(v, w) for v, w in zip(a, b, strict=True))
    assert not any(torch.equal(v, w) for v, w in zip(c, b, strict=True))


def test_projection_refused_where_h_is_combined() -> None:
    layer = make_layer(CELLS["gru"], Case(2, 2, 2, 4, proj_size=2))
    assert "no projection" in str(REFERENCE.why_not(CELLS["gru"], layer))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_any_dtype(dtype: torch.dtype) -> None:
    layer = make_layer(CELLS["rnn_identity"], RAGGED, dtype)
    outputs, states = REFERENCE.forward(CELLS["rnn_identity"], layer)
    assert {v.dtype for v in (*outputs, *states)} == {dtype}


def test_mask_and_norm_of_a_stepwise_cell() -> None:
    """Reset before the product: the mask falls on h and on r * h; r and z are normalised together."""
    cell = CELLS["gru_reset_before"]
    layer = make_layer(cell, Case(4, 2, 3, 5))
    n, w = _norms(cell, 5), layer.weights[0]
    assert w.b_ih is not None
    assert w.b_hh is not None
    bias = w.b_ih + w.b_hh
    mask = torch.tensor([[[2.0, 0, 2, 0, 2], [0, 2, 2, 2, 0]]], dtype=torch.float64)

    def product(which: str, v: Tensor, matrix: Tensor, rows: slice) -> Tensor:
        return _ln(v @ matrix[rows].T, n[f"{which}_weight"][rows], n[f"{which}_bias"][rows])

    def step(t: int, x: Tensor, h: Tensor) -> tuple[Tensor]:
        both, last = slice(0, 10), slice(10, 15)
        rz = product("ih", x, w.ih, both) + product("hh", mask[0] * h, w.hh, both) + bias[both]
        r, z = rz.sigmoid().chunk(2, -1)
        candidate = product("ih", x, w.ih, last) + product("hh", mask[0] * r * h, w.hh, last) + bias[last]
        return ((1 - z) * candidate.tanh() + z * h,)

    changed = replace(layer, weights=(replace(w, norm=n),), recurrent_mask=mask)
    (output,), _ = REFERENCE.forward(cell, changed)
    assert rel_l2(output, _walk(layer, step)) < 1e-13
