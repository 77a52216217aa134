"""Recurrent weights of a module to Keras' arrays and back: `cells.convert`, one direction after the other."""

import numpy as np
import torch

from ostinato._core.errors import ShapeError
from ostinato.cells.convert import from_keras, to_keras
from ostinato.layers.layer import Arrays, to_numpy
from ostinato.nn import Recurrent

_NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")  # as a direction's parameters stand; there may be no biases


def take(recurrent: Recurrent) -> Arrays:
    """A one-layer module's arrays in Keras' form: kernel, recurrent kernel, bias; then the other direction's."""
    return [
        to_numpy(tensor)
        for direction in recurrent.all_weights
        for tensor in to_keras(recurrent.cell.name, dict(zip(_NAMES, direction, strict=False)))
    ]


def give(recurrent: Recurrent, arrays: Arrays) -> None:
    """Set a one-layer module's weights from Keras' arrays.

    Raises:
        ShapeError: an array has another shape than Keras gives it; names which.
    """
    shapes = [array.shape for array in take(recurrent)]
    if [np.shape(array) for array in arrays] != shapes:
        raise ShapeError(
            f"weights have shapes {[np.shape(array) for array in arrays]}, expected {shapes}: kernel, recurrent kernel "
            "and bias of each direction; give Keras' arrays in Keras' order"
        )
    tensors = [torch.as_tensor(np.asarray(array)) for array in arrays]
    count = len(tensors) // recurrent.num_directions
    with torch.no_grad():
        for k, direction in enumerate(recurrent.all_weights):
            theirs = from_keras(recurrent.cell.name, tensors[k * count : (k + 1) * count])
            for name, parameter in zip(_NAMES, direction, strict=False):
                parameter.copy_(theirs[name])
