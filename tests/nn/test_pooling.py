"""Pooling agrees with a loop over rows, in value and gradient, and is safe at the edges."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from ostinato._core.errors import InputError, ShapeError
from ostinato.nn import Pooling, apply, pack, unpack

LENGTHS = (5, 3, 3, 1)  # packed order


def _attention(query: Tensor) -> Callable[[Tensor], Tensor]:
    return lambda row: torch.softmax(row @ query, 0) @ row


@pytest.mark.parametrize("kind", ["max", "mean", "attention"])
def test_equals_a_loop_over_rows(kind: str) -> None:
    torch.manual_seed(0)
    pooling = Pooling(kind, 6, dtype=torch.float64)
    if kind == "attention":
        torch.nn.init.normal_(pooling.query)
    by_row = {"max": lambda row: row.amax(0), "mean": lambda row: row.mean(0)}.get(kind) or _attention(pooling.query)
    leaf = torch.randn(sum(LENGTHS), 6, dtype=torch.float64)
    leaf[3] = leaf[2] = leaf[:5].amax(0)  # ties in row 0, for the maximum
    leaf.requires_grad_()
    packed = pack(list(leaf.split(LENGTHS)))
    leaves = [leaf, *pooling.parameters()]
    weigh = torch.randn(len(LENGTHS), 6, dtype=torch.float64)

    ours = pooling(packed, torch.empty(0))
    expected = torch.stack([by_row(row) for row in leaf.split(LENGTHS)])
    torch.testing.assert_close(ours, expected, rtol=1e-12, atol=1e-12)
    got = torch.autograd.grad((ours * weigh).sum(), leaves, retain_graph=True)
    torch.testing.assert_close(got, torch.autograd.grad((expected * weigh).sum(), leaves), rtol=1e-12, atol=1e-12)
    again = torch.autograd.grad((ours * weigh).sum(), leaves)
    assert all(torch.equal(a, b) for a, b in zip(got, again, strict=True))


def test_side_by_side_and_last() -> None:
    packed = pack([torch.randn(n, 4) for n in LENGTHS])
    h = torch.randn(len(LENGTHS), 4)
    both = Pooling(("mean", "last", "max"))
    y = both(packed, h)
    assert y.shape == (4, 12) == (4, both.out_features(4))
    assert torch.equal(y[:, 4:8], h)
    assert torch.equal(y[:, :4], Pooling("mean")(packed, h))
    assert torch.equal(y[:, 8:], Pooling("max")(packed, h))


def test_rows_are_in_packed_order() -> None:
    packed = pack([torch.full((n, 1), float(n)) for n in (1, 4, 2)])
    assert Pooling("mean")(packed, torch.empty(0)).flatten().tolist() == [4, 2, 1]


def test_fresh_attention_is_the_mean_and_learns() -> None:
    packed = pack([torch.randn(n, 4) for n in LENGTHS])
    pooling = Pooling("attention", 4)
    y = pooling(packed, torch.empty(0))
    torch.testing.assert_close(y, Pooling("mean")(packed, torch.empty(0)))
    y.square().sum().backward()
    assert pooling.query.grad is not None
    assert float(pooling.query.grad.abs().max()) > 0


def test_attention_of_huge_scores() -> None:
    pooling = Pooling("attention", 2)
    with torch.no_grad():
        pooling.query.fill_(1e4)
    packed = pack([torch.tensor([[1.0, 0.0], [3.0, 1.0]]), torch.tensor([[-9.0, -9.0]])])
    y = pooling(packed, torch.empty(0))
    assert y.tolist() == [[3.0, 1.0], [-9.0, -9.0]]


def test_attention_weights_sum_to_one() -> None:
    pooling = Pooling("attention", 4)
    torch.nn.init.normal_(pooling.query)
    weights = pooling.attention(pack([torch.randn(n, 4) for n in (2, 5, 1)]))
    assert isinstance(weights, PackedSequence)
    assert [float(row.detach().sum()) for row in unpack(weights)] == pytest.approx([1, 1, 1])


def test_batch_mates_do_not_matter() -> None:
    rows = [torch.randn(n, 4) for n in LENGTHS]
    pooling = Pooling(("max", "mean", "attention"), 4)
    torch.nn.init.normal_(pooling.query)
    together = pooling(pack(rows), torch.empty(0))
    for number, row in enumerate(rows):
        torch.testing.assert_close(together[number], pooling(pack([row]), torch.empty(0))[0])


def test_nan_is_not_hidden() -> None:
    packed = pack([torch.tensor([[1.0], [torch.nan]]), torch.tensor([[2.0]])])
    for kind in ("max", "mean"):
        y = Pooling(kind)(packed, torch.empty(0))
        assert bool(y[0].isnan())
        assert y[1].tolist() == [2]


def test_infinity_below() -> None:
    packed = apply(lambda x: x - torch.inf, pack([torch.zeros(2, 1)]))
    assert Pooling("max")(packed, torch.empty(0)).tolist() == [[-torch.inf]]


def test_errors() -> None:
    for kind in ("maxx", (), ("max", "max"), ("max", "sum")):
        with pytest.raises(InputError, match="expected one or several different ones of last, max, mean, attention"):
            Pooling(kind)
    with pytest.raises(InputError, match="size=None; expected the number of features"):
        Pooling("attention")
    with pytest.raises(ShapeError, match="got outputs of 3 features; expected 4"):
        Pooling("attention", 4)(pack([torch.zeros(1, 3)]), torch.empty(0))
