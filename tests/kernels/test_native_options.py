"""What native kernels do to a layer besides its cell: mask, zoneout, projection, normalisation, and all at once."""

from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from ostinato._core.errors import ShapeError
from ostinato.cells import CELLS, Cell
from ostinato.kernels import Layer, Weights
from ostinato.kernels.native import Native, missing
from ostinato.kernels.native.stepper import Stepper
from ostinato.kernels.reference import Reference
from ostinato.kernels.zoneout import drawn
from ostinato.testing import Case, make_layer, rel_l2
from ostinato.testing.cases import map_tensors, named_tensors
from ostinato.testing.check_backend import OPTIONS, _compare

pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))
NATIVE = Native()
RAGGED = Case(9, 6, 5, 19, (9, 7, 7, 3, 2, 1), bidirectional=True)
LARGE = {
    "blocks": Case(60, 9, 20, 40, tuple(range(60, 6, -6)), bidirectional=True),  # more than one block of steps
    "wide": Case(4, 5, 130, 300, (4, 4, 3, 3, 1)),
    "one_row": Case(7, 1, 20, 200),  # fewer rows than threads: several would share it, had it no options
}
PROJECTING = [name for name, cell in CELLS.items() if cell.projects]


def _all(cell: Cell, layer: Layer, names: list[str]) -> Layer:
    for name in names:
        layer = OPTIONS[name](cell, layer)
    return layer


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    "options", [["recurrent_mask"], ["zoneout"], ["recurrent_mask", "drawn zoneout"]], ids=["mask", "zoneout", "both"]
)
@pytest.mark.parametrize("size", LARGE)
@pytest.mark.parametrize("name", CELLS)
def test_beyond_one_block(name: str, size: str, options: list[str], threads: int, threaded: type[Native]) -> None:
    layer = make_layer(CELLS[name], LARGE[size], torch.float32, grad=True)
    with torch.no_grad():
        for w in layer.weights:
            w.hh.mul_(0.5)
    assert _compare(threaded(threads), CELLS[name], _all(CELLS[name], layer, options), size)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("P", [1, 2, 9, 19, 70])
@pytest.mark.parametrize("name", PROJECTING)
def test_projection(name: str, P: int, threads: int, threaded: type[Native]) -> None:
    """Narrower than a vector, as wide as the units, and wider: a projection need not shrink."""
    case = replace(LARGE["blocks"], H=19, proj_size=P)
    for options in ([], ["recurrent_mask", "drawn zoneout"]):
        layer = make_layer(CELLS[name], case, torch.float32, grad=True)
        with torch.no_grad():
            for w in layer.weights:
                w.hh.mul_(0.5)
        assert _compare(threaded(threads), CELLS[name], _all(CELLS[name], layer, options), f"P={P} {options}")


def _errors(backend: Native | Reference, cell: Cell, layer: Layer, exact: Layer) -> list[float]:
    """Relative L2 of every result and gradient against the reference in float64."""
    found = []
    for who, its in ((backend, layer), (Reference(), exact)):
        outputs, states = who.forward(cell, its)
        results = [*outputs, *states]
        draws = torch.Generator().manual_seed(2)
        upstream = [torch.randn(v.shape, generator=draws, dtype=torch.float64).to(v) for v in results]
        found.append([*results, *torch.autograd.grad(results, list(named_tensors(its).values()), upstream)])
    return [rel_l2(a, b) for a, b in zip(*found, strict=True)]


@pytest.mark.parametrize("options", [["norm"], list(OPTIONS)], ids=["norm", "all"])
@pytest.mark.parametrize("size", LARGE)
@pytest.mark.parametrize("name", CELLS)
def test_layer_norm(name: str, size: str, options: list[str], threaded: type[Native]) -> None:
    """Normalising divides by what varies, and over many steps float32 itself may lose more than a gradient's limit."""
    cell, case = CELLS[name], LARGE[size]
    if cell.projects and size == "blocks":
        case = replace(case, proj_size=9)
    layer = _all(cell, make_layer(cell, case, torch.float32, grad=True), options)
    exact = map_tensors(layer, lambda v: v.detach().double().requires_grad_(v.requires_grad))
    plain = _errors(Reference(), cell, layer, exact)
    for ours, theirs in zip(_errors(threaded(2), cell, layer, exact), plain, strict=True):
        assert ours <= max(1e-5, 5 * theirs)


