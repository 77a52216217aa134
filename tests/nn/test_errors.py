"""Wrong arguments: value given, value expected, remedy; the exception types that torch programs catch."""

from typing import Any

import pytest
import torch

from ostinato import nn
from ostinato._core.errors import DeviceError, InputError, ShapeError

S, X = torch.zeros(1, 3, 4), torch.zeros(5, 3, 2)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: nn.Recurrent("lstn", 2, 4), r"cell='lstn'; expected one of .*; did you mean 'lstm'\?"),
        (lambda: nn.LSTM(2, 4, zonout=0.1), r"option 'zonout' is unknown; .*; did you mean 'zoneout'\?"),
        (lambda: nn.LSTM(2, 4, xyz=0.1), "option 'xyz' is unknown; .*; remove it"),
        (lambda: nn.LSTM(0, 4), "input_size=0; expected a whole number from 1 up"),
        (lambda: nn.LSTM(2, 4.5), "hidden_size=4.5; expected a whole number from 1 up"),
        (lambda: nn.LSTM(2, 4, True), "num_layers=True; expected a whole number"),
        (lambda: nn.LSTM(2, 4, dropout=1.5), r"dropout=1.5; expected a number in range \[0, 1\]"),
        (lambda: nn.LSTM(2, 4, bias="one"), "bias='one'; expected True, False, 'single' or 'double'"),
        (lambda: nn.LSTM(2, 4, proj_size=4), "proj_size=4; proj_size has to be smaller than hidden_size=4"),
        (lambda: nn.LSTM(2, 4, proj_size=-1), "proj_size=-1; expected a whole number from 0 up"),
        (lambda: nn.GRU(2, 4, proj_size=2), "proj_size=2 with cell 'gru', which cannot be projected"),
        (lambda: nn.RNN(2, 4, proj_size=2), "proj_size=2 with cell 'rnn_tanh', which cannot be projected"),
        (lambda: nn.RNN(2, 4, nonlinearity="tan"), r"nonlinearity='tan'; .*; did you mean 'tanh'\?"),
        (lambda: nn.GRU(2, 4, reset="now"), "reset='now'; expected one of after, before"),
        (lambda: nn.LSTM(2, 4, merge="sum"), "merge='sum' with one direction; .*set bidirectional=True"),
        (lambda: nn.LSTM(2, 4, bidirectional=True, merge="max"), "merge='max'; expected one of concat, sum, mean"),
        (lambda: nn.LSTM(2, 4, init="xavier"), "init='xavier'; expected one of torch, orthogonal"),
        (lambda: nn.LSTM(2, 4, backend="tourch"), r"backend='tourch'; .*; did you mean 'torch'\?"),
        (lambda: nn.LSTM(2, 4, truncate=0), "truncate=0; expected a whole number from 1 up"),
        (lambda: nn.LSTM(2, 4, truncate="all"), "truncate='all'; expected a whole number from 1 up"),
        (lambda: nn.GRU(2, 4, forget_bias=1.0), "forget_bias=1.0 with cell 'gru', which has no forget gate"),
        (lambda: nn.LSTM(2, 4, bias=False, forget_bias=1.0), "forget_bias=1.0 with bias=False"),
        (lambda: nn.LSTM(2, 4, batch_first="yes"), "batch_first='yes'; expected True or False"),
        (lambda: nn.LSTM(2, 4, layer_norm="no"), "layer_norm='no'; expected True or False"),
        (lambda: nn.LSTM(2, 4, zoneout=(0.1,)), r"zoneout=\(0.1,\); expected one number, or one a state \(h, c\)"),
        (lambda: nn.LSTM(2, 4, zoneout=2), r"zoneout=2; expected a number in range"),
        (lambda: nn.LSTM(2, 4, recurrent_dropout=-1), r"recurrent_dropout=-1; expected a number in range"),
        (lambda: nn.LSTM(2, 4, weight_drop="a"), r"weight_drop='a'; expected a number in range"),
    ],
)
def test_constructor(build: Any, message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        build()
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("input", "hx", "message"),
    [
        (torch.zeros(5, 3, 7), None, r"input.size\(-1\) must be equal to input_size. Expected 2, got 7"),
        (torch.zeros(5, 3, 2, 1), None, "Expected input to be 2D or 3D, got 4D"),
        (torch.zeros(2), None, "Expected input to be 2D or 3D, got 1D"),
        (torch.zeros(0, 3, 2), None, "Expected sequence length to be larger than 0"),
        (torch.zeros(5, 3, 2), (S[:, :2], S), r"Expected hidden\[0\] size \(1, 3, 4\), got \[1, 2, 4\]"),
        (torch.zeros(5, 3, 2), (S, S[..., :2]), r"Expected hidden\[1\] size \(1, 3, 4\), got \[1, 3, 2\]"),
        (torch.zeros(5, 3, 2), (S[0], S[0]), "For batched 3-D input, hx should also be 3-D but got 2-D"),
        (torch.zeros(5, 2), (S, S), "For unbatched 2-D input, hx should also be 2-D but got 3-D"),
        (nn.pack([torch.zeros(2, 2)]), (S, S), r"Expected hidden\[0\] size \(1, 1, 4\), got \[1, 3, 4\]"),
        (nn.pack([torch.zeros(2, 2, 2)]), None, "input must have 2 dimensions, got 3"),
    ],
)
def test_shapes(input: Any, hx: Any, message: str) -> None:
    with pytest.raises(ShapeError, match=message) as error:
        nn.LSTM(2, 4)(input, hx)
    assert isinstance(error.value, RuntimeError)
    assert isinstance(error.value, ValueError)


