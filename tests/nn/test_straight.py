"""The short way gives what the general way gives, is taken where it can be, and nowhere else."""

import copy
import pickle
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

from ostinato import kernels, nn
from ostinato.kernels.native import dense, missing
from ostinato.nn import recurrent

pytestmark = pytest.mark.skipif(missing() is not None, reason=f"no native library: {missing()}")

LAYERS: dict[str, dict[str, Any]] = {
    "lstm": {"cell": "lstm"},
    "gru": {"cell": "gru"},
    "gru, reset before": {"cell": "gru_reset_before"},
    "gru, simple": {"cell": "gru_simple"},
    "rnn": {"cell": "rnn_tanh", "bias": False},
    "one bias": {"cell": "lstm", "bias": "single"},
    "both directions": {"cell": "lstm", "bidirectional": True},
    "deep": {"cell": "gru", "num_layers": 3, "bidirectional": True, "batch_first": True},
    "projected": {"cell": "lstm", "proj_size": 3, "num_layers": 2},
    "rows first": {"cell": "rnn_relu", "batch_first": True},
}


@pytest.fixture
def straight_calls(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Numbers of tokens of the layers that went the short way."""
    calls: list[int] = []
    original = dense.Dense.__call__

    def counted(self: dense.Dense, *args: Any) -> tuple[Tensor, ...]:
        calls.append(self.N)
        return original(self, *args)

    monkeypatch.setattr(dense.Dense, "__call__", counted)
    return calls


@pytest.fixture
def general(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that runs a module the general way."""

    def run(module: nn.Recurrent, *args: Any) -> Any:
        with monkeypatch.context() as patch:
            patch.setattr(recurrent, "straight", lambda *_: None)
            return module(*args)

    return run


def flat(results: Any) -> Iterator[Tensor]:
    for result in results:
        yield from (result,) if isinstance(result, Tensor) else result


def made(name: str, seed: int = 0) -> tuple[nn.Recurrent, Tensor, Any]:
    torch.manual_seed(seed)
    settings = {"input_size": 5, "hidden_size": 7, **LAYERS[name]}
    module = nn.Recurrent(**settings)
    x = torch.randn((4, 6, 5) if module.batch_first else (6, 4, 5), requires_grad=True)
    sizes = [module._state_size(k) for k in range(len(module.cell.states))]
    states = tuple(torch.randn(len(module._slots), 4, size, requires_grad=True) for size in sizes)
    return module, x, states[0] if len(states) == 1 else states


@pytest.mark.parametrize("begun", [False, True])
@pytest.mark.parametrize("name", LAYERS)
def test_equals_the_general_way(name: str, begun: bool, general: Any, straight_calls: list[int]) -> None:
    module, x, hx = made(name)
    given = (x, hx) if begun else (x,)
    wanted = [x, *module.parameters(), *(flat([hx]) if begun else ())]
    ours, theirs = list(flat(module(*given))), list(flat(general(module, *given)))
    assert straight_calls == [24] * module.num_layers
    directions = [torch.randn_like(each) for each in ours]
    for one, other in zip(ours, theirs, strict=True):
        assert one.shape == other.shape
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)
    firsts = torch.autograd.grad(ours, wanted, directions, create_graph=True)
    for one, other in zip(firsts, torch.autograd.grad(theirs, wanted, directions, create_graph=True), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)
    with torch.no_grad():
        for one, other in zip(flat(module(*given)), theirs, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["lstm", "both directions", "projected"])
