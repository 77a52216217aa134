"""Recurrent weights between the engine's form and Keras'.

The engine has torch's: matrices (G*H, I), gates in the order r z n or i f g o. Keras has them transposed, (I, G*H),
gates in the order z r n or i f g o, and the two biases of a GRU that resets after the product in one array (2, 3*H).
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from ostinato._core.errors import ShapeError
from ostinato.layers.layer import Arrays
from ostinato.nn import Recurrent

_KERAS_ORDER = {"rzn": [1, 0, 2]}  # where it is not torch's; an exchange, hence its own inverse


def _reordered(tensor: Tensor, gates: str) -> Tensor:
    """Gates (along the first axis) from torch's order to Keras' or back."""
    blocks = tensor.chunk(len(gates))
    return torch.cat([blocks[k] for k in _KERAS_ORDER.get(gates, range(len(gates)))])


def take(recurrent: Recurrent, gates: str) -> Arrays:
    """A one-layer module's arrays in Keras' form: kernel, recurrent kernel, bias; then the other direction's."""
    arrays: Arrays = []
    for direction in recurrent.all_weights:
        kernel, recurrent_kernel, *biases = (_reordered(p.detach(), gates) for p in direction)
        arrays += [kernel.T.numpy().copy(), recurrent_kernel.T.numpy().copy()]
        if biases:
            arrays.append(torch.stack(biases).numpy() if len(biases) > 1 else biases[0].numpy().copy())
    return arrays


def give(recurrent: Recurrent, gates: str, arrays: Arrays) -> None:
    """Set a one-layer module's weights from Keras' arrays.

    Raises:
        ShapeError: an array has another shape than Keras gives it; names which.
    """
    shapes = [array.shape for array in take(recurrent, gates)]
    if [np.shape(array) for array in arrays] != shapes:
        raise ShapeError(
            f"weights have shapes {[np.shape(array) for array in arrays]}, expected {shapes}: kernel, recurrent kernel "
            "and bias of each direction; give Keras' arrays in Keras' order"
        )
    left: Any = iter(arrays)
    with torch.no_grad():
        for direction in recurrent.all_weights:
            matrices, biases = direction[:2], direction[2:]
            for parameter in matrices:
                parameter.copy_(_reordered(torch.as_tensor(np.asarray(next(left))).T, gates))
            if biases:
                for parameter, bias in zip(biases, np.atleast_2d(next(left)), strict=True):
                    parameter.copy_(_reordered(torch.as_tensor(bias), gates))
