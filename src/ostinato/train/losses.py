"""Losses: (output, target, weights) → the mean over the rows, a scalar.

Rows are whatever the first axis counts: sequences for a classifier, tokens for a language model. Weights multiply the
rows' losses and the sum is divided by the *number* of rows, not by the sum of weights: so a row of weight 2 counts as
if it stood there twice, in whichever batch it falls, and a batch whose weights are all zero gives 0, not NaN.
"""

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor

from ostinato._core.errors import InputError, ShapeError

LossFunction = Callable[[Tensor, Tensor, Tensor | None], Tensor]


def squared_error(output: Tensor, target: Tensor, weights: Tensor | None = None) -> Tensor:
    """Mean of (output - target)²; for regression.

    Args:
        output: (R, ·) float.
        target: as `output`; (R,) and (R, 1) are taken for each other.
        weights: (R,) or `None`.

    Returns:
        Scalar, the mean over rows and columns.

    Raises:
        ShapeError: target and output differ in shape; they are not stretched.

    Example:
        >>> import torch
        >>> squared_error(torch.tensor([1.0, 2.0]), torch.tensor([0.0, 4.0])).item()
        2.5
    """
    output, target = _matched(output, target)
    return _mean((output - target).square(), weights)


def binary_cross_entropy(output: Tensor, target: Tensor, weights: Tensor | None = None) -> Tensor:
    """Cross-entropy of yes/no answers, in nats, from logits; for two classes, or several labels at once.

    Args:
        output: (R,), (R, 1) or (R, C) float logits (before the sigmoid: so no logarithm of 0 is ever taken).
        target: the same shape, 0 and 1 or between.
        weights: (R,) or `None`.

    Returns:
        Scalar, the mean over rows and columns.

    Raises:
        ShapeError: target and output differ in shape.

    Example:
        >>> import torch
        >>> round(binary_cross_entropy(torch.tensor([0.0]), torch.tensor([1.0])).item(), 4)
        0.6931
    """
    output, target = _matched(output, target)
    return _mean(F.binary_cross_entropy_with_logits(output, target, reduction="none"), weights)


def cross_entropy(
    output: Tensor, target: Tensor, weights: Tensor | None = None, *, label_smoothing: float = 0.0
) -> Tensor:
    """Cross-entropy of one class among C, in nats, from logits.

    Args:
        output: (R, C) float logits (before the softmax).
        target: (R,) int64 class numbers, or (R, C) float shares of each class.
        weights: (R,) or `None`.
        label_smoothing: this share of the target is spread evenly over all classes (Szegedy et al. 2016).

    Returns:
        Scalar, the mean over rows.

    Raises:
        ShapeError: output is not (R, C) or target not (R,) or (R, C).
        InputError: a class number is not in 0 … C-1.

    Example:
        >>> import torch
        >>> round(cross_entropy(torch.zeros(2, 4), torch.tensor([0, 3])).item(), 4)  # log 4
        1.3863
    """
    if output.ndim != 2:
        raise ShapeError(
            f"output has shape {tuple(output.shape)}, expected (rows, classes); one row of logits a target"
        )
    if not target.is_floating_point():
        target = target.long()
        if target.shape != output.shape[:1]:
            raise ShapeError(
                f"targets have shape {tuple(target.shape)}, expected ({output.shape[0]},): one class number a row"
            )
        if target.numel() and not 0 <= int(target.min()) <= int(target.max()) < output.shape[1]:
            raise InputError(
                f"class numbers run from {int(target.min())} to {int(target.max())}, expected 0 … "
                f"{output.shape[1] - 1}; give the last layer {int(target.max()) + 1} units or renumber the classes"
            )
    else:
        output, target = _matched(output, target)
    return _mean(F.cross_entropy(output, target, reduction="none", label_smoothing=label_smoothing), weights)


LOSSES: dict[str, LossFunction] = {
    "squared_error": squared_error,
    "binary_cross_entropy": binary_cross_entropy,
    "cross_entropy": cross_entropy,
}


def _matched(output: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Both in one shape and type. torch would stretch (R,) against (R, 1) to (R, R) and train on nonsense."""
    if target.shape != output.shape:
        if target.numel() != output.numel() or target.shape[:1] != output.shape[:1]:
            raise ShapeError(
                f"targets have shape {tuple(target.shape)}, expected {tuple(output.shape)} as the output has; "
                "reshape the targets or change the units of the last layer"
            )
        target = target.reshape(output.shape)
    return output, target.to(output.dtype)


def _mean(losses: Tensor, weights: Tensor | None) -> Tensor:
    """(R, ·) → scalar: the mean over columns, then the weighted sum over rows by the number of rows."""
    if weights is None:
        return losses.mean()
    if weights.shape != losses.shape[:1]:
        raise ShapeError(f"weights have shape {tuple(weights.shape)}, expected ({losses.shape[0]},): one weight a row")
    return (losses.reshape(losses.shape[0], -1).mean(1) * weights.to(losses.dtype)).mean()
