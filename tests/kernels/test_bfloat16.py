"""Products in bfloat16: what is rounded, and that nothing is where nobody allowed it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from ostinato import SequenceClassifier, accelerate
from ostinato._core.errors import InputError
from ostinato.cells import CELLS
from ostinato.kernels import Layer, explain, precision, ran
from ostinato.kernels.native import Native, bfloat16, dense
from ostinato.kernels.native.library import missing_bfloat16
from ostinato.nn import GRU, LSTM, RNN, Recurrent
from ostinato.testing import Case, make_layer, rel_l2
from ostinato.testing.cases import map_tensors, named_tensors
from ostinato.testing.random_layers import random_layer

NATIVE = Native()
there = pytest.mark.skipif(missing_bfloat16() is not None, reason=str(missing_bfloat16()))


def _rounded(v: Tensor) -> Tensor:
    """To the nearest bfloat16 and back, ties to even: torch's own conversion."""
    return v.float().bfloat16().double()


class _Product(torch.autograd.Function):
    """In float64, of rounded numbers; backward too, and the bias's gradient is made of what W's is."""

    @staticmethod
    def forward(ctx: Any, weight: Tensor, bias: Tensor, v: Tensor) -> Tensor:
        ctx.save_for_backward(weight, v)
        return _rounded(v) @ _rounded(weight).T + bias.double()

    @staticmethod
    def backward(ctx: Any, slopes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        weight, v = ctx.saved_tensors
        slopes = _rounded(slopes)
        return slopes.T @ _rounded(v), slopes.sum(0), slopes @ _rounded(weight)


def _product(weight: Tensor, bias: Tensor, v: Tensor) -> Tensor:
    product: Tensor = _Product.apply(weight, bias, v)
    return product


def _lstm(wx: Tensor, h: Tensor, c: Tensor, w: Any) -> tuple[Tensor, Tensor]:
    i, f, g, o = (wx + _product(w.hh, w.b_hh, h)).chunk(4, -1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def _gru(wx: Tensor, h: Tensor, c: Tensor, w: Any) -> tuple[Tensor, Tensor]:
    wh = _product(w.hh, w.b_hh, h)
    (r_x, z_x, n_x), (r_h, z_h, n_h) = wx.chunk(3, -1), wh.chunk(3, -1)
    z = (z_x + z_h).sigmoid()
    return (1 - z) * (n_x + (r_x + r_h).sigmoid() * n_h).tanh() + z * h, c


def _gru_reset_before(wx: Tensor, h: Tensor, c: Tensor, w: Any) -> tuple[Tensor, Tensor]:
    (r_x, z_x, n_x), (hh_r, hh_z, hh_n) = wx.chunk(3, -1), w.hh.chunk(3)
    b_r, b_z, b_n = w.b_hh.chunk(3)
    r, z = (r_x + _product(hh_r, b_r, h)).sigmoid(), (z_x + _product(hh_z, b_z, h)).sigmoid()
    return (1 - z) * (n_x + _product(hh_n, b_n, r * h)).tanh() + z * h, c


def _rnn_tanh(wx: Tensor, h: Tensor, c: Tensor, w: Any) -> tuple[Tensor, Tensor]:
    return (wx + _product(w.hh, w.b_hh, h)).tanh(), c


STEPS: dict[str, Callable[..., tuple[Tensor, Tensor]]] = {
    "lstm": _lstm,
    "gru": _gru,
    "gru_reset_before": _gru_reset_before,
    "rnn_tanh": _rnn_tanh,
}


@there
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("case", [Case(7, 5, 7, 33), Case(7, 1, 20, 200), Case(4, 9, 64, 64), Case(2, 3, 1, 1)])
@pytest.mark.parametrize("name", STEPS)
def test_weights_x_and_h_are_rounded_and_nothing_else(
    name: str, case: Case, threads: int, threaded: type[Native]
) -> None:
    """A loop in float64 on rounded operands, which float32 sums follow to 1e-7. The limit leaves room for an h on the
    edge of two bfloat16 numbers, 2^-8 of it apart, that float32 and float64 round to different sides.
    """
    layer = make_layer(CELLS[name], case, torch.float32)
    w = layer.weights[0]
    assert w.b_ih is not None
    h, *rest = (state[0].double() for state in layer.states)
    c, outputs = rest[0] if rest else h, []
    for x in layer.x.view(case.T, case.B, case.I):
        h, c = STEPS[name](_product(w.ih, w.b_ih, x), h, c, w)
        outputs.append(h)
    wanted = torch.cat(outputs)
    (narrow,), _ = threaded(threads).forward(CELLS[name], replace(layer, precision="bfloat16"))
    (plain,), _ = threaded(threads).forward(CELLS[name], layer)
    error = rel_l2(narrow, wanted)
    assert error < 1e-4
    assert rel_l2(plain, wanted) > 10 * error  # so the loop tells them apart


@there
@pytest.mark.parametrize("threads", [1, 2])
def test_random_layers_are_as_near_as_their_rounding(threads: int, threaded: type[Native]) -> None:
    """Every cell and option. Of two rounded factors a product is 2^-7 of itself off at most, mostly much less."""
    for seed in range(150):
        cell, layer, what = random_layer(seed)
        with torch.no_grad():
            plain, ends = NATIVE.forward(cell, layer)
            narrow, narrow_ends = threaded(threads).forward(cell, replace(layer, precision="bfloat16"))
        for a, b in zip((*narrow, *narrow_ends), (*plain, *ends), strict=True):
            assert rel_l2(a, b) < 0.05, what


@there
@pytest.mark.parametrize("kind", [RNN, LSTM, GRU])
def test_modules(kind: type[Recurrent]) -> None:
    torch.manual_seed(0)
    layer, x = kind(12, 20, 2, bidirectional=True), torch.randn(6, 4, 12)
    for lengths in (None, [6, 5, 5, 2]):
        with torch.no_grad(), ran() as names:
            plain = layer(x, lengths=lengths)[0]
            with precision("bfloat16"):
                narrow = layer(x, lengths=lengths)[0]
                layer.options = replace(layer.options, precision="float32")
                refused = layer(x, lengths=lengths)[0]
            layer.options = replace(layer.options, precision=None)
            again = layer(x, lengths=lengths)[0]
        assert [name.precision for name in names] == ["float32"] * 2 + ["bfloat16"] * 2 + ["float32"] * 4
        assert 1e-4 < rel_l2(narrow, plain) < 1e-2
        assert torch.equal(plain, again)
        assert torch.equal(plain, refused)


def _leaves(layer: Layer) -> tuple[Layer, list[Tensor]]:
    """The same layer of tensors that have gradients, and these, x first."""
    learned = map_tensors(layer, lambda v: v.detach().clone().requires_grad_())
    learned = replace(learned, recurrent_mask=layer.recurrent_mask, zoneout=layer.zoneout)  # these are constants
    return learned, list(named_tensors(learned).values())


def _gradients(backend: Any, cell: Any, layer: Layer, precision: str) -> list[Tensor]:
    layer, parameters = _leaves(replace(layer, precision=precision))
    outputs, states = backend.forward(cell, layer)
    scores = (t * torch.linspace(-1, 1, t.numel()).view(t.shape).cos() for t in (*outputs, *states))
    found = torch.autograd.grad(sum(score.sum() for score in scores), parameters, allow_unused=True)
    return [torch.zeros_like(p) if g is None else g for p, g in zip(parameters, found, strict=True)]


@there
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("case", [Case(7, 5, 7, 33), Case(7, 1, 20, 200), Case(4, 9, 64, 64), Case(40, 8, 3, 6)])
@pytest.mark.parametrize("name", STEPS)
def test_gradients_are_of_rounded_factors(name: str, case: Case, threads: int, threaded: type[Native]) -> None:
    """As above, backward: what a gate's product has for a gradient is rounded as well, where it is multiplied."""
    cell, layer = CELLS[name], make_layer(CELLS[name], case, torch.float32)
    wide, parameters = _leaves(layer)
    w, (h, *rest) = wide.weights[0], (state[0].double() for state in wide.states)
    assert w.b_ih is not None
    c, outputs = rest[0] if rest else h, []
    for x in wide.x.view(case.T, case.B, case.I):
        h, c = STEPS[name](_product(w.ih, w.b_ih, x), h, c, w)
        outputs.append(h)
    results = [torch.cat(outputs), h[None], c[None]][: 1 + len(wide.states)]
    scores = (t * torch.linspace(-1, 1, t.numel(), dtype=torch.float64).view(t.shape).cos() for t in results)
    wanted = torch.autograd.grad(sum(score.sum() for score in scores), parameters)
    narrow, plain = (_gradients(threaded(threads), cell, layer, way) for way in ("mixed", "float32"))
    for k, (gradient, other, expected) in enumerate(zip(narrow, plain, wanted, strict=True)):
        error = rel_l2(gradient, expected)
        assert error < 5e-4, k
        assert rel_l2(other, expected) > 2 * error, k


@there
@pytest.mark.parametrize("threads", [1, 2])
def test_gradients_of_random_layers_are_as_near_as_their_rounding(threads: int, threaded: type[Native]) -> None:
    """Every cell and option."""
    for seed in range(150):
        cell, layer, what = random_layer(seed)
        plain, narrow = (
            torch.cat([g.flatten() for g in _gradients(threaded(threads), cell, layer, way)])
            for way in ("float32", "mixed")
        )
        error = rel_l2(narrow, plain)
        assert error < (0.1 if "relu" in what else 0.02), what  # where a ReLU is cut, rounding may switch it
        normed = any(w.norm is not None for w in layer.weights)
        assert (error == 0) == normed, what


@there
@pytest.mark.parametrize("lengths", [None, [6, 5, 5, 2]])
def test_modules_train_in_it(lengths: list[int] | None) -> None:
    torch.manual_seed(0)
    layer, x = LSTM(12, 20, 2, bidirectional=True), torch.randn(6, 4, 12, requires_grad=True)
    found = []
    for way in ("float32", "bfloat16", "mixed"):
        with ran() as names, precision(way):
            output = layer(x, lengths=lengths)[0]
        assert {name.precision for name in names} == {"bfloat16" if way == "mixed" else "float32"}
        found.append(torch.autograd.grad(torch.as_tensor(output).cos().sum(), [x, *layer.parameters()]))
    for plain, allowed, mixed in zip(*found, strict=True):
        assert torch.equal(plain, allowed)
        assert 1e-4 < rel_l2(mixed, plain) < 2e-2
    with precision("mixed"), torch.no_grad(), ran() as names:
        layer(x, lengths=lengths)
    assert {name.precision for name in names} == {"bfloat16"}


@there
def test_it_can_be_differentiated_twice() -> None:
    torch.manual_seed(0)
    layer, x = GRU(3, 4), torch.randn(5, 2, 3, requires_grad=True)
    found = []
    for way in ("float32", "mixed"):
        with precision(way):
            (once,) = torch.autograd.grad(layer(x)[0].sin().sum(), x, create_graph=True)
        found.append(torch.autograd.grad(once.square().sum(), x)[0])
    assert rel_l2(*found) < 0.05


@there
def test_layer_normalisation_is_trained_in_float32() -> None:
    layer, x = LSTM(5, 6, layer_norm=True, precision="mixed"), torch.randn(4, 3, 5)
    with ran() as names:
        layer(x)
    assert names[0].precision == "float32"
    assert layer.explain(x)[0] == ("native in bfloat16", "layer normalisation is trained in float32")
    with torch.no_grad():
        assert layer.explain(x)[0] == ("native in bfloat16", None)


@there
def test_what_is_no_number_stays_in_its_row() -> None:
    layer = make_layer(CELLS["lstm"], Case(4, 3, 3, 5), torch.float32)
    layer.x[3 + 1, 2] = torch.nan  # step 1, row 1
    dx = _gradients(NATIVE, CELLS["lstm"], layer, "mixed")[0].view(4, 3, 3)
    assert dx[:2, 1].isnan().all()
    assert not dx[:, [0, 2]].isnan().any()


def test_training_stays_in_float32() -> None:
    torch.manual_seed(0)
    layer, x = LSTM(5, 6, precision="bfloat16"), torch.randn(4, 3, 5)
    plain = LSTM(5, 6)
    plain.load_state_dict(layer.state_dict())
    for lengths in (None, [4, 4, 2]):
        with ran() as names:
            outputs = [each(x, lengths=lengths)[0] for each in (layer, plain)]
        assert {name.precision for name in names} == {"float32"}
        assert torch.equal(*outputs)
        gradients = [
            torch.autograd.grad(y.sum(), m.weight_hh_l0)[0] for y, m in zip(outputs, (layer, plain), strict=True)
        ]
        assert torch.equal(*gradients)
    name, reason = layer.explain(x)[0]
    assert name == "native in bfloat16"
    assert "training multiplies in float32" in str(reason)
    assert plain.explain(x)[0][0] == "native"


def test_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (bfloat16, dense):
        monkeypatch.setattr(module, "missing_bfloat16", lambda: "this processor has AVX-512 without it")
    dense.dense.cache_clear()
    layer, x = GRU(5, 6, precision="bfloat16"), torch.randn(4, 3, 5)
    with torch.no_grad(), ran() as names:
        for lengths in (None, [4, 4, 2]):
            layer(x, lengths=lengths)
        assert layer.explain(x)[0] == ("native in bfloat16", "this processor has AVX-512 without it")
    assert [name.precision for name in names] == ["float32"] * 2
    dense.dense.cache_clear()


@there
def test_explain_says_that_it_runs() -> None:
    cell, layer = CELLS["gru"], make_layer(CELLS["gru"], Case(3, 2, 4, 5), torch.float32)
    assert explain(cell, replace(layer, precision="bfloat16"))[0] == ("native in bfloat16", None)
    wrong = make_layer(cell, Case(3, 2, 4, 5))
    assert "float64 given" in str(explain(cell, replace(wrong, precision="bfloat16"))[0][1])


@there
def test_accelerate() -> None:
    torch.manual_seed(0)
    model, x = torch.nn.Sequential(torch.nn.LSTM(8, 9)), torch.randn(5, 2, 8)
    with torch.no_grad():
        wanted = model(x)[0]
        report = accelerate(model, precision="bfloat16")
        assert "precision='bfloat16'" in str(report)
        with ran() as names:
            assert 1e-4 < rel_l2(model(x)[0], wanted) < 1e-2
    assert names[0].precision == "bfloat16"


@there
def test_an_estimator_predicts_in_it() -> None:
    draws = np.random.default_rng(0)
    X = [draws.normal(size=(steps, 4)).astype(np.float32) for steps in (3, 9, 5, 7, 4, 6, 8, 3)]
    model = SequenceClassifier(epochs=1, hidden_size=16, random_state=0).fit(X, [0, 1] * 4)
    plain = model.predict_proba(X)
    with precision("bfloat16"), ran() as names:
        narrow = model.predict_proba(X)
    assert {name.precision for name in names} == {"bfloat16"}
    assert 0 < np.abs(narrow - plain).max() < 1e-2


def test_unknown_names() -> None:
    with pytest.raises(InputError, match="'float16'; one of 'float32', 'bfloat16', 'mixed'"), precision("float16"):
        pass
    with pytest.raises(InputError, match="precision"):
        LSTM(2, 3, precision="half")
    with pytest.raises(InputError, match="'half'"):
        accelerate(torch.nn.Sequential(torch.nn.GRU(2, 3)), precision="half")


@there
def test_odd_numbers_come_through() -> None:
    layer: Layer = make_layer(CELLS["lstm"], Case(4, 3, 3, 5), torch.float32)
    layer.x[3 + 1, 2] = torch.nan  # step 1, row 1
    (y,), _ = NATIVE.forward(CELLS["lstm"], replace(layer, precision="bfloat16"))
    y = y.view(4, 3, 5)
    assert y[1:, 1].isnan().all()
    assert not y[:, [0, 2]].isnan().any()
    assert not y[0].isnan().any()
