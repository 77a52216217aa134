"""The one error number, at its edges."""

import pytest
import torch

from ostinato.testing import expect_close, rel_l2


def test_values() -> None:
    assert rel_l2(torch.tensor([3.0, 4.0]), torch.tensor([0.0, 4.0])) == 0.75
    assert rel_l2(torch.zeros(0), torch.zeros(0)) == 0.0
    assert rel_l2(torch.tensor([2.0]), torch.zeros(1)) == 2.0
    assert rel_l2(torch.zeros(2), torch.zeros(3)) == float("inf")


def test_not_finite_is_never_close() -> None:
    nan, one, infinite = torch.tensor([float("nan")]), torch.ones(1), torch.tensor([float("inf")])
    for a, b in [(nan, one), (one, nan), (nan, nan), (infinite, one), (one, infinite)]:
        assert rel_l2(a, b) == float("inf")
    assert rel_l2(infinite, infinite) == 0.0


def test_expect_close_names_the_place() -> None:
    expect_close("gate i", torch.ones(2), torch.ones(2), 0.0)
    with pytest.raises(AssertionError, match=r"gate i: relative L2 error 1, at most 0\.5 expected"):
        expect_close("gate i", torch.zeros(2), torch.ones(2), 0.5)
    with pytest.raises(AssertionError, match=r"shapes \(1,\) and \(2,\)"):
        expect_close("gate i", torch.zeros(1), torch.ones(2), 0.5)
