"""Gradients, measured and kept in bounds."""

from collections.abc import Sequence

from torch import Tensor, nn


def clip(parameters: Sequence[nn.Parameter], norm: float | None, value: float | None) -> Tensor:
    """Clip the gradients in place, each number first, then all together.

    Args:
        parameters: whose `.grad` are clipped; listed once a run, since a model takes longer to list them than to clip.
        norm: the gradients are scaled down together so that their L2 norm is at most this. Source: Pascanu et al. 2013.
        value: each number is cut to -value … value.

    Returns:
        Scalar: the norm before any clipping; NaN or infinite if a gradient is.
    """
    gradients = [p.grad for p in parameters if p.grad is not None]
    before = nn.utils.get_total_norm(gradients)
    now = before
    if value is not None:
        nn.utils.clip_grad_value_(parameters, value)
        if norm is not None:
            now = nn.utils.get_total_norm(gradients)
    if norm is not None:
        nn.utils.clip_grads_with_norm_(parameters, norm, now)
    return before
