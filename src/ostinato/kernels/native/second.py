"""Gradients that can be differentiated again: by the reference, since the kernels' backward has no backward."""

import torch
from torch import Tensor

from ..layer import Layer
from ..reference import Reference
from .calls import Case


def differentiable_backward(
    case: Case,
    layer: Layer,
    tensors: list[Tensor | None],
    gradients: tuple[Tensor | None, ...],
    wanted: tuple[bool, ...],
) -> list[Tensor | None]:
    """Compute what `calls.backward` computes as a function that autograd sees.

    Args:
        case: the call.
        layer: `tensors` as a layer.
        tensors: what the forward was given.
        gradients: with respect to its results; None where there is none.
        wanted: which of `tensors` need a gradient.

    Returns:
        one gradient a tensor, None where none is wanted.
    """
    outputs, finals = Reference().forward(case.cell, layer)
    pairs = [(r, g) for r, g in zip((*outputs, *finals), gradients, strict=True) if g is not None]
    inputs = [t for t, want in zip(tensors, wanted, strict=True) if t is not None and want]
    found = iter(
        torch.autograd.grad([r for r, _ in pairs], inputs, [g for _, g in pairs], create_graph=True, allow_unused=True)
    )
    return [next(found) if t is not None and want else None for t, want in zip(tensors, wanted, strict=True)]
