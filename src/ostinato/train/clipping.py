"""Gradients, measured and kept in bounds."""

from torch import Tensor, nn


def clip(model: nn.Module, norm: float | None, value: float | None) -> Tensor:
    """Clip the gradients in place, each number first, then all together.

    Args:
        model: its parameters' `.grad` are clipped.
        norm: the gradients are scaled down together so that their L2 norm is at most this. Source: Pascanu et al. 2013.
        value: each number is cut to -value … value.

    Returns:
        Scalar: the norm before any clipping; NaN or infinite if a gradient is.
    """
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    before = nn.utils.get_total_norm(gradients)
    now = before
    if value is not None:
        nn.utils.clip_grad_value_(model.parameters(), value)
        if norm is not None:
            now = nn.utils.get_total_norm(gradients)
    if norm is not None:
        nn.utils.clip_grads_with_norm_(model.parameters(), norm, now)
    return before
