"""The kernels as operations of torch: what opcheck asks of them, and that they are what runs eagerly."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from ostinato import kernels
from ostinato._core.errors import ShapeError
from ostinato.cells import CELLS
from ostinato.kernels.native import Native, missing
from ostinato.kernels.native.calls import tensors_of
from ostinato.kernels.native.operator import layer as operation
from ostinato.testing import Case, make_layer
from ostinato.testing.cases import map_tensors
from ostinato.testing.check_backend import OPTIONS

pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))
RAGGED = Case(6, 4, 3, 5, (6, 4, 4, 1), bidirectional=True)


def _tensors(name: str, layer: kernels.Layer) -> tuple[list[Tensor], list[bool]]:
    """The first two arguments of the operation."""
    tensors = tensors_of(CELLS[name], layer)
    return [t for t in tensors if t is not None], [t is not None for t in tensors]


@pytest.mark.parametrize("name", ["lstm_peephole", "gru"])
@pytest.mark.parametrize("grad", [True, False])
def test_opcheck(name: str, grad: bool) -> None:
    layer = make_layer(CELLS[name], RAGGED, torch.float32, grad=grad)
    tensors, given = _tensors(name, layer)
    leaves = [t.detach().requires_grad_(grad) for t in tensors]
    torch.library.opcheck(operation, (leaves, given, layer.batch_sizes, name, 2, grad, []))


def test_opcheck_without_bias_and_frozen() -> None:
    layer = make_layer(CELLS["lstm"], Case(3, 2, 4, 5, single_bias=True), torch.float32)
    layer.weights[0].hh.requires_grad_()
    torch.library.opcheck(operation, (*_tensors("lstm", layer), layer.batch_sizes, "lstm", 1, True, []))


@pytest.mark.parametrize("name", CELLS)
def test_same_as_eager(name: str) -> None:
    """Padding behind the tokens is not read, and answered with zeros, forward and backward."""
    layer = make_layer(CELLS[name], RAGGED, torch.float32, grad=True)
    outputs, states = Native().forward(CELLS[name], layer)
    twin = map_tensors(layer, lambda t: t.detach().clone().requires_grad_())
    x = torch.cat([twin.x, torch.full((3, 3), torch.nan)]).detach().requires_grad_()
    sizes = torch.cat([layer.batch_sizes, torch.zeros(2, dtype=torch.int64)])
    found = operation(*_tensors(name, replace(twin, x=x)), sizes, name, 2, True, [])
    N = layer.x.shape[0]
    for got, wanted in zip(found, (*outputs, *states), strict=False):
        assert torch.equal(got[:N], wanted)
        assert not got[N:].any() or got.shape[0] != x.shape[0]
    wanted = torch.autograd.grad(outputs[0].sum() + outputs[1].square().sum(), [layer.x, layer.weights[1].hh])
    got = torch.autograd.grad(found[0].sum() + found[1].square().sum(), [x, twin.weights[1].hh])
    assert torch.equal(got[0][:N], wanted[0])
    assert not got[0][N:].any()
    assert torch.equal(got[1], wanted[1])


def test_options_are_the_same_as_eager() -> None:
    """Mask, drawn zoneout, projection and normalisation, with padding behind the tokens; and the expectation alone."""
    cell = CELLS["lstm"]
    plain = make_layer(cell, replace(RAGGED, proj_size=2), torch.float32, grad=True)
    drawn = OPTIONS["norm"](cell, OPTIONS["drawn zoneout"](cell, OPTIONS["recurrent_mask"](cell, plain)))
    for layer in (drawn, OPTIONS["zoneout"](cell, plain)):
        outputs, states = Native().forward(cell, layer)
        rates = [k if isinstance(k, float) else 0.0 for k in layer.zoneout or ()]
        wide = [
            torch.cat([k, torch.ones(2, 3, k.shape[2])], 1) if isinstance(k, Tensor) else k for k in layer.zoneout or ()
        ]
        padded = replace(layer, x=torch.cat([layer.x, torch.zeros(3, 3)]), zoneout=tuple(wide))
        found = operation(*_tensors("lstm", padded), layer.batch_sizes, "lstm", 2, True, rates)
        N = layer.x.shape[0]
        for got, wanted in zip(found, (*outputs, *states), strict=False):
            assert torch.equal(got[:N], wanted)
        wanted = torch.autograd.grad(outputs[1].square().sum(), [layer.x, layer.weights[1].hh])
        got = torch.autograd.grad(found[1].square().sum(), [layer.x, layer.weights[1].hh])
        assert all(torch.equal(a, b) for a, b in zip(got, wanted, strict=True))


def test_numbers_are_checked_when_they_are_seen() -> None:
    layer = make_layer(CELLS["gru"], RAGGED, torch.float32)
    with pytest.raises(ShapeError, match="a row cannot come back"):
        operation(*_tensors("gru", layer), layer.batch_sizes.flip(0), "gru", 2, False, [])
    with pytest.raises(ShapeError, match="x has shape"):
        operation(*_tensors("gru", layer), torch.cat([layer.batch_sizes, torch.ones(3).long()]), "gru", 2, False, [])


def test_keep_is_demanded_for_gradients() -> None:
    layer = make_layer(CELLS["gru"], RAGGED, torch.float32, grad=True)
    with pytest.raises(RuntimeError, match="keep=True expected"):
        operation(*_tensors("gru", layer), layer.batch_sizes, "gru", 2, False, [])


def test_recorded() -> None:
    layer = make_layer(CELLS["gru"], RAGGED, torch.float32)
    with kernels.ran() as names:
        operation(*_tensors("gru", layer), layer.batch_sizes, "gru", 2, False, [])
    assert names == ["native"]
