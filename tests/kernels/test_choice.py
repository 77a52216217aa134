"""Choosing a backend: the best that can, or the forced one, or an error that says why. Never a silent fallback."""

import pytest
import torch

from ostinato._core.errors import BackendError, InputError
from ostinato.cells import CELLS, Cell
from ostinato.kernels import BACKENDS, Backend, Layer, choice, choose, explain, ran, use
from ostinato.kernels.native import missing
from ostinato.testing import Case, make_layer

LSTM, SIMPLE = CELLS["lstm"], CELLS["gru_simple"]
SHAPE = Case(3, 2, 2, 4)
BEST = next(iter(BACKENDS)) if missing() is None else "torch"


@pytest.fixture(autouse=True)
def _nothing_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OSTINATO_BACKEND", raising=False)


def test_best_that_can() -> None:
    assert choose(LSTM, make_layer(LSTM, SHAPE, torch.float32)).name == BEST
    assert choose(SIMPLE, make_layer(SIMPLE, SHAPE, torch.float64)).name == "reference"


def test_explain() -> None:
    reasons = dict(explain(SIMPLE, make_layer(SIMPLE, SHAPE)))
    assert list(reasons) == list(BACKENDS)
    assert reasons["reference"] is None
    assert "gru_simple" in str(reasons["torch"])


def test_forced_by_argument_block_and_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = make_layer(LSTM, SHAPE, torch.float32)
    assert choose(LSTM, layer, "reference").name == "reference"
    with use("reference"):
        assert choose(LSTM, layer).name == "reference"
        with use("torch"):
            assert choose(LSTM, layer).name == "torch"
        assert choose(LSTM, layer, "torch").name == "torch"
    monkeypatch.setenv("OSTINATO_BACKEND", "reference")
    assert choose(LSTM, layer).name == "reference"
    with use("torch"):
        assert choose(LSTM, layer).name == "torch"
    monkeypatch.setenv("OSTINATO_BACKEND", "")
    assert choose(LSTM, layer).name == BEST


def test_forced_that_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = make_layer(SIMPLE, SHAPE)
    pattern = r"backend 'torch' \(by {}\) cannot run .*: torch has no kernel for cell 'gru_simple'.*one of .*reference"
    with pytest.raises(BackendError, match=pattern.format("backend=")):
        choose(SIMPLE, layer, "torch")
    with use("torch"), pytest.raises(BackendError, match=pattern.format(r"use\(\)")):
        choose(SIMPLE, layer)
    monkeypatch.setenv("OSTINATO_BACKEND", "torch")
    with pytest.raises(BackendError, match=pattern.format("OSTINATO_BACKEND")):
        choose(SIMPLE, layer)


def test_unknown_name(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = make_layer(LSTM, SHAPE)
    with pytest.raises(InputError, match="backend= names backend 'cuda'; one of native, torch, ref"):
        choose(LSTM, layer, "cuda")
    with pytest.raises(InputError, match="use"), use("cuda"):
        pass
    monkeypatch.setenv("OSTINATO_BACKEND", "cuda")
    with pytest.raises(InputError, match="OSTINATO_BACKEND names backend 'cuda'"):
        choose(LSTM, layer)


def test_none_can() -> None:
    gru = CELLS["gru"]
    with pytest.raises(
        BackendError, match=r"no backend can run this layer: native: .* torch: .* reference: cell 'gru' has no proj"
    ):
        choose(gru, make_layer(gru, Case(2, 2, 2, 4, proj_size=2)))


def test_ran_records_each_layer() -> None:
    layer = make_layer(LSTM, SHAPE)
    with ran() as outer:
        choose(LSTM, layer, "torch").forward(LSTM, layer)
        with ran() as inner:
            choose(LSTM, layer, "reference").forward(LSTM, layer)
    choose(LSTM, layer).forward(LSTM, layer)
    assert (outer, inner) == (["torch", "reference"], ["reference"])


def test_a_new_backend_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    class Picky(Backend):
        name = "picky"

        def why_not(self, cell: Cell, layer: Layer) -> str | None:
            return None if cell.name == "lstm" else "it runs LSTM alone"

        def _forward(self, cell: Cell, layer: Layer) -> tuple[list[torch.Tensor], tuple[torch.Tensor, ...]]:
            return BACKENDS["reference"].forward(cell, layer)

    monkeypatch.setattr(choice, "BACKENDS", {"picky": Picky(), **BACKENDS})
    assert choose(LSTM, make_layer(LSTM, SHAPE)).name == "picky"
    assert dict(explain(SIMPLE, make_layer(SIMPLE, SHAPE)))["picky"] == "it runs LSTM alone"
