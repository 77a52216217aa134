"""Losses against torch's own in float64, and the shapes they refuse."""

import pytest
import torch
import torch.nn.functional as F
from torch.testing import assert_close

from ostinato._core.errors import InputError, ShapeError
from ostinato.train import LOSSES, binary_cross_entropy, cross_entropy, squared_error

R, C = 7, 4
torch.manual_seed(0)
OUTPUT = torch.randn(R, C, dtype=torch.float64)
WEIGHTS = torch.rand(R, dtype=torch.float64)
CLASSES = torch.randint(0, C, (R,))
SHARES = torch.softmax(torch.randn(R, C, dtype=torch.float64), 1)


def test_squared_error() -> None:
    assert_close(squared_error(OUTPUT, SHARES), F.mse_loss(OUTPUT, SHARES))
    by_row = torch.stack([F.mse_loss(o, t) for o, t in zip(OUTPUT, SHARES, strict=True)])
    assert_close(squared_error(OUTPUT, SHARES, WEIGHTS), (by_row * WEIGHTS).sum() / R)


def test_binary_cross_entropy() -> None:
    p = torch.sigmoid(OUTPUT)
    assert_close(binary_cross_entropy(OUTPUT, SHARES), F.binary_cross_entropy(p, SHARES))
    by_row = torch.stack([F.binary_cross_entropy(o, t) for o, t in zip(p, SHARES, strict=True)])
    assert_close(binary_cross_entropy(OUTPUT, SHARES, WEIGHTS), (by_row * WEIGHTS).sum() / R)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_cross_entropy(smoothing: float) -> None:
    log_p = torch.log_softmax(OUTPUT, 1)
    target = F.one_hot(CLASSES, C) * (1 - smoothing) + smoothing / C
    by_row = -(target * log_p).sum(1)
    assert_close(cross_entropy(OUTPUT, CLASSES, label_smoothing=smoothing), by_row.mean())
    assert_close(cross_entropy(OUTPUT, CLASSES, WEIGHTS, label_smoothing=smoothing), (by_row * WEIGHTS).sum() / R)


def test_cross_entropy_of_shares() -> None:
    assert_close(cross_entropy(OUTPUT, SHARES), F.cross_entropy(OUTPUT, SHARES))


@pytest.mark.parametrize("name", LOSSES)
def test_a_row_of_weight_two_counts_as_two(name: str) -> None:
    target = CLASSES if name == "cross_entropy" else SHARES
    twice = LOSSES[name](torch.cat([OUTPUT, OUTPUT[:1]]), torch.cat([target, target[:1]]), None) * (R + 1)
    weights = torch.ones(R, dtype=torch.float64)
    weights[0] = 2
    assert_close(LOSSES[name](OUTPUT, target, weights) * R, twice)


@pytest.mark.parametrize("name", LOSSES)
def test_no_weight_at_all_is_zero(name: str) -> None:
    target = CLASSES if name == "cross_entropy" else SHARES
    assert LOSSES[name](OUTPUT, target, torch.zeros(R)).item() == 0


def test_extreme_logits_stay_finite() -> None:
    far = torch.tensor([[1e4, -1e4], [-1e4, 1e4]])
    assert torch.isfinite(binary_cross_entropy(far, torch.tensor([[0.0, 1.0], [0.0, 1.0]])))
    assert torch.isfinite(cross_entropy(far, torch.tensor([1, 1])))


def test_columns_are_not_stretched() -> None:
    output = torch.randn(R, 1)
    target = torch.randn(R)
    assert_close(squared_error(output, target), F.mse_loss(output[:, 0], target))
    with pytest.raises(ShapeError, match=r"targets have shape \(7, 3\), expected \(7, 4\)"):
        squared_error(OUTPUT, torch.zeros(R, 3))
    with pytest.raises(ShapeError, match=r"targets have shape \(28,\), expected \(7, 4\)"):
        binary_cross_entropy(OUTPUT, torch.zeros(R * C))
    with pytest.raises(ShapeError, match="one class number a row"):
        cross_entropy(OUTPUT, torch.zeros(R, 1, dtype=torch.int64))
    with pytest.raises(ShapeError, match=r"expected \(rows, classes\)"):
        cross_entropy(torch.zeros(3), torch.zeros(3, dtype=torch.int64))
    with pytest.raises(ShapeError, match=r"weights have shape \(7, 1\), expected \(7,\)"):
        squared_error(OUTPUT, SHARES, torch.ones(R, 1))


def test_class_number_out_of_range() -> None:
    with pytest.raises(InputError, match="run from 0 to 4, expected 0 … 3; give the last layer 5 units"):
        cross_entropy(OUTPUT, torch.tensor([0, 1, 2, 3, 4, 0, 0]))
