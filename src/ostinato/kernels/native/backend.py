"""The `native` backend: says what the kernels run, and hands it to them."""

import torch
from torch import Tensor

from ..._core.errors import BackendError
from ...cells import Cell
from ..backend import Backend
from ..layer import Layer
from .abi import CELLS
from .function import run
from .library import missing


class Native(Backend):
    """Runs Ostinato's own C++ kernels: float32 on the CPU, for training and inference, ragged batches at full speed."""

    name = "native"

    def why_not(self, cell: Cell, layer: Layer) -> str | None:
        """Refuse what the kernels were not written for, and everything where the library is missing."""
        if cell.name not in CELLS:
            return f"the native kernels have no cell {cell.name!r} (they have {', '.join(CELLS)})"
        if layer.x.device.type != "cpu":
            return f"the native kernels run on the CPU; the input is on {layer.x.device}"
        first = layer.weights[0]
        tensors = (layer.x, *layer.states, *(t for w in layer.weights for t in (w.ih, w.hh)))
        for tensor in tensors:
            if tensor.dtype != torch.float32:
                return f"the native kernels compute in float32; {tensor.dtype} given"
        if layer.x.shape[1] == 0 or first.hh.shape[0] == 0:
            return "the native kernels need at least one input and one hidden unit"
        if layer.recurrent_mask is not None:
            return "the native kernels have no recurrent dropout"
        if layer.zoneout is not None:
            return "the native kernels have no zoneout"
        if any(w.norm is not None for w in layer.weights):
            return "the native kernels have no layer normalisation"
        if any(w.hr is not None for w in layer.weights):
            return "the native kernels have no projection"
        return missing()

    def _forward(self, cell: Cell, layer: Layer) -> tuple[list[Tensor], tuple[Tensor, ...]]:
        if layer.x.shape[0] == 0:
            return [layer.x.new_zeros(0, state.shape[1]) for state in layer.states[0]], layer.states
        if (reason := self.why_not(cell, layer)) is not None:  # pointers to other numbers would be read as float32
            raise BackendError(f"backend {self.name!r} cannot run this layer: {reason}")
        return run(cell, layer)
