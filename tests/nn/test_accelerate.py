"""`accelerate` on models of every kind: what is replaced, what is left and why, and that nothing else changes."""

import copy
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations, prune, weight_norm

import ostinato
from ostinato import accelerate, kernels
from ostinato._core.errors import InputError
from ostinato.kernels.native import missing

pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))


class Model(nn.Module):
    """Recurrent modules in every place that torch knows."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(3, 4, 2, batch_first=True, bidirectional=True, dropout=0.25)
        self.listed = nn.ModuleList([nn.GRU(8, 4, batch_first=True), nn.Linear(4, 4)])
        self.named = nn.ModuleDict({"rnn": nn.RNN(4, 4, nonlinearity="relu", bias=False, batch_first=True)})
        self.again = self.named["rnn"]
        self.nested = nn.Sequential(nn.Sequential(nn.LSTM(4, 5, batch_first=True)))
        self.cells = nn.ModuleList([nn.LSTMCell(5, 4), nn.GRUCell(4, 4), nn.RNNCell(4, 4, nonlinearity="relu")])
        self.empty = None
        self.register_module("none", None)

    def forward(self, x: Tensor) -> Tensor:
        x = self.listed[1](self.listed[0](self.lstm(x)[0])[0])
        x = self.nested(self.again(self.named["rnn"](x)[0])[0])[0]
        h, _ = self.cells[0](x[:, -1])
        return self.cells[2](self.cells[1](h))


PLACES = ["lstm", "again", "listed.0", "named.rnn", "nested.0.0", "cells.0", "cells.1", "cells.2"]
X = torch.randn(3, 6, 3, generator=torch.Generator().manual_seed(0))


def _step(model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    optimizer.zero_grad()
    model(X).square().sum().backward()
    optimizer.step()


def test_same_model_on_our_kernels() -> None:
    model = Model().eval()
    twin, before, keys = copy.deepcopy(model), dict(model.named_parameters()), list(model.state_dict())
    report = accelerate(model)
    assert sorted(report.replaced) == sorted(PLACES)
    assert report.left == {}
    assert model.again is model.named["rnn"]  # used twice, still one
    assert list(model.state_dict()) == keys
    assert all(p is before[name] for name, p in model.named_parameters())
    with kernels.ran() as names:
        got = model(X)
    assert names == ["native"] * 6 + ["torch"] * 3  # five modules of six layers; cells run few rows on torch's kernels
    torch.testing.assert_close(got, twin(X), rtol=1e-5, atol=1e-6)
    assert isinstance(model.lstm, ostinato.nn.LSTM)
    assert not model.lstm.training
    assert model.train().lstm.dropout == 0.25


def test_optimizer_goes_on_and_undo_gives_back_what_was_learned() -> None:
    model = Model().eval()
    twin, old = copy.deepcopy(model), {place: model.get_submodule(place) for place in PLACES}
    optimizers = [torch.optim.Adam(m.parameters(), lr=0.01) for m in (model, twin)]
    for m, optimizer in zip((model, twin), optimizers, strict=True):
        _step(m, optimizer)
    report = accelerate(model)
    for _ in range(2):
        for m, optimizer in zip((model, twin), optimizers, strict=True):
            _step(m, optimizer)
    model.train()
    report.undo()
    assert all(model.get_submodule(place) is module for place, module in old.items())
    assert model.lstm.training  # the mode of now, not of then
    model.eval()
    with kernels.ran() as names:
        torch.testing.assert_close(model(X), twin(X), rtol=1e-4, atol=1e-5)
    assert names == []
    report.undo()  # twice is once


def test_state_dict_loads_and_assigns() -> None:
    model, other = Model().eval(), Model().eval()
    report = accelerate(model)
    model.load_state_dict(other.state_dict())
    torch.testing.assert_close(model(X), other(X), rtol=1e-5, atol=1e-6)
    model.load_state_dict({name: 2 * value for name, value in other.state_dict().items()}, assign=True)
    report.undo()
    other.load_state_dict({name: 2 * value for name, value in other.state_dict().items()})
    torch.testing.assert_close(model(X), other(X))


def test_second_call_finds_nothing_to_do() -> None:
    model = Model()
    accelerate(model)
    before = dict(model.named_modules())
    report = accelerate(model)
    assert report.replaced == {}
    assert set(report.left.values()) == {"is Ostinato's already"}
    assert dict(model.named_modules()) == before


class Own(nn.LSTM):
    """A subclass."""


def _with(change: Any) -> nn.Module:
    module = nn.GRU(3, 4)
    return change(module) or module


def _forward_replaced(module: nn.Module) -> None:
    module.forward = lambda x: x  # type: ignore[method-assign, assignment]


ODD: dict[str, tuple[Any, str]] = {
    "subclass": (lambda: Own(3, 4), "Own is a subclass of torch.nn.LSTM and may compute something else"),
    "double": (lambda: nn.LSTM(3, 4).double(), "the native kernels compute in float32; torch.float64 given"),
    "half": (lambda: nn.GRUCell(3, 4).bfloat16(), "torch.bfloat16 given"),
    "meta": (lambda: nn.LSTM(3, 4, device="meta"), "a tensor on meta given"),
    "parametrized": (lambda: _with(lambda m: parametrizations.orthogonal(m, "weight_hh_l0")), "are parametrized"),
    "forward": (lambda: _with(_forward_replaced), "its forward was replaced"),
    "scripted": (lambda: torch.jit.script(nn.LSTM(3, 4)), "compiled by torch.jit"),
    "pruned": (lambda: _with(lambda m: prune.l1_unstructured(m, "weight_hh_l0", 2)), "pruning"),
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
@pytest.mark.parametrize("name", ODD)
def test_left_alone_with_the_reason(name: str) -> None:
    make, reason = ODD[name]
    module = make()
    model = nn.Sequential(nn.Linear(2, 3), module)
    report = accelerate(model)
    assert model[1] is module
    assert report.replaced == {}
    assert reason in report.left["1"]
    assert str(report).startswith("0 of 1 recurrent modules replaced\nleft alone\n  1  ")


@pytest.mark.filterwarnings("ignore")
def test_weight_normed_and_quantized() -> None:
    normed = nn.Sequential(weight_norm(nn.LSTM(3, 4), "weight_hh_l0"))
    assert "its weight_hh_l0 are computed by a hook (weight_norm" in accelerate(normed).left["0"]
    quantized = torch.ao.quantization.quantize_dynamic(nn.Sequential(nn.LSTM(3, 4)), {nn.LSTM})
    assert "quantized" in accelerate(quantized).left["0"]


def test_hooks_are_kept_and_can_be_removed() -> None:
    model = nn.Sequential(nn.GRU(3, 4))
    seen: list[str] = []
    handle = model[0].register_forward_hook(lambda *_: seen.append("before"))
    report = accelerate(model)
    second = model[0].register_forward_hook(lambda *_: seen.append("after"))
    model(X)
    assert seen == ["before", "after"]
    handle.remove()
    model(X)
    assert seen == ["before", "after", "after"]
    report.undo()
    model(X)
    second.remove()
    model(X)
    assert len(seen) == 4


def test_attributes_buffers_and_mode_are_kept() -> None:
    model = nn.Sequential(nn.LSTM(3, 4, batch_first=True))
    model[0].comment = "mine"
    model[0].register_buffer("mean", torch.ones(3))
    model.eval()
    accelerate(model)
    assert (model[0].comment, model[0].training, model[0].batch_first) == ("mine", False, True)
    assert "0.mean" in model.state_dict()


def test_model_that_is_a_layer_itself() -> None:
    layer = nn.LSTM(3, 4)
    with pytest.raises(InputError, match=r"model itself is a torch.nn.LSTM; .*from_torch\(model, share=True\)"):
        accelerate(layer)
    ours = ostinato.nn.from_torch(layer, share=True)
    assert ours.weight_ih_l0 is layer.weight_ih_l0
    torch.testing.assert_close(ours(X), layer(X), rtol=1e-5, atol=1e-6)
    with pytest.raises(InputError, match="model is dict"):
        accelerate({})


def test_undo_refuses_where_somebody_else_was() -> None:
    model = nn.Sequential(nn.GRU(3, 4), nn.GRU(3, 4))
    report = accelerate(model)
    ours = model[0]
    model[1] = nn.Linear(3, 4)
    with pytest.raises(InputError, match="1 is Linear now; expected the GRU"):
        report.undo()
    assert model[0] is ours


def test_copies_and_replicas_work() -> None:
    model = nn.Sequential(nn.LSTM(3, 4, batch_first=True))
    accelerate(model)
    wanted = model(X)[0]
    torch.testing.assert_close(copy.deepcopy(model)(X)[0], wanted)
    replica = model[0]._replicate_for_data_parallel()  # as DataParallel makes them: plain tensors for parameters
    for name, p in model[0].named_parameters():
        setattr(replica, name, p.clone())
    torch.testing.assert_close(replica(X)[0], wanted)
    zeros = {name: torch.zeros_like(p) for name, p in model.named_parameters()}
    assert not torch.func.functional_call(model, zeros, (X,))[0].any()


def test_same_strides_as_torch() -> None:
    """A view that worked on torch's output works on ours."""
    for layer in (nn.LSTM(3, 4, batch_first=True), nn.GRU(3, 4), nn.RNN(3, 4, bidirectional=True)):
        theirs, states = layer(X)
        ours, our_states = ostinato.nn.from_torch(layer, share=True)(X)
        assert ours.is_contiguous() or not theirs.is_contiguous()
        if isinstance(states, Tensor):
            assert our_states.is_contiguous()


def test_report_reads_well() -> None:
    model = nn.Sequential(nn.LSTM(3, 4), nn.GRU(4, 5).double())
    assert str(accelerate(model)) == (
        "1 of 2 recurrent modules replaced\n  0  LSTM(3, 4)\nleft alone\n"
        "  1  the native kernels compute in float32; torch.float64 given"
    )
    assert str(accelerate(nn.Linear(2, 3))) == "no recurrent module found"
