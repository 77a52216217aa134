"""A stream's steps against the whole sequence in one call."""

from typing import Any

import pytest
import torch

from ostinato import nn
from ostinato._core.errors import InputError, ShapeError
from ostinato.kernels.native import missing

LAYERS: dict[str, Any] = {
    "lstm": lambda: nn.LSTM(3, 5),
    "deep_gru": lambda: nn.GRU(3, 5, 3, dropout=0.5, batch_first=True),
    "torch": lambda: torch.nn.LSTM(3, 5, 2),
    "relu": lambda: nn.RNN(3, 5, nonlinearity="relu", bias="single"),
    "peephole_learned": lambda: nn.LSTM(3, 5, 2, peephole=True, learned_state=True),
    "reset_before": lambda: nn.GRU(3, 5, reset="before"),
    "zoneout": lambda: nn.LSTM(3, 5, 2, zoneout=0.3),
    "projection": lambda: nn.LSTM(3, 5, 2, proj_size=2),
    "norm": lambda: nn.LSTM(3, 5, layer_norm=True),
}
FALLBACK: dict[str, Any] = {
    "double": lambda: nn.LSTM(3, 5, 2).double(),
}


@pytest.mark.parametrize("rows", [1, 4])
@pytest.mark.parametrize("name", LAYERS | FALLBACK)
def test_same_as_the_whole(name: str, rows: int) -> None:
    layer = (LAYERS | FALLBACK)[name]()
    for p in layer.parameters():
        torch.nn.init.normal_(p, std=0.5)
    stream = nn.Stepper(layer, rows)
    if missing() is None:
        assert (stream.why_not is None) == (name in LAYERS), stream.why_not
    x = torch.randn(6, rows, 3, dtype=next(layer.parameters()).dtype)
    outputs = torch.stack([stream(step).clone() for step in x])
    layer.eval()
    with torch.no_grad():
        wanted, states = layer(x.transpose(0, 1) if layer.batch_first else x)
    torch.testing.assert_close(outputs, wanted.transpose(0, 1) if layer.batch_first else wanted)
    torch.testing.assert_close(stream.state, states)


@pytest.mark.parametrize("name", ["lstm", "double"])
def test_states_given_and_begun_again(name: str) -> None:
    layer = (LAYERS | FALLBACK)[name]().eval()
    dtype = next(layer.parameters()).dtype
    stream, x = nn.Stepper(layer), torch.randn(1, 1, 3, dtype=dtype)
    hx = tuple(torch.randn(layer.num_layers, 1, 5, dtype=dtype) for _ in range(2))
    first = stream(x[0]).clone()
    assert not torch.equal(stream(x[0]), first)
    stream.reset()
    torch.testing.assert_close(stream(x[0]), first)
    stream.reset(hx)
    torch.testing.assert_close(stream(x[0]), layer(x, hx)[0][0].detach())
    with pytest.raises(ShapeError, match="Expected hidden"):
        stream.reset((hx[0], hx[1][..., :2]))


@pytest.mark.parametrize("name", ["lstm", "double"])
def test_weights_are_taken_on_purpose(name: str) -> None:
    layer = (LAYERS | FALLBACK)[name]()
    stream, x = nn.Stepper(layer), torch.randn(1, 3, dtype=next(layer.parameters()).dtype)
    before = stream(x).clone()
    with torch.no_grad():
        for p in layer.parameters():
            p.zero_()
    stream.reset()
    assert torch.equal(stream(x), before)
    stream.refresh()
    stream.reset()
    assert not stream(x).any()


@pytest.mark.skipif(missing() is not None, reason=str(missing()))
def test_nothing_is_allocated() -> None:
    stream = nn.Stepper(nn.LSTM(3, 5, 2))
    x = torch.randn(1, 3)
    y = stream(x)
    assert all(stream(x) is y for _ in range(3))
    with torch.autograd.profiler.profile(profile_memory=True) as profile:
        stream(x)
    assert not [event for event in profile.function_events if "empty" in event.name]


def test_strided_input() -> None:
    stream, twin = (nn.Stepper(layer, 4) for layer in [nn.GRU(3, 5)] * 2)
    x = torch.randn(3, 4).T
    torch.testing.assert_close(stream(x), twin(x.contiguous()))


def test_refuses() -> None:
    with pytest.raises(InputError, match="both directions"):
        nn.Stepper(nn.GRU(3, 4, bidirectional=True))
    stream = nn.Stepper(nn.GRU(3, 4))
    with pytest.raises(ShapeError, match=r"x is torch.float32 \(2, 3\) on cpu; torch.float32 \(1, 3\)"):
        stream(torch.zeros(2, 3))
    with pytest.raises(ShapeError, match=r"x is torch.float64"):
        stream(torch.zeros(1, 3).double())
    with pytest.raises(InputError, match=r"expected torch.nn.RNN, LSTM or GRU"):
        nn.Stepper(torch.nn.Linear(2, 3))
