"""Locked dropout: one mask a row, for all its steps; nothing in evaluation."""

import pytest
import torch

from ostinato._core.errors import InputError
from ostinato.nn import LockedDropout, pack, unpack


def test_mask_is_constant_over_time_and_differs_between_rows() -> None:
    layer = LockedDropout(0.5)
    torch.manual_seed(0)
    output = unpack(layer(pack([torch.ones(n, 40) for n in (3, 6, 1)])))
    for row in output:
        assert bool((row == row[0]).all())
    assert not torch.equal(output[0][0], output[1][0])
    assert not torch.equal(output[0][0], output[2][0])


@pytest.mark.parametrize(
    ("shape", "batch_first", "time"), [((5, 3, 40), False, 0), ((3, 5, 40), True, 1), ((5, 40), True, 0)]
)
def test_tensors(shape: tuple[int, ...], batch_first: bool, time: int) -> None:
    y = LockedDropout(0.5, batch_first)(torch.ones(shape)).transpose(0, time)
    assert bool((y == y[0]).all())
    assert len(y.unique()) == 2
    if len(shape) == 3:
        assert not torch.equal(y[0, 0], y[0, 1])


def test_statistics() -> None:
    torch.manual_seed(0)
    y = LockedDropout(0.3)(torch.ones(1, 1000, 100))
    assert float((y == 0).float().mean()) == pytest.approx(0.3, abs=0.01)
    assert float(y.max()) == pytest.approx(1 / 0.7)
    assert float(y.mean()) == pytest.approx(1, abs=0.01)


def test_off() -> None:
    x = torch.randn(3, 2, 4)
    assert LockedDropout(0.9).eval()(x) is x
    assert LockedDropout(0.0)(x) is x
    assert bool((LockedDropout(1.0)(x) == 0).all())


@pytest.mark.parametrize("p", [-0.1, 1.1, True, "a", None, float("nan")])
def test_wrong_probability(p: object) -> None:
    with pytest.raises(InputError, match=r"expected a number in range \[0, 1\]"):
        LockedDropout(p)  # type: ignore[arg-type]