def test_numbers_of_the_backward_without_a_graph(name: str, general: Any) -> None:
    module, x, hx = made(name)
    wanted = [x, *module.parameters(), *hx]
    ours, theirs = module(x, hx)[0].square().sum(), general(module, x, hx)[0].square().sum()
    for one, other in zip(torch.autograd.grad(ours, wanted), torch.autograd.grad(theirs, wanted), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def test_second_derivatives(general: Any) -> None:
    module, x, hx = made("both directions")

    def penalty(run: Any) -> list[Tensor]:
        y, (_, c) = run(module, x, hx)
        (slope,) = torch.autograd.grad(y.square().sum() + c.sum(), x, create_graph=True)
        return list(torch.autograd.grad(slope.square().sum(), [x, *module.parameters()]))

    for one, other in zip(penalty(lambda m, *a: m(*a)), penalty(general), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def test_gradient_of_the_last_state_alone(general: Any) -> None:
    module, x, _ = made("lstm")
    module.weight_hh_l0.requires_grad_(False)  # frozen: no gradient is made
    wanted = [x, module.weight_ih_l0]
    ours = torch.autograd.grad(module(x)[1][1].sum(), wanted)
    for one, other in zip(ours, torch.autograd.grad(general(module, x)[1][1].sum(), wanted), strict=True):
        torch.testing.assert_close(one, other)


def test_memory_in_another_order(general: Any, straight_calls: list[int]) -> None:
    module, x, _ = made("lstm")
    turned = x.detach().transpose(0, 2).contiguous().transpose(0, 2)
    torch.testing.assert_close(module(turned)[0], general(module, turned)[0])
    torch.testing.assert_close(module(torch._neg_view(turned))[0], general(module, -turned)[0])
    assert straight_calls == [24]  # what lies in memory with the other sign goes the general way


@pytest.mark.parametrize(
    "settings",
    [
        {"zoneout": 0.1},
        {"recurrent_dropout": 0.1},
        {"weight_drop": 0.1},
        {"layer_norm": True},
        {"learned_state": True},
        {"truncate": 2},
        {"backend": "torch"},
        {"dropout": 0.5, "num_layers": 2},
        {"merge": "sum", "bidirectional": True},
        {"cell": "lstm_peephole"},
        {"dtype": torch.float64},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_options_go_the_general_way(settings: dict[str, Any], straight_calls: list[int]) -> None:
    module = nn.Recurrent(**{"cell": "lstm", "input_size": 5, "hidden_size": 7, **settings})
    module(torch.randn(6, 4, 5, dtype=settings.get("dtype")))
    assert straight_calls == []


def test_options_of_training_do_not_act_in_evaluation(straight_calls: list[int]) -> None:
    module = nn.LSTM(5, 7, 2, dropout=0.5, recurrent_dropout=0.1, weight_drop=0.1, truncate=2).eval()
    module(torch.randn(6, 4, 5))
    assert straight_calls == [24, 24]


def test_inputs_that_go_the_general_way(straight_calls: list[int]) -> None:
    module = nn.GRU(5, 7)
    x = torch.randn(6, 4, 5)
    module(x, lengths=[6, 3, 2, 1])
    module(x[:, 0])
    module(nn.pack([x[:, 0], x[:2, 1]]))
    with kernels.use("torch"):
        module(x)

    class Marked(Tensor):
        pass

    module(x.as_subclass(Marked))
    torch.func.grad(lambda each: module(each)[0].sum())(x)
    assert straight_calls == []
    module(x)
    assert straight_calls == [24]


def test_computed_weights_are_seen(straight_calls: list[int]) -> None:
    """Weights that are made of others at each call are no parameters of the module, and must not be read from there."""

    class Doubled(torch.nn.Module):
        def forward(self, weight: Tensor) -> Tensor:
            return 2 * weight

    module, x = nn.GRU(5, 7), torch.randn(6, 4, 5)
    other = copy.deepcopy(module)
    with torch.no_grad():
        other.weight_hh_l0 *= 2
    torch.nn.utils.parametrize.register_parametrization(module, "weight_hh_l0", Doubled())
    torch.testing.assert_close(module(x)[0], other(x)[0])
    assert straight_calls == [24]
    swapped = torch.func.functional_call(nn.GRU(5, 7), dict(other.named_parameters()), (x,))[0]
    torch.testing.assert_close(swapped, other(x)[0])


@pytest.mark.parametrize(
    ("hx", "words"),
    [
        (torch.zeros(1, 4, 7), "expected a tuple"),
        ((torch.zeros(1, 4, 7),), "expected 2"),
        ((torch.zeros(1, 4, 7), torch.zeros(1, 4, 6)), "size"),
        ((torch.zeros(1, 4, 7), torch.zeros(1, 4, 7, dtype=torch.float64)), "dtype"),
    ],
)
def test_what_is_wrong_is_said_by_the_general_way(hx: Any, words: str) -> None:
    with pytest.raises((ValueError, RuntimeError), match=words):
        nn.LSTM(5, 7)(torch.randn(6, 4, 5), hx)


def test_changed_before_the_backward() -> None:
    module, x = nn.LSTM(5, 7), torch.randn(6, 4, 5)
    y = module(x)[0]
    with torch.no_grad():
        module.weight_hh_l0.zero_()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def test_torchs_defaults_do_not_matter() -> None:
    """Results are float32 on the CPU as the weights are, whatever new tensors are by default."""
    module, x = nn.LSTM(5, 7), torch.randn(6, 4, 5)
    expected = module(x)[0]
    torch.set_default_dtype(torch.float64)
    try:
        assert torch.equal(module(x)[0], expected)
        assert torch.equal(module(x, lengths=[6] * 4)[0], expected)
        with torch.device("meta"):
            assert torch.equal(module(x)[0], expected)
    finally:
        torch.set_default_dtype(torch.float32)


def test_copied_and_pickled() -> None:
    module, x, _ = made("deep")
    y = module(x)[0]
    assert torch.equal(copy.deepcopy(module)(x)[0], y)
    assert torch.equal(pickle.loads(pickle.dumps(module))(x)[0], y)
