"""The torch backend: what it refuses, its runs, and the corners where torch itself is delicate."""

import warnings
from dataclasses import replace

import pytest
import torch

from ostinato.cells import CELLS
from ostinato.kernels import BACKENDS, Layer, Weights
from ostinato.kernels.aten import _quiet, _runs
from ostinato.kernels.reference import Reference
from ostinato.testing import Case, make_layer, rel_l2
from ostinato.testing.check_backend import OPTIONS

TORCH = BACKENDS["torch"]
RAGGED = Case(6, 4, 3, 5, (6, 4, 4, 1), bidirectional=True)


@pytest.mark.parametrize("name", CELLS)
def test_which_cells(name: str) -> None:
    reason = TORCH.why_not(CELLS[name], make_layer(CELLS[name], RAGGED))
    if name in ("rnn_tanh", "rnn_relu", "lstm", "gru"):
        assert reason is None
    else:
        assert reason is not None
        assert f"no kernel for cell {name!r}" in reason


@pytest.mark.parametrize(
    ("option", "words"),
    [("recurrent_mask", "recurrent dropout"), ("zoneout", "zoneout"), ("norm", "layer normalisation")],
)
def test_which_options(option: str, words: str) -> None:
    layer = OPTIONS[option](CELLS["lstm"], make_layer(CELLS["lstm"], RAGGED))
    assert words in str(TORCH.why_not(CELLS["lstm"], layer))


def test_projection_of_gru_is_refused() -> None:
    layer = make_layer(CELLS["gru"], replace(RAGGED, proj_size=2))
    assert "'lstm' alone" in str(TORCH.why_not(CELLS["gru"], layer))


def test_runs() -> None:
    sizes = torch.tensor([4, 3, 3, 3, 1, 1])
    layer = replace(make_layer(CELLS["lstm"], RAGGED), batch_sizes=sizes)
    assert _runs(layer) == [(0, 1, 4), (4, 3, 3), (13, 2, 1)]


def test_gradients_outside_training() -> None:
    """A saliency map asks a model in eval mode for gradients."""
    layer = make_layer(CELLS["lstm"], RAGGED, torch.float32, grad=True)
    assert not layer.training
    outputs, _ = TORCH.forward(CELLS["lstm"], layer)
    (gradient,) = torch.autograd.grad(outputs[0].sum() + outputs[1].sum(), layer.x)
    exact, _ = Reference().forward(CELLS["lstm"], layer)
    (wanted,) = torch.autograd.grad(exact[0].sum() + exact[1].sum(), layer.x)
    assert rel_l2(gradient, wanted) < 1e-5


@pytest.mark.parametrize("name", ["lstm", "gru", "rnn_tanh"])
def test_second_derivative(name: str) -> None:
    """A gradient penalty differentiates twice, also through oneDNN."""
    results = []
    for backend in (TORCH, Reference()):
        layer = make_layer(CELLS[name], RAGGED, torch.float32, grad=True)
        outputs, _ = backend.forward(CELLS[name], layer)
        (first,) = torch.autograd.grad(torch.cat(outputs).square().sum(), layer.x, create_graph=True)
        results.append(torch.autograd.grad(first.square().sum(), layer.weights[0].hh)[0])
    assert rel_l2(results[0], results[1]) < 1e-5


def test_no_warnings() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in ("lstm", "gru", "rnn_tanh"):
            for case in (RAGGED, replace(RAGGED, strided=True), Case(3, 2, 2, 4, proj_size=2 if name == "lstm" else 0)):
                TORCH.forward(CELLS[name], make_layer(CELLS[name], case, torch.float32))


@pytest.mark.parametrize("words", ["RNN module weights are not part of single contiguous chunk of memory. This means"])
def test_weights_in_pieces_are_no_news(words: str) -> None:
    """What cuDNN says at every call; weights on a device that is not the CPU stand for weights on CUDA."""
    with _quiet(Weights(torch.empty(4, 2, device="meta"), torch.empty(4, 1, device="meta"))):
        warnings.warn(words, stacklevel=1)


def test_rows_of_length_zero() -> None:
    """PackedSequence has none, but a layer may: they keep their initial state, in both directions."""
    layer = make_layer(CELLS["lstm"], RAGGED)
    sizes = torch.tensor([3, 3, 1])
    layer = replace(layer, x=layer.x[:7], batch_sizes=sizes)
    for backend in (TORCH, Reference()):
        _, states = backend.forward(CELLS["lstm"], layer)
        for last, first in zip(states, layer.states, strict=True):
            assert last.shape == first.shape
            assert torch.equal(last[:, 3], first[:, 3])
            assert not torch.equal(last[:, 2], first[:, 2])


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("rows", [0, 3])
def test_no_tokens_at_all(backend: str, rows: int) -> None:
    layer = make_layer(CELLS["lstm"], Case(1, 3, 2, 4, bidirectional=True), torch.float32)
    empty: Layer = replace(
        layer,
        x=layer.x[:0],
        batch_sizes=torch.zeros(0, dtype=torch.int64),
        states=tuple(s[:, :rows] for s in layer.states),
    )
    outputs, states = BACKENDS[backend].forward(CELLS["lstm"], empty)
    assert [tuple(v.shape) for v in outputs] == [(0, 4), (0, 4)]
    assert all(torch.equal(a, b) for a, b in zip(states, empty.states, strict=True))


@pytest.mark.parametrize("backend", BACKENDS)
def test_nan_stays_in_its_row(backend: str) -> None:
    layer = make_layer(CELLS["lstm"], Case(3, 3, 2, 4), torch.float32)
    x = layer.x.clone()
    x[1] = float("nan")  # row 1 at the first step
    (output,), (h, c) = BACKENDS[backend].forward(CELLS["lstm"], replace(layer, x=x))
    rows = output.view(3, 3, 4).isnan().all(-1)
    assert rows.tolist() == [[False, True, False]] * 3
    assert h[0].isnan().all(-1).tolist() == c[0].isnan().all(-1).tolist() == [False, True, False]


@pytest.mark.parametrize("backend", BACKENDS)
def test_inputs_are_not_changed(backend: str) -> None:
    layer = make_layer(CELLS["lstm"], RAGGED, torch.float32)
    before = [layer.x.clone(), *(s.clone() for s in layer.states)]
    BACKENDS[backend].forward(CELLS["lstm"], layer)
    assert all(torch.equal(a, b) for a, b in zip(before, [layer.x, *layer.states], strict=True))
