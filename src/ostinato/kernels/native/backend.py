"""The `native` backend: says what the kernels run, and hands it to them."""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.autograd import forward_ad

from ...cells import Cell
from ..backend import Backend
from ..layer import Layer
from .abi import CELLS
from .bfloat16 import why_not_bfloat16
from .distinct import projecting_once_pays
from .function import run
from .library import missing


class Native(Backend):
    """Runs Ostinato's own C++ kernels: float32 on the CPU, for training and inference, ragged batches at full speed."""

    name = "native"

    def why_not(self, cell: Cell, layer: Layer) -> str | None:
        """Refuse what the kernels were not written for, and everything where the library is missing."""
        if cell.name not in CELLS:
            return f"the native kernels have no cell {cell.name!r} (they have {', '.join(CELLS)})"
        for tensor in _tensors(layer):
            if not tensor.is_cpu:
                return f"the native kernels run on the CPU; a tensor on {tensor.device} given"
            if tensor.dtype != torch.float32:
                return f"the native kernels compute in float32; {tensor.dtype} given"
            if tensor.layout != torch.strided:
                return f"the native kernels read plain memory; a {tensor.layout} tensor given"
        if (who := watcher()) is not None:
            return f"{who} cannot see inside the native kernels"
        if layer.x.shape[1] == 0 or layer.weights[0].hh.numel() == 0:
            return "the native kernels need at least one input, one hidden unit and one output"
        if any(tensor.requires_grad for tensor in _constants(layer)):
            return "the native kernels do not differentiate by a recurrent mask or by zoneout's draws"
        if not cell.projects and layer.weights[0].hr is not None:
            return f"cell {cell.name!r} has no projection (its equations combine h with vectors of H numbers)"
        return missing()

    def projects_once(self, cell: Cell, layer: Layer) -> bool:
        """Where so few of the tokens differ that it pays."""
        if layer.index is None or any(w.norm is not None for w in layer.weights):
            return False  # layer normalisation is of a token's product, and is kept with it
        return projecting_once_pays(len(layer.index), *layer.x.shape)

    def multiplies_in(self, cell: Cell, layer: Layer) -> str:
        """In bfloat16 where the layer allows it and nothing stands in its way."""
        return "bfloat16" if layer.precision != "float32" and why_not_bfloat16(layer) is None else "float32"

    def _forward(self, cell: Cell, layer: Layer) -> tuple[list[Tensor], tuple[Tensor, ...]]:
        if len(layer.x if layer.index is None else layer.index) == 0:
            return [layer.x.new_zeros(0, state.shape[1]) for state in layer.states[0]], layer.states
        return run(cell, layer, self.multiplies_in(cell, layer))


def _tensors(layer: Layer) -> Iterator[Tensor]:
    """Every tensor whose memory the kernels would read."""
    yield layer.x
    yield from layer.states
    yield from _constants(layer)
    for w in layer.weights:
        yield w.ih
        yield w.hh
        if w.b_ih is not None:
            yield w.b_ih
        if w.b_hh is not None:
            yield w.b_hh
        if w.hr is not None:
            yield w.hr
        yield from w.extra.values()
        if w.norm is not None:
            yield from w.norm.values()


def _constants(layer: Layer) -> Iterator[Tensor]:
    """The tensors of the options that have no gradient."""
    if layer.recurrent_mask is not None:
        yield layer.recurrent_mask
    yield from (keep for keep in layer.zoneout or () if isinstance(keep, Tensor))


def watcher() -> str | None:
    """Name whoever follows single operations of torch right now, and would take ours for a constant."""
    if torch.compiler.is_compiling():
        return None  # it follows operations, and the kernels are one there (operator.py)
    if torch._C._get_tracing_state() is not None:  # torch.jit.is_tracing, in all versions
        return "torch.jit.trace"
    if torch._C._are_functorch_transforms_active():
        return "torch.func"
    if forward_ad._current_level >= 0:
        return "forward-mode differentiation"
    return None