def test_layer_norm_by_hand() -> None:
    """Ba et al. 2016, eq. 20-22, in float64 and with torch's gradients; the reference has no part in it."""
    layer = OPTIONS["norm"](CELLS["lstm"], make_layer(CELLS["lstm"], Case(5, 3, 4, 6), torch.float32, grad=True))
    exact = map_tensors(layer, lambda v: v.detach().double().requires_grad_())
    w, n = exact.weights[0], exact.weights[0].norm
    assert w.b_ih is not None
    assert w.b_hh is not None
    assert n is not None

    def norm(v: Tensor, of: str) -> Tensor:
        v = (v - v.mean(-1, keepdim=True)) / (v.var(-1, correction=0, keepdim=True) + 1e-5).sqrt()
        return v * n[f"{of}_weight"] + n[f"{of}_bias"]

    (h,), (c,) = exact.states
    outputs = []
    for x in exact.x.view(5, 3, 4):
        i, f, g, o = (norm(x @ w.ih.T, "ih") + w.b_ih + norm(h @ w.hh.T, "hh") + w.b_hh).chunk(4, -1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * norm(c, "c").tanh()
        outputs.append(h)
    wanted = torch.cat(outputs)
    (output,), _ = NATIVE.forward(CELLS["lstm"], layer)
    assert rel_l2(output, wanted) < 2e-6
    upstream = torch.randn(wanted.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    ours = torch.autograd.grad(output, list(named_tensors(layer).values()), upstream.float())
    theirs = torch.autograd.grad(wanted, list(named_tensors(exact).values()), upstream)
    for name, a, b in zip(named_tensors(layer), ours, theirs, strict=True):
        assert rel_l2(a, b) < 1e-5, name


def test_recurrent_mask_by_hand() -> None:
    """A loop in float64 that shares nothing with the reference."""
    layer = OPTIONS["recurrent_mask"](CELLS["gru"], make_layer(CELLS["gru"], Case(6, 3, 4, 5), torch.float32))
    assert layer.recurrent_mask is not None
    w = map_tensors(layer, torch.Tensor.double).weights[0]
    assert w.b_ih is not None
    assert w.b_hh is not None
    h, mask = layer.states[0][0].double(), layer.recurrent_mask[0].double()
    (output,), _ = NATIVE.forward(CELLS["gru"], layer)
    for x, got in zip(layer.x.double().view(6, 3, 4), output.view(6, 3, 5), strict=True):
        r_x, z_x, n_x = (x @ w.ih.T + w.b_ih).chunk(3, -1)
        r_h, z_h, n_h = ((mask * h) @ w.hh.T + w.b_hh).chunk(3, -1)
        z = (z_x + z_h).sigmoid()
        h = (1 - z) * (n_x + (r_x + r_h).sigmoid() * n_h).tanh() + z * h  # the mask is not on the memory itself
        assert rel_l2(got, h) < 2e-6


@pytest.mark.parametrize("name", CELLS)
def test_zoneout_draws_as_the_reference(name: str) -> None:
    """After one seed both keep the same elements, whatever the dtype; after another one, others."""
    layer = OPTIONS["zoneout"](CELLS[name], make_layer(CELLS[name], RAGGED, torch.float32, seed=4))
    layer = replace(layer, training=True)

    def run(backend: Native | Reference, layer: Layer, seed: int) -> list[Tensor]:
        torch.manual_seed(seed)
        outputs, states = backend.forward(CELLS[name], layer)
        return [*outputs, *states]

    ours = run(NATIVE, layer, 5)
    exact = run(Reference(), map_tensors(layer, torch.Tensor.double), 5)
    for a, b, again, other in zip(ours, exact, run(NATIVE, layer, 5), run(NATIVE, layer, 6), strict=True):
        assert rel_l2(a, b) <= 2e-6
        assert torch.equal(a, again)
        assert not torch.equal(a, other)


def test_zoneout_in_training_keeps_old_elements() -> None:
    layer = replace(make_layer(CELLS["lstm"], Case(50, 3, 2, 20), torch.float32), zoneout=(0.3, 0.6), training=True)
    torch.manual_seed(0)
    (output,), _ = NATIVE.forward(CELLS["lstm"], layer)
    steps = [layer.states[0][0], *output.view(50, 3, 20)]
    kept = torch.stack([a == b for a, b in pairwise(steps)])
    assert 0.26 < float(kept.double().mean()) < 0.34  # 3000 draws of 0.3: sigma 0.008
    everything = replace(layer, zoneout=(1.0, 1.0))
    _, states = NATIVE.forward(CELLS["lstm"], everything)
    assert all(torch.equal(a, b) for a, b in zip(states, layer.states, strict=True))


@pytest.mark.parametrize("name", ["lstm", "gru_reset_before"])
def test_second_derivative_of_what_was_drawn(name: str) -> None:
    """It is the reference's, of the elements that the forward kept and not of new ones."""
    layer = _all(CELLS[name], make_layer(CELLS[name], RAGGED, torch.float32, grad=True), ["recurrent_mask", "zoneout"])
    results = []
    for backend in (NATIVE, Reference()):
        torch.manual_seed(0)
        outputs, _ = backend.forward(CELLS[name], replace(layer, training=True))
        (first,) = torch.autograd.grad(torch.cat(outputs).square().sum(), layer.x, create_graph=True)
        results.append(torch.autograd.grad(first.square().sum(), layer.weights[0].hh)[0])
    assert rel_l2(results[0], results[1]) < 1e-5


def test_nan_stays_in_its_row() -> None:
    layer = make_layer(CELLS["lstm"], Case(4, 3, 3, 5, proj_size=2), torch.float32)
    layer = _all(CELLS["lstm"], layer, ["recurrent_mask", "zoneout"])
    layer.x[3 + 1, 2] = torch.nan  # step 1, row 1
    y = NATIVE.forward(CELLS["lstm"], layer)[0][0].view(4, 3, 2)
    assert y[1:, 1].isnan().all()
    assert not y[:, [0, 2]].isnan().any()


@pytest.mark.parametrize("name", PROJECTING)
def test_steps_of_a_projected_cell(name: str) -> None:
    layer = make_layer(CELLS[name], Case(5, 3, 3, 17, proj_size=4), torch.float32)
    outputs, finals = NATIVE.forward(CELLS[name], layer)
    step, states = Stepper(CELLS[name], layer.weights[0]), [state[0].clone() for state in layer.states]
    for t in range(5):
        step(layer.x[t * 3 : (t + 1) * 3], *states)
        assert rel_l2(states[0], outputs[0][t * 3 : (t + 1) * 3]) < 1e-6
    assert all(rel_l2(state, final[0]) < 1e-6 for state, final in zip(states, finals, strict=True))
    with pytest.raises(ShapeError, match=r"\(3, 4\) on the CPU expected"):
        step(layer.x[:3], states[1], states[1])


def test_refuses_what_has_no_gradient_here() -> None:
    layer = OPTIONS["recurrent_mask"](CELLS["lstm"], make_layer(CELLS["lstm"], RAGGED, torch.float32))
    assert layer.recurrent_mask is not None
    learned = replace(layer, recurrent_mask=layer.recurrent_mask.requires_grad_())
    assert "do not differentiate by a recurrent mask" in str(NATIVE.why_not(CELLS["lstm"], learned))


def test_refuses_to_project_what_no_backend_projects() -> None:
    layer = make_layer(CELLS["gru"], Case(2, 2, 2, 4, proj_size=2), torch.float32)
    assert "'gru' has no projection" in str(NATIVE.why_not(CELLS["gru"], layer))


def test_drawn_zoneout_of_a_wrong_shape() -> None:
    w = Weights(torch.zeros(5, 3), torch.zeros(5, 5))
    sizes = torch.ones(2, dtype=torch.int64)
    layer = Layer(torch.zeros(2, 3), sizes, (w,), (torch.zeros(1, 1, 5),), zoneout=(torch.zeros(1, 3, 5),))
    assert drawn(layer) is layer
    with pytest.raises(ShapeError, match=r"zoneout of h has shape \(1, 3, 5\); \(1, 2, 5\) expected"):
        NATIVE.forward(CELLS["rnn_tanh"], layer)
