"""What parameters start from."""

from typing import Any

import pytest
import torch

from ostinato import nn


def test_orthogonal() -> None:
    layer = nn.LSTM(6, 5, 2, bidirectional=True, init="orthogonal", dtype=torch.float64)
    for name, parameter in layer.named_parameters():
        if name.startswith("weight_hh"):
            for gate in parameter.detach().split(5):
                torch.testing.assert_close(gate @ gate.T, torch.eye(5, dtype=torch.float64))
        elif name.startswith("weight_ih"):
            bound = (6 / (parameter.shape[1] + 5)) ** 0.5
            assert 0.8 * bound < float(parameter.detach().abs().max()) <= bound
        else:
            assert bool((parameter == 0).all())


def test_orthogonal_of_everything_else() -> None:
    layer = nn.LSTM(3, 6, init="orthogonal", peephole=True, proj_size=2, layer_norm=True, bias="single")
    torch.testing.assert_close(layer.weight_hr_l0 @ layer.weight_hr_l0.T, torch.eye(2))
    assert bool((layer.w_cf_l0 == 0).all())
    assert bool((layer.norm_hh_weight_l0 == 1).all())
    assert bool((layer.norm_hh_bias_l0 == 0).all())


@pytest.mark.parametrize("options", [{}, {"bias": "single"}, {"init": "orthogonal"}, {"bidirectional": True}])
def test_forget_bias(options: dict[str, Any]) -> None:
    layer = nn.LSTM(2, 4, 2, forget_bias=1.0, **options)
    biases = [p.detach() for name, p in layer.named_parameters() if name.startswith("bias_")]
    vectors = 1 if options.get("bias") == "single" else 2
    for group in range(0, len(biases), vectors):
        total = sum(biases[group : group + vectors])
        assert torch.equal(total[4:8], torch.ones(4))  # gate order i f g o
        assert not torch.equal(total[:4], torch.ones(4))


def test_torch_bounds() -> None:
    layer = nn.Recurrent("gru_simple", 3, 100, bias="single")
    for parameter in layer.parameters():
        assert 0.09 < float(parameter.detach().abs().max()) <= 0.1
