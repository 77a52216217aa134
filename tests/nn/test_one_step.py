"""The cells against torch's: same seed, same parameters, same numbers and gradients."""

from typing import Any

import pytest
import torch

from ostinato import kernels, nn
from ostinato._core.errors import DeviceError, InputError, ShapeError
from ostinato.kernels.native import missing

KINDS = {
    "rnn": (nn.RNNCell, torch.nn.RNNCell, {}),
    "rnn_relu": (nn.RNNCell, torch.nn.RNNCell, {"nonlinearity": "relu"}),
    "lstm": (nn.LSTMCell, torch.nn.LSTMCell, {}),
    "lstm_without_bias": (nn.LSTMCell, torch.nn.LSTMCell, {"bias": False}),
    "gru": (nn.GRUCell, torch.nn.GRUCell, {}),
}


def _pair(name: str, dtype: torch.dtype = torch.float32) -> tuple[Any, Any]:
    ours, theirs, more = KINDS[name]
    made = []
    for kind in (ours, theirs):
        torch.manual_seed(1)
        made.append(kind(3, 5, **more, dtype=dtype))
    return made[0], made[1]


@pytest.mark.parametrize("name", KINDS)
def test_same_parameters_and_text(name: str) -> None:
    ours, theirs = _pair(name)
    torch.testing.assert_close(dict(ours.state_dict()), dict(theirs.state_dict()), rtol=0, atol=0)
    assert repr(ours) == repr(theirs)
    theirs.load_state_dict(ours.state_dict())


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("shape", [(70, 3), (4, 3), (1, 3), (3,)])
def test_three_steps_and_gradients(name: str, shape: tuple[int, ...]) -> None:
    ours, theirs = _pair(name)
    exact = KINDS[name][1](3, 5, **KINDS[name][2], dtype=torch.float64)
    exact.load_state_dict(theirs.state_dict())
    xs = torch.randn(3, *shape)
    found = []
    for cell, dtype in ((ours, torch.float32), (exact, torch.float64)):
        state = None
        inputs = xs.clone().to(dtype).requires_grad_()
        for x in inputs:
            state = cell(x, state)
        states = (state,) if isinstance(state, torch.Tensor) else state
        (sum((k + 1) * s.square().sum() for k, s in enumerate(states))).backward()
        found.append([*states, inputs.grad, *(p.grad for p in cell.parameters())])
    for got, wanted in zip(*found, strict=True):
        torch.testing.assert_close(got, wanted.float(), rtol=1e-5, atol=1e-6)


@pytest.mark.skipif(missing() is not None, reason=str(missing()))
def test_native_runs_and_double_does_not() -> None:
    cell, many, few = nn.GRUCell(3, 4), torch.randn(64, 3), torch.randn(2, 3)
    with kernels.ran() as names:
        cell(many)
        cell(few)
        with kernels.use("native"):
            cell(few)
    assert names == ["native", "torch", "native"]
    assert dict(cell.explain(many))["native"] is None
    assert "for 2 rows packing the weights would cost more" in str(dict(cell.explain(few))["native"])
    assert "float64 given" in str(dict(cell.double().explain(many.double()))["native"])


def test_wrong_input_is_named() -> None:
    cell = nn.LSTMCell(3, 4)
    x, h = torch.zeros(2, 3), torch.zeros(2, 4)
    with pytest.raises(ShapeError, match=r"input has shape \(2, 4\); expected \(B, 3\) or \(3,\)"):
        cell(h)
    with pytest.raises(ShapeError, match=r"state c has shape \(1, 4\); expected \(2, 4\)"):
        cell(x, (h, h[:1]))
    with pytest.raises(InputError, match=r"hx is Tensor; expected a tuple \(h, c\)"):
        cell(x, h)
    with pytest.raises(InputError, match="hx is tuple; expected one tensor"):
        nn.GRUCell(3, 4)(x, (h, h))
    with pytest.raises(InputError, match=r"input is torch.float64; expected torch.float32"):
        cell(x.double())
    with pytest.raises(DeviceError, match="input on meta, weights on cpu"):
        cell(x.to("meta"))


def test_no_rows() -> None:
    assert nn.GRUCell(3, 4)(torch.zeros(0, 3)).shape == (0, 4)


@pytest.mark.skipif(missing() is not None, reason=str(missing()))
def test_compiled() -> None:
    cell = nn.LSTMCell(3, 4)
    torch._dynamo.reset()
    compiled = torch.compile(cell, fullgraph=True, backend="aot_eager")
    for rows in (2, 64):
        x = torch.randn(rows, 3)
        torch.testing.assert_close(compiled(x), cell(x))
        compiled(x)[0].sum().backward()
        assert cell.weight_hh.grad is not None
