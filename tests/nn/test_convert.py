"""Weights go from torch's modules to ours and back, with everything that belongs to them."""

from typing import Any

import pytest
import torch

from ostinato import nn
from ostinato._core.errors import InputError

MODULES = [
    (torch.nn.LSTM, nn.LSTM, {"num_layers": 2, "bidirectional": True, "proj_size": 2}),
    (torch.nn.GRU, nn.GRU, {"batch_first": True, "bias": False, "dtype": torch.float64}),
    (torch.nn.RNN, nn.RNN, {"nonlinearity": "relu", "num_layers": 2, "dropout": 0.5}),
]


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
@pytest.mark.parametrize(("theirs", "ours", "options"), MODULES)
def test_there_and_back(theirs: Any, ours: Any, options: dict[str, Any]) -> None:
    module = theirs(3, 4, **options).eval()
    module.weight_hh_l0.requires_grad_(False)
    layer = nn.from_torch(module)
    assert type(layer) is ours
    assert not layer.training
    assert repr(layer) == repr(module)
    assert not layer.weight_hh_l0.requires_grad
    assert layer.weight_ih_l0.requires_grad
    x = torch.randn(5, 2, 3, dtype=options.get("dtype"))
    torch.testing.assert_close(layer(x), module(x))
    back = nn.to_torch(layer)
    assert type(back) is theirs
    assert repr(back) == repr(module)
    torch.testing.assert_close(back(x), module(x))
    assert back.weight_ih_l0 is not layer.weight_ih_l0


def test_single_bias_becomes_two() -> None:
    layer = nn.GRU(3, 4, bias="single")
    x = torch.randn(5, 2, 3)
    torch.testing.assert_close(nn.to_torch(layer)(x), layer(x))


def test_refused() -> None:
    with pytest.raises(InputError, match=r"module is Linear; expected torch.nn.RNN, LSTM or GRU"):
        nn.from_torch(torch.nn.Linear(1, 2))  # type: ignore[arg-type]
    with pytest.raises(InputError, match="cell 'gru_reset_before'; torch has rnn_tanh, rnn_relu, lstm, gru"):
        nn.to_torch(nn.GRU(2, 3, reset="before"))
    with pytest.raises(InputError, match="layer_norm=True; torch has no such option"):
        nn.to_torch(nn.LSTM(2, 3, layer_norm=True))
