"""The one error number: relative L2 in float64."""

import torch
from torch import Tensor


def rel_l2(got: Tensor, wanted: Tensor) -> float:
    """Measure ||got - wanted|| / ||wanted|| in float64; ||got|| where `wanted` is all zeros.

    When to use: for every comparison of tensors here, one number a tensor.

    Args:
        got: any shape and dtype.
        wanted: the same shape.

    Returns:
        0.0 or more; infinite where shapes differ, or a number is NaN or infinite on one side alone.

    Example:
        >>> rel_l2(torch.tensor([3.0, 4.0]), torch.tensor([3.0, 5.0])) == 1 / 34**0.5
        True
    """
    if got.shape != wanted.shape:
        return float("inf")
    a, b = got.detach().to("cpu", torch.float64), wanted.detach().to("cpu", torch.float64)
    if a.numel() == 0 or torch.equal(a, b):
        return 0.0
    norm = float(b.norm())
    error = float((a - b).norm()) / (norm or 1.0)
    return error if error == error else float("inf")  # a NaN is never close to anything


def expect_close(what: str, got: Tensor, wanted: Tensor, limit: float) -> None:
    """Raise AssertionError, naming `what`, where the relative L2 error is over the limit."""
    error = rel_l2(got, wanted)
    if not error <= limit:
        shapes = "" if got.shape == wanted.shape else f" (shapes {tuple(got.shape)} and {tuple(wanted.shape)})"
        raise AssertionError(f"{what}: relative L2 error {error:.2g}, at most {limit:.2g} expected{shapes}")
