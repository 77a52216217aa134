"""Products in bfloat16, for who allows them: when, and why not."""

import torch
from torch import Tensor

from ..layer import Layer
from .library import missing_bfloat16


def why_not_bfloat16(layer: Layer) -> str | None:
    """Say in words why the native kernels multiply in float32 though bfloat16 is allowed, or None where they do not.

    The layer is one that they run.
    """
    if torch.compiler.is_compiling():
        return "compiled graphs multiply in float32"
    if torch.is_grad_enabled() and any(tensor.requires_grad for tensor in _differentiable(layer)):
        if layer.precision != "mixed":
            return (
                "training multiplies in float32: allow 'mixed', or run under torch.no_grad() or torch.inference_mode()"
            )
        if any(w.norm is not None for w in layer.weights):
            return "layer normalisation is trained in float32"
    return missing_bfloat16()


def _differentiable(layer: Layer) -> list[Tensor]:
    found = [layer.x, *layer.states]
    for w in layer.weights:
        norm = w.norm or {}
        found += [w.ih, w.hh, *w.extra.values(), *norm.values()]
        found += [t for t in (w.b_ih, w.b_hh, w.hr) if t is not None]
    return found
