"""What is measured of a batch: loss and metrics from one run of the network; and the targets they are measured on."""

from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from ostinato._core.errors import InputError, NotFiniteError, ShapeError
from ostinato.layers.activations import ACTIVATIONS
from ostinato.layers.arguments import Rows, aligned
from ostinato.layers.layer import Shape
from ostinato.layers.losses import KerasLoss
from ostinato.layers.metrics import Metric
from ostinato.layers.network import Network
from ostinato.nn.packed import rows, steps
from ostinato.train import Measured


class Objective:
    """A loss function for `train.Trainer`.

    Args:
        loss: what is trained on.
        metrics: measured beside it.
    """

    def __init__(self, loss: KerasLoss, metrics: dict[str, Metric]) -> None:
        self.loss, self.metrics = loss, metrics

    def __call__(self, model: nn.Module, batch: Any) -> Measured:
        """Means over the batch's rows, or over its steps where the model gives an output a step."""
        network = cast(Network, model)
        logits = network.logits(batch.inputs)
        targets, weights = batch.targets, batch.weights
        if isinstance(logits, PackedSequence):
            row = rows(logits.batch_sizes)
            targets = targets[row, steps(logits.batch_sizes)]
            weights = None if weights is None else weights[row]
            logits = logits.data
        output = ACTIVATIONS[network.last_activation](logits)
        loss = self.loss.function(output if self.loss.activation is None else logits, targets, weights)
        with torch.no_grad():
            measured = {name: metric(output, targets) for name, metric in self.metrics.items()}
        return Measured(loss, len(output), measured)


def targets_of(y: Any, inputs: Rows, output: Shape, loss: KerasLoss) -> Tensor:
    """Check targets against inputs and outputs.

    Args:
        y: (B,) or (B, units); for an output a step (B, T) or (B, T, units), or a list of (T,) or (T, units); class
            numbers lack the axis of units.
        inputs: the rows they belong to.
        output: what the model gives.
        loss: says what they should be.

    Returns:
        (B, …), or (B, T, …) with zeros behind each row's end.

    Raises:
        ShapeError, InputError: what is wrong.
    """
    if y is None:
        raise InputError("y is missing, expected a target for each row; give y")
    count = len(inputs.rows)
    values = aligned(y, inputs, "y") if output.steps else _array(y)
    axes = 2 if output.steps else 1
    if values.ndim == axes + 1 and values.shape[-1] == 1:
        values = values[..., 0]
    wanted = (count, values.shape[1]) if output.steps else (count,)
    if not loss.classes and output.features > 1:
        wanted = (*wanted, output.features)
    if values.shape != wanted:
        shown = f"({count}, {'T, ' if output.steps else ''}{output.features})"
        remedy = (
            "for class numbers use sparse_categorical_crossentropy"
            if loss.name == "categorical_crossentropy"
            else "give class numbers"
            if loss.classes
            else "change the units of the last layer or the targets"
        )
        if loss.classes:
            shown = f"({count}, T)" if output.steps else f"({count},)"
        raise ShapeError(f"y has shape {values.shape}, expected {shown} for {loss.name}; {remedy}")
    if loss.classes:
        return torch.from_numpy(_class_numbers(values, output.features))
    try:
        numbers = values.astype(np.float32)
    except (TypeError, ValueError):
        raise InputError(f"y holds {values.flat[0]}, expected numbers; encode the labels") from None
    if not np.isfinite(numbers).all():
        row = int(np.argwhere(~np.isfinite(numbers))[0][0])
        raise NotFiniteError(f"row {row} of y holds NaN or infinity, expected finite numbers; drop or repair the row")
    if loss.activation is not None and numbers.size and not 0 <= numbers.min() <= numbers.max() <= 1:
        raise InputError(
            f"y runs from {numbers.min():g} to {numbers.max():g}, {loss.name} expects 0 … 1; "
            "for numbers use loss='mse', for class numbers sparse_categorical_crossentropy"
        )
    return torch.from_numpy(numbers)


def row_weights(
    targets: Tensor, class_weight: dict[int, float] | None, sample_weight: Any, loss: KerasLoss
) -> Tensor | None:
    """One weight a row: the class's times the row's own; `None` if neither is given.

    Raises:
        ShapeError, InputError: what is wrong.
    """
    weights = None
    if sample_weight is not None:
        weights = torch.from_numpy(_array(sample_weight).astype(np.float32))
        if weights.shape != targets.shape[:1]:
            raise ShapeError(f"sample_weight has shape {tuple(weights.shape)}, expected ({len(targets)},): one a row")
        if not bool((torch.isfinite(weights) & (weights >= 0)).all()):
            raise InputError("sample_weight holds a negative number or NaN, expected numbers from 0; correct it")
    if class_weight is not None:
        classes = targets.argmax(-1) if loss.name == "categorical_crossentropy" else targets
        if classes.ndim != 1:
            raise InputError("class_weight is given, expected one class a row; use sample_weight")
        lack = sorted({int(c) for c in classes.unique()} - set(class_weight))
        if lack:
            raise InputError(f"class_weight lacks class {lack[0]}, expected all classes in y; add {{{lack[0]}: 1.0}}")
        by_class = torch.tensor([class_weight[int(c)] for c in classes])
        weights = by_class if weights is None else by_class * weights
    return weights


def _array(values: Any) -> NDArray[Any]:
    return values.detach().cpu().numpy() if isinstance(values, Tensor) else np.asarray(values)


def _class_numbers(values: NDArray[Any], classes: int) -> NDArray[np.int64]:
    if values.dtype.kind not in "iufb" or not np.array_equal(values, np.trunc(values)):
        raise InputError(f"y holds {values.flat[0]}, expected class numbers 0 … {classes - 1}; encode the labels")
    numbers = values.astype(np.int64)
    if numbers.size and not 0 <= numbers.min() <= numbers.max() < classes:
        raise InputError(
            f"class numbers in y run from {numbers.min()} to {numbers.max()}, expected 0 … {classes - 1}; "
            f"give the last layer {numbers.max() + 1} units or renumber the classes"
        )
    return numbers
