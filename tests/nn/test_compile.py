"""Compiled models: one graph, no step unrolled, no recompilation for another batch, the same numbers as eagerly."""

import copy
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence

from ostinato import kernels, nn
from ostinato._core.errors import BackendError, InputError
from ostinato.kernels.native import missing

pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))

LAYERS: dict[str, Callable[[], nn.Recurrent]] = {
    "lstm": lambda: nn.LSTM(4, 6),
    "gru_deep_bidirectional": lambda: nn.GRU(4, 6, 2, bidirectional=True, batch_first=True),
    "rnn_relu_single_bias": lambda: nn.RNN(4, 6, nonlinearity="relu", bias="single"),
    "peephole_learned_state": lambda: nn.LSTM(4, 6, peephole=True, learned_state=True),
    "reset_before_merged": lambda: nn.GRU(4, 6, reset="before", bidirectional=True, merge="mean"),
    "simple_without_bias": lambda: nn.Recurrent("gru_simple", 4, 6, 2, bias=False),
}


class Tagger(torch.nn.Module):
    """A model with something before and behind the layer, as models have."""

    def __init__(self, layer: nn.Recurrent) -> None:
        super().__init__()
        self.before, self.layer, self.behind = torch.nn.Linear(3, 4), layer, torch.nn.Linear(layer.output_size, 2)

    def forward(self, x: Tensor, hx: Any = None, lengths: Any = None) -> Tensor:
        output, states = self.layer(self.before(x).relu(), hx, lengths=lengths)
        last = states if isinstance(states, Tensor) else states[0] + states[1]
        return self.behind(output).sum() + last.square().sum()


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    torch._dynamo.reset()
    with torch._dynamo.config.patch(error_on_recompile=True):
        yield
    torch._dynamo.reset()


