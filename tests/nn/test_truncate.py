"""Truncated back-propagation equals the loop that everybody writes by hand."""

from typing import Any

import pytest
import torch
from torch import Tensor

from ostinato import nn


def _by_hand(layer: nn.Recurrent, x: Tensor, hx: Any, K: int) -> tuple[Tensor, Any]:
    """Run chunks of K steps, detaching the states between them."""
    outputs = []
    for begin in range(0, len(x), K):
        if begin:
            hx = tuple(s.detach() for s in hx) if isinstance(hx, tuple) else hx.detach()
        output, hx = layer(x[begin : begin + K], hx)
        outputs.append(output)
    return torch.cat(outputs), hx


def _gradients(result: tuple[Tensor, Any], leaves: list[Tensor]) -> tuple[Tensor, ...]:
    output, states = result
    score = output.square().sum() + sum(
        (s.cos().sum() for s in (states if isinstance(states, tuple) else (states,))), torch.zeros(())
    )
    return torch.autograd.grad(score, leaves, allow_unused=True)


def _case(layer: nn.Recurrent) -> tuple[Tensor, Any, list[Tensor]]:
    x = torch.randn(7, 3, 2, dtype=torch.float64, requires_grad=True)
    states = tuple(
        torch.randn(layer.num_layers, 3, 4, dtype=torch.float64, requires_grad=True) for _ in layer.cell.states
    )
    return x, states if len(states) > 1 else states[0], [x, *states, *layer.parameters()]


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
@pytest.mark.parametrize("K", [1, 2, 3, 7, 100])
def test_equals_a_loop_by_hand(kind: type[nn.LSTM], K: int) -> None:
    torch.manual_seed(0)
    layer = kind(2, 4, 2, dtype=torch.float64, truncate=K)
    plain = kind(2, 4, 2, dtype=torch.float64)
    plain.load_state_dict(layer.state_dict())
    x, hx, leaves = _case(layer)
    result = layer(x, hx)
    torch.testing.assert_close(result, plain(x, hx), rtol=1e-12, atol=1e-12)
    expected = _gradients(_by_hand(plain, x, hx, K), [*leaves[: -len(list(layer.parameters()))], *plain.parameters()])
    torch.testing.assert_close(_gradients(result, leaves), expected, rtol=1e-12, atol=1e-12)


def test_truncation_changes_gradients_and_no_truncation_does_not() -> None:
    torch.manual_seed(0)
    plain = nn.LSTM(2, 4, dtype=torch.float64)
    x, hx, _ = _case(plain)
    gradients = {}
    for K in (2, 7, 8):
        layer = nn.LSTM(2, 4, dtype=torch.float64, truncate=K)
        layer.load_state_dict(plain.state_dict())
        gradients[K] = _gradients(layer(x, hx), [x])[0]
    full = _gradients(plain(x, hx), [x])[0]
    assert not torch.allclose(gradients[2], full)
    assert torch.equal(gradients[7], full)
    assert torch.equal(gradients[8], full)


def test_ragged_and_bidirectional_equal_each_row_alone() -> None:
    torch.manual_seed(0)
    options: dict[str, Any] = {"bidirectional": True, "dtype": torch.float64, "truncate": 2}
    layer = nn.GRU(2, 4, 2, **options)
    plain = nn.GRU(2, 4, 2, bidirectional=True, dtype=torch.float64)
    plain.load_state_dict(layer.state_dict())
    rows = [torch.randn(n, 2, dtype=torch.float64, requires_grad=True) for n in (3, 6, 1, 5)]
    output, h = layer(nn.pack(rows))
    whole, h_whole = plain(nn.pack(rows))
    torch.testing.assert_close((output.data, h), (whole.data, h_whole), rtol=1e-12, atol=1e-12)
    together = torch.autograd.grad(output.data.square().sum() + h.cos().sum(), rows)
    for number, row in enumerate(rows):
        alone, h1 = layer(row)
        (gradient,) = torch.autograd.grad(alone.square().sum() + h1.cos().sum(), row)
        torch.testing.assert_close(together[number], gradient, rtol=1e-12, atol=1e-12)


def test_reverse_direction_is_the_forward_one_of_reversed_input() -> None:
    torch.manual_seed(0)
    both = nn.LSTM(2, 4, bidirectional=True, dtype=torch.float64, truncate=3)
    one = nn.LSTM(2, 4, dtype=torch.float64, truncate=3)
    one.load_state_dict({k.removesuffix("_reverse"): v for k, v in both.state_dict().items() if k.endswith("_reverse")})
    x = torch.randn(7, 1, 2, dtype=torch.float64, requires_grad=True)
    (a,) = torch.autograd.grad(both(x)[0][..., 4:].square().sum(), x)
    (b,) = torch.autograd.grad(one(x.flip(0))[0].square().sum(), x)
    torch.testing.assert_close(a, b, rtol=1e-12, atol=1e-12)


def test_recurrent_dropout_keeps_its_mask_across_pieces() -> None:
    layer = nn.Recurrent("rnn_identity", 1, 50, bias=False, bidirectional=True, recurrent_dropout=0.5, truncate=2)
    for name in ("weight_hh_l0", "weight_hh_l0_reverse"):
        torch.nn.init.eye_(layer.get_parameter(name))
    lengths = [3, 5, 1]
    output, _ = layer(torch.zeros(5, 3, 1), torch.ones(2, 3, 50), lengths=lengths)
    for row, n in enumerate(lengths):
        forward, backward = output[:n, row].chunk(2, -1)
        torch.testing.assert_close(forward[-1], forward[0] ** n)
        torch.testing.assert_close(backward[0], backward[-1] ** n)
        assert not torch.equal(forward[0], backward[-1])
