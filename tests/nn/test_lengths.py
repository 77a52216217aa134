"""`lengths=`: any order, any form; each row is what it is alone; nothing beyond its end is read or written."""

from typing import Any

import pytest
import torch

from ostinato import nn
from ostinato._core.errors import InputError

LENGTHS = [2, 6, 1, 6, 3]


def _layer(batch_first: bool = False, **options: Any) -> nn.LSTM:
    torch.manual_seed(0)
    return nn.LSTM(3, 4, 2, bidirectional=True, batch_first=batch_first, dtype=torch.float64, **options)


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("given", [list, torch.tensor, lambda n: torch.tensor(n, dtype=torch.int32)])
def test_equals_each_row_alone(batch_first: bool, given: Any) -> None:
    layer = _layer(batch_first)
    x = torch.randn(5, 8, 3, dtype=torch.float64)  # longer than any row
    hx = (torch.randn(4, 5, 4, dtype=torch.float64), torch.randn(4, 5, 4, dtype=torch.float64))
    for row, n in enumerate(LENGTHS):
        x[row, n:] = torch.nan
    output, (h, c) = layer(x if batch_first else x.transpose(0, 1), hx, lengths=given(LENGTHS))
    output = output if batch_first else output.transpose(0, 1)
    assert output.shape == (5, 8, 8)
    for row, n in enumerate(LENGTHS):
        alone, (h1, c1) = layer(x[row, :n], (hx[0][:, row], hx[1][:, row]))
        torch.testing.assert_close(output[row, :n], alone, rtol=1e-12, atol=1e-12)
        torch.testing.assert_close((h[:, row], c[:, row]), (h1, c1), rtol=1e-12, atol=1e-12)
        assert bool((output[row, n:] == 0).all())


def test_batch_mates_do_not_matter_to_gradients() -> None:
    layer = _layer()
    x = torch.randn(6, 5, 3, dtype=torch.float64, requires_grad=True)
    output, _ = layer(x, lengths=LENGTHS)
    (all_rows,) = torch.autograd.grad(output[:, 4].square().sum(), x)
    (alone,) = torch.autograd.grad(layer(x[:3, 4])[0].square().sum(), x)
    torch.testing.assert_close(all_rows, alone, rtol=1e-12, atol=1e-12)
    assert bool((all_rows[:, :4] == 0).all())


def test_full_lengths_are_no_lengths() -> None:
    layer, x = _layer(), torch.randn(6, 5, 3, dtype=torch.float64)
    torch.testing.assert_close(layer(x, lengths=[6] * 5), layer(x))


def test_zero_length_names_the_row() -> None:
    with pytest.raises(InputError, match="row 2 has length 0; expected at least 1 and at most 6"):
        _layer()(torch.zeros(6, 5, 3).double(), lengths=[1, 2, 0, 3, 4])


def test_misplaced_lengths() -> None:
    with pytest.raises(InputError, match="lengths with a PackedSequence"):
        _layer()(nn.pack([torch.zeros(2, 3).double()]), lengths=[2])  # type: ignore[call-overload]
    with pytest.raises(InputError, match="lengths with one unbatched sequence"):
        _layer()(torch.zeros(2, 3).double(), lengths=[2])


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("none", [[], (), torch.zeros(0, dtype=torch.int64)])
def test_no_rows(none: Any, batch_first: bool) -> None:
    layer = nn.LSTM(3, 4, batch_first=batch_first)
    x = torch.zeros((0, 5, 3) if batch_first else (5, 0, 3))
    torch.testing.assert_close(layer(x, lengths=none), layer(x))
