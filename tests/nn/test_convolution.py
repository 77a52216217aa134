"""The convolution of packed rows is torch's of each row alone."""

import pytest
import torch

from ostinato._core.errors import InputError
from ostinato.nn import Convolution, pack, unpack

LENGTHS = [1, 7, 2, 12, 3, 7]


@pytest.mark.parametrize("kernel_size", [1, 3, 5, 9])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_equals_torch_row_by_row(kernel_size: int, stride: int) -> None:
    ours = Convolution(3, 4, kernel_size, stride, dtype=torch.float64)
    theirs = torch.nn.Conv1d(3, 4, kernel_size, stride, padding=kernel_size // 2, dtype=torch.float64)
    theirs.load_state_dict(ours.state_dict())
    rows = [torch.randn(T, 3, dtype=torch.float64, requires_grad=True) for T in LENGTHS]
    found = unpack(ours(pack(rows)))
    expected = [theirs(row.T[None])[0].T for row in rows]
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-12)
    probe = [torch.randn_like(one) for one in found]
    ours_grad = torch.autograd.grad(sum((a * b).sum() for a, b in zip(found, probe, strict=True)), rows)
    theirs_grad = torch.autograd.grad(sum((a * b).sum() for a, b in zip(expected, probe, strict=True)), rows)
    for one, other in zip(ours_grad, theirs_grad, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("settings", "said"), [({"kernel_size": 4}, "odd"), ({"stride": 0}, "stride=0"), ({"kernel_size": -1}, "from 1 up")]
)
def test_wrong_sizes_are_named(settings: dict[str, int], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Convolution(3, 4, **settings)
