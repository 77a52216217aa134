"""The kernels as a differentiable function of torch tensors."""

from typing import Any

import torch
from torch import Tensor

from ...cells import Cell
from ..layer import Layer
from ..zoneout import drawn
from . import operator
from .calls import Case, backward, forward, rates_of, split, tensors_of
from .second import differentiable_backward


def run(cell: Cell, layer: Layer, precision: str) -> tuple[list[Tensor], tuple[Tensor, ...]]:
    """Run a layer that the backend accepted; results as `Backend.forward`. Products in that precision."""
    D, layer = len(layer.weights), drawn(layer)
    tensors, rates = tensors_of(cell, layer), rates_of(layer)
    keep = torch.is_grad_enabled() and any(t is not None and t.requires_grad for t in tensors)
    if torch.compiler.is_compiling():
        given = [t is not None for t in tensors]
        present = [t for t in tensors if t is not None]
        results = operator.layer(present, given, layer.batch_sizes, cell.name, D, keep, rates)
        return results[:D], tuple(results[D : D + len(layer.states)])
    index = None if layer.index is None else layer.index.contiguous()
    case = Case(cell, layer.batch_sizes.contiguous(), D, torch.get_num_threads(), rates, index=index)
    if keep:
        results = _Run.apply(case, precision, *tensors)  # type: ignore[no-untyped-call]
    else:
        results, _ = forward(case, tensors, keep=False, precision=precision)
    return list(results[:D]), tuple(results[D:])


class _Run(torch.autograd.Function):
    """Arguments: case, precision, then what `tensors_of` lists. Results: y of each direction, the states."""

    @staticmethod
    def forward(ctx: Any, case: Case, precision: str, *tensors: Tensor | None) -> tuple[Tensor, ...]:
        results, ctx.kept = forward(case, list(tensors), keep=True, precision=precision)
        ctx.case, ctx.precision = case, precision
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(*tensors, *results[: case.directions])
        return results

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor | None) -> tuple[Tensor | None, ...]:
        D = ctx.case.directions
        tensors, outputs = list(ctx.saved_tensors[:-D]), ctx.saved_tensors[-D:]
        wanted = ctx.needs_input_grad[2:]
        if torch.is_grad_enabled():  # create_graph: somebody will differentiate this again
            return None, None, *differentiable_backward(ctx.case, split(ctx.case, tensors), tensors, gradients, wanted)
        addresses = [kept.address for kept in ctx.kept]
        return None, None, *backward(ctx.case, tensors, outputs, addresses, gradients, wanted, ctx.precision)
