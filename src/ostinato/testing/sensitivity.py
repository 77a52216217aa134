"""How far exact results move when a layer's numbers change in the last place: what no float32 kernel can do better."""

import torch
from torch import Tensor

from ..cells import Cell
from ..kernels import Backend, Layer
from .cases import map_tensors
from .differences import differences

_DRAWS = 4
_HALF_A_PLACE = 2.0**-24  # of float32, relative


def sensitivity(oracle: Backend, cell: Cell, layer: Layer) -> tuple[dict[str, float], dict[str, float]]:
    """Change every number of a layer by at most half a place of float32, and measure what that does in float64.

    When to use: where a relative error is large. A sum whose terms cancel, or a gradient through a gate that is shut,
    loses as much by the rounding of its inputs alone.

    Returns:
        as `differences`: the largest of a few random changes.
    """
    exact = map_tensors(layer, lambda v: v.detach().double().requires_grad_(v.requires_grad))
    worst: tuple[dict[str, float], dict[str, float]] = ({}, {})
    for seed in range(_DRAWS):
        for most, found in zip(worst, differences(_Rounded(oracle, seed), oracle, cell, exact), strict=True):
            most |= {name: max(error, most.get(name, 0.0)) for name, error in found.items()}
    return worst


class _Rounded(Backend):
    """Another backend on numbers that were changed a little."""

    name = "rounded"

    def __init__(self, backend: Backend, seed: int) -> None:
        self._backend = backend
        self._generator = torch.Generator().manual_seed(seed)

    def why_not(self, cell: Cell, layer: Layer) -> str | None:
        return self._backend.why_not(cell, layer)

    def _forward(self, cell: Cell, layer: Layer) -> tuple[list[Tensor], tuple[Tensor, ...]]:
        return self._backend.forward(cell, map_tensors(layer, self._changed))

    def _changed(self, v: Tensor) -> Tensor:
        change = torch.rand(v.shape, generator=self._generator, dtype=v.dtype) * 2 - 1
        return v * (1 + change * _HALF_A_PLACE)
