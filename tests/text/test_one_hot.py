"""one_hot against scikit-learn's and torch's."""

import numpy as np
import pytest
import torch

from ostinato._core.errors import InputError
from ostinato.text import one_hot


@pytest.mark.parametrize("shape", [(1,), (7,), (2, 3), (0,), ()])
def test_equals_torch(shape: tuple[int, ...]) -> None:
    ids = np.random.default_rng(0).integers(0, 5, shape)
    wanted = torch.nn.functional.one_hot(torch.as_tensor(ids), 5).numpy()
    found = one_hot(ids, 5)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize(
    ("ids", "size", "message"),
    [([0, 3], 3, "id 3: expected 0 to 2"), ([-1], 3, "id -1"), ([0.5], 3, "dtype float64"), ([0], 0, "size 0")],
)
def test_errors(ids: list[float], size: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        one_hot(ids, size)