def _same(model: Tagger, compiled: Any, *inputs: Any) -> None:
    """Loss and every gradient of the compiled model are the eager one's."""
    twin = copy.deepcopy(model)
    with kernels.ran() as names:
        loss = compiled(*inputs)
    assert names == ["native"] * model.layer.num_layers
    loss.backward()
    wanted = twin(*inputs)
    wanted.backward()
    torch.testing.assert_close(loss, wanted)
    for p, q in zip(model.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(p.grad, q.grad)
        p.grad = None


@pytest.mark.parametrize("name", LAYERS)
def test_trains_in_one_graph_for_all_shapes(name: str) -> None:
    model = Tagger(LAYERS[name]())
    compiled = torch.compile(model, fullgraph=True, backend="aot_eager", dynamic=True)
    for T, B in ((5, 7), (9, 4), (7, 8)):
        _same(model, compiled, torch.randn(T, B, 3))


@pytest.mark.parametrize("name", LAYERS)
def test_lengths(name: str) -> None:
    model = Tagger(LAYERS[name]())
    compiled = torch.compile(model, fullgraph=True, backend="aot_eager", dynamic=True)
    for T, lengths in ((5, [5, 2, 4, 4]), (6, [1, 3, 2, 6, 1]), (8, [8, 2])):
        shape = (len(lengths), T, 3) if model.layer.batch_first else (T, len(lengths), 3)
        _same(model, compiled, torch.randn(shape), None, torch.tensor(lengths))


def test_wrong_lengths_are_named_when_the_graph_runs() -> None:
    compiled = torch.compile(nn.GRU(3, 4), fullgraph=True, backend="eager")
    with pytest.raises(InputError, match="row 1 has length 9; expected at least 1 and at most 5"):
        compiled(torch.randn(5, 2, 3), lengths=torch.tensor([5, 9]))


def test_second_batch_size_makes_the_graph_dynamic_and_no_third_one_is_made() -> None:
    graphs = []

    def backend(graph: torch.fx.GraphModule, _: Any) -> Any:
        graphs.append(graph)
        return graph

    layer = nn.LSTM(3, 4, 2)
    with torch._dynamo.config.patch(error_on_recompile=False), torch.no_grad():
        compiled = torch.compile(layer, fullgraph=True, backend=backend)
        for B in (2, 3, 4, 5, 17):
            x = torch.randn(6, B, 3)
            torch.testing.assert_close(compiled(x), layer(x))
    assert len(graphs) == 2
    calls = [node for node in graphs[0].graph.nodes if "ostinato.layer" in str(node.target)]
    assert len(calls) == layer.num_layers  # the steps are inside


@pytest.mark.parametrize("locked", [False, True])
def test_dropout_between_layers(locked: bool) -> None:
    layer = nn.LSTM(3, 8, 2, dropout=0.5, locked_dropout=locked)
    compiled = torch.compile(layer, fullgraph=True, backend="aot_eager")
    x, lengths = torch.randn(5, 2, 3), torch.tensor([5, 3])
    assert not torch.equal(compiled(x, lengths=lengths)[0], compiled(x, lengths=lengths)[0])
    with torch._dynamo.config.patch(error_on_recompile=False):
        layer.eval()
        torch.testing.assert_close(compiled(x, lengths=lengths), layer(x, lengths=lengths))


def test_gradients_in_evaluation_and_states() -> None:
    layer = nn.LSTM(3, 4, 2).eval().requires_grad_(False)
    compiled = torch.compile(layer, fullgraph=True, backend="aot_eager")
    inputs = [torch.randn(5, 2, 3), torch.randn(2, 2, 4), torch.randn(2, 2, 4)]
    gradients = []
    for run in (compiled, layer):
        x, h, c = (t.clone().requires_grad_() for t in inputs)
        output, (_, c_n) = run(x, (h, c))
        gradients.append(torch.autograd.grad(output.square().sum() + c_n.sum(), (x, h, c)))
    torch.testing.assert_close(*gradients)


def test_one_sequence_alone() -> None:
    layer = nn.GRU(3, 4, bidirectional=True)
    x = torch.randn(5, 3)
    torch.testing.assert_close(torch.compile(layer, fullgraph=True, backend="eager")(x), layer(x))


def test_packed_batch() -> None:
    layer = nn.LSTM(3, 4, 2, bidirectional=True)
    packed = pack_padded_sequence(torch.randn(5, 3, 3), torch.tensor([5, 2, 4]), enforce_sorted=False)
    output, states = torch.compile(layer, fullgraph=True, backend="aot_eager")(packed)
    wanted, wanted_states = layer(packed)
    torch.testing.assert_close(output.data, wanted.data)
    torch.testing.assert_close(states, wanted_states)


def test_export() -> None:
    layer = nn.GRU(3, 4, 2, bidirectional=True, batch_first=True).eval()
    x, lengths = torch.randn(4, 6, 3), torch.tensor([6, 1, 3, 2])
    rows, steps = torch.export.Dim("rows"), torch.export.Dim("steps")
    shapes = {"input": {0: rows, 1: steps}, "hx": None, "lengths": {0: rows}}
    exported = torch.export.export(layer, (x,), {"hx": None, "lengths": lengths}, dynamic_shapes=shapes).module()
    for T, length in ((6, [6, 1, 3, 2]), (8, [8, 5, 3])):
        x = torch.randn(len(length), T, 3)
        its = exported(x, hx=None, lengths=torch.tensor(length))
        torch.testing.assert_close(its, layer(x, lengths=length))


def test_another_backend_than_compiled_for_is_refused() -> None:
    layer = nn.GRU(3, 4)
    compiled = torch.compile(layer, fullgraph=True, backend="eager")
    x = torch.randn(5, 2, 3)
    compiled(x)
    with kernels.use("reference"), pytest.raises(BackendError, match="compiled for backend 'native'"):
        compiled(x)


@pytest.mark.skipif(shutil.which("c++") is None, reason="inductor needs a C++ compiler")
def test_inductor() -> None:
    layer = nn.LSTM(3, 4, bidirectional=True)
    compiled = torch.compile(layer, fullgraph=True)
    x = torch.randn(5, 2, 3)
    with torch.no_grad():
        torch.testing.assert_close(compiled(x), layer(x))
