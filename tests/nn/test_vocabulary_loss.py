"""The blocked loss is torch's linear layer and cross-entropy, value and gradients."""

import pytest
import torch
from torch.nn.functional import cross_entropy, linear
from torch.utils.flop_counter import FlopCounterMode

from ostinato.nn import vocabulary_loss as module
from ostinato.nn.vocabulary_loss import vocabulary_loss


@pytest.mark.parametrize("rows", [1, 5, 64])
def test_as_torch(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PRODUCT", 7 * 13)  # blocks of 7 rows, the last one smaller
    monkeypatch.setattr(module, "_SOFTMAX", 3 * 13)  # and of three of these
    h, w, b = (torch.randn(s, dtype=torch.float64, requires_grad=True) for s in ((rows, 4), (13, 4), (13,)))
    targets = torch.randint(0, 13, (rows,))
    found = vocabulary_loss(h, w, b, targets)
    expected = cross_entropy(linear(h, w, b), targets)
    torch.testing.assert_close(found, expected)
    ours = torch.autograd.grad(3 * found, (h, w, b))
    theirs = torch.autograd.grad(3 * expected, (h, w, b))
    torch.testing.assert_close(ours, theirs)


def test_large_scores_do_not_overflow() -> None:
    h = torch.full((2, 1), 300.0, requires_grad=True)
    loss = vocabulary_loss(h, torch.tensor([[1.0], [-1.0]]), torch.zeros(2), torch.tensor([0, 1]))
    assert loss.item() == pytest.approx(300.0)
    loss.backward()
    assert torch.isfinite(h.grad).all()  # type: ignore[arg-type]


def test_bfloat16_products_are_near() -> None:
    h, w, b = torch.randn(40, 16, requires_grad=True), torch.randn(90, 16, requires_grad=True), torch.zeros(90)
    targets = torch.randint(0, 90, (40,))
    exact, rough = (vocabulary_loss(h, w, b, targets, products=t) for t in (torch.float32, torch.bfloat16))
    assert rough.item() == pytest.approx(exact.item(), rel=0.01) and rough.item() != exact.item()
    for a, c in zip(torch.autograd.grad(exact, (h, w)), torch.autograd.grad(rough, (h, w)), strict=True):
        assert (a - c).norm() < 0.03 * a.norm()


def test_no_gradient_wanted() -> None:
    with torch.no_grad():
        assert not vocabulary_loss(
            torch.randn(3, 2), torch.randn(5, 2), torch.zeros(5), torch.tensor([1, 2, 4])
        ).requires_grad


def test_measuring_takes_one_product() -> None:
    h, w, b = (torch.randn(*s, requires_grad=True) for s in ((6, 4), (13, 4), (13,)))
    counted = []
    for learns in (True, False):
        with FlopCounterMode(display=False) as flops, torch.set_grad_enabled(learns):
            vocabulary_loss(h, w, b, torch.zeros(6, dtype=torch.int64))
        counted.append(flops.get_total_flops())
    assert counted[1] == 2 * 6 * 4 * 13 < counted[0]


def test_label_smoothing_as_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PRODUCT", 7 * 13)
    monkeypatch.setattr(module, "_SOFTMAX", 3 * 13)
    h, w, b = (torch.randn(s, dtype=torch.float64, requires_grad=True) for s in ((20, 4), (13, 4), (13,)))
    targets = torch.randint(0, 13, (20,))
    found = vocabulary_loss(h, w, b, targets, label_smoothing=0.2)
    expected = cross_entropy(linear(h, w, b), targets, label_smoothing=0.2)
    torch.testing.assert_close(found, expected)
    ours = torch.autograd.grad(found, (h, w, b))
    theirs = torch.autograd.grad(expected, (h, w, b))
    torch.testing.assert_close(ours, theirs)