def test_torch_refuses_the_same_states() -> None:
    for layer in (nn.GRU(2, 4), torch.nn.GRU(2, 4)):
        with pytest.raises(RuntimeError, match=r"Expected hidden size \(1, 3, 4\), got \[1, 2, 4\]"):
            layer(torch.zeros(5, 3, 2), S[:, :2])


@pytest.mark.parametrize(
    ("layer", "input", "hx", "message"),
    [
        (nn.LSTM, torch.zeros(5, 3, 2), S, r"hx is one tensor; expected a tuple \(h_0, c_0\)"),
        (nn.GRU, torch.zeros(5, 3, 2), (S, S), "hx is tuple; expected one tensor"),
        (nn.LSTM, torch.zeros(5, 3, 2), (S,), "hx has 1 states; expected 2: h, c"),
        (nn.GRU, torch.zeros(5, 3, 2), S.double(), "Input and hidden tensors are not the same dtype"),
        (nn.GRU, torch.zeros(5, 3, 2).double(), None, r"RNN input dtype \(torch.float64\) does not match weight dtype"),
        (nn.GRU, [[1.0, 2.0]], None, "input is list; expected a Tensor or PackedSequence"),
    ],
)
def test_inputs(layer: Any, input: Any, hx: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        layer(2, 4)(input, hx)


@pytest.mark.parametrize(
    ("layer", "input", "hx", "message"),
    [
        ("meta", X, None, r"input on cpu, weights on meta; move it: input.to\('meta'\)"),
        ("cpu", X.to("meta"), None, r"input on meta, weights on cpu; move it: input.to\('cpu'\)"),
        ("cpu", X, (S, S.to("meta")), r"hidden\[1\] on meta, input on cpu; move it: hx.to\('cpu'\)"),
    ],
)
def test_devices(layer: str, input: Any, hx: Any, message: str) -> None:
    with pytest.raises(DeviceError, match=message) as error:
        nn.LSTM(2, 4, device=layer)(input, hx)
    assert isinstance(error.value, RuntimeError)


def test_dropout_with_one_layer_warns_as_torch_does() -> None:
    for module in (nn, torch.nn):
        with pytest.warns(UserWarning, match="num_layers=1"):
            module.LSTM(2, 4, dropout=0.5)
