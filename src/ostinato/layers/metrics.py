"""Keras' metrics by name: (output, target) → the mean over rows."""

from collections.abc import Callable

import torch
from torch import Tensor

from ostinato._core.errors import InputError
from ostinato.layers.losses import KerasLoss
from ostinato.train.lookup import lookup

Metric = Callable[[Tensor, Tensor], Tensor]


def binary_accuracy(output: Tensor, target: Tensor) -> Tensor:
    """Share of outputs on their target's side of a half."""
    return ((output > 0.5) == (target.reshape(output.shape) > 0.5)).float().mean()


def categorical_accuracy(output: Tensor, target: Tensor) -> Tensor:
    """Share of rows whose largest output is where the target's is."""
    return (output.argmax(-1) == target.argmax(-1)).float().mean()


def sparse_categorical_accuracy(output: Tensor, target: Tensor) -> Tensor:
    """Share of rows whose largest output is at the target's class number."""
    return (output.argmax(-1) == target).float().mean()


def mean_absolute_error(output: Tensor, target: Tensor) -> Tensor:
    """Mean of |output - target|."""
    return (output - target.reshape(output.shape)).abs().mean()


def mean_squared_error(output: Tensor, target: Tensor) -> Tensor:
    """Mean of (output - target)²."""
    return (output - target.reshape(output.shape)).square().mean()


METRICS: dict[str, Metric] = {
    "binary_accuracy": binary_accuracy,
    "categorical_accuracy": categorical_accuracy,
    "sparse_categorical_accuracy": sparse_categorical_accuracy,
    "mae": mean_absolute_error,
    "mean_absolute_error": mean_absolute_error,
    "mse": mean_squared_error,
    "mean_squared_error": mean_squared_error,
}
_ACCURACY = ("accuracy", "acc")  # as in Keras, the one of the three that fits the targets
_FOR_CLASSES = (sparse_categorical_accuracy,)


def find(name: str, loss: KerasLoss, units: int) -> Metric:
    """The metric of this name, for a loss's targets and a model's outputs.

    Raises:
        InputError: there is none, or it does not fit the targets.
    """
    if name in _ACCURACY:
        if loss.classes:
            return sparse_categorical_accuracy
        return binary_accuracy if units == 1 or loss.activation == "sigmoid" else categorical_accuracy
    metric = lookup(name, {**METRICS, **dict.fromkeys(_ACCURACY, torch.mean)}, "metric")
    if (metric in _FOR_CLASSES) != loss.classes:
        kind = "class numbers" if loss.classes else "numbers of the output's shape"
        raise InputError(f"metric={name!r} does not fit {loss.name}, whose targets are {kind}; use 'accuracy'")
    return METRICS[name]
