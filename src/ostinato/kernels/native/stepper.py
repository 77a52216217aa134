"""One step at a time, for streams: the weights are packed once, a step allocates nothing."""

import torch
from torch import Tensor

from ..._core.errors import BackendError, ShapeError
from ...cells import Cell
from ..layer import Layer, Weights
from .backend import Native
from .calls import Case, checked, fill, rates_of, tensors_of
from .library import library


class Stepper:
    """Runs a cell one step a call, in place.

    When to use: where tokens arrive one by one (a sensor, a keyboard) and each must be answered before the next.

    Args:
        cell: what to run.
        weights: float32 on the CPU. They are copied: changes afterwards are not seen.
        zoneout: rate of each state, whose expectation is taken, or None.

    Raises:
        BackendError: the kernels cannot run this cell with these weights; with the reason.

    Example:
        >>> from ostinato.cells import CELLS
        >>> from ostinato.kernels.native import missing
        >>> if missing() is None:
        ...     step = Stepper(CELLS["gru"], Weights(torch.zeros(6, 3), torch.zeros(6, 2)))
        ...     h = torch.ones(1, 2)
        ...     step(torch.ones(1, 3), h)
        ...     assert h.tolist() == [[0.5, 0.5]]
    """

    def __init__(self, cell: Cell, weights: Weights, zoneout: tuple[float, ...] | None = None) -> None:
        H = weights.ih.shape[0] // len(cell.gates)
        self._input, self._columns = weights.ih.shape[1], (weights.hh.shape[1], H)[: len(cell.states)]
        states = tuple(torch.zeros(1, 1, columns) for columns in self._columns)
        one = torch.ones(1, dtype=torch.int64)
        layer = Layer(torch.zeros(1, self._input), one, (weights,), states, zoneout=zoneout)
        layer.check(cell)
        if (reason := Native().why_not(cell, layer)) is not None:
            raise BackendError(f"cell {cell.name!r} cannot be stepped: {reason}")
        self._free, self._step = library().ostinato_pack_free, library().ostinato_step
        tensors = [None if t is None else t.detach().contiguous() for t in tensors_of(cell, layer)]
        structs = fill(Case(cell, one, 1, 1, rates_of(layer)), tensors)
        self._packed: int | None = library().ostinato_pack(structs)
        if self._packed is None:
            raise MemoryError("no memory for the packed weights")

    def __call__(self, x: Tensor, *states: Tensor) -> None:
        """Replace the states by those after one more step.

        Args:
            x: (B, I) float32, contiguous.
            states: h (B, P or H) and, for cells that have it, c (B, H): float32, contiguous; they are overwritten.

        Raises:
            ShapeError: a shape, layout, dtype or device that does not fit.
        """
        B = x.shape[0]
        if not _plain(x, (B, self._input)):
            raise ShapeError(f"x is {_described(x)}; contiguous float32 (B, {self._input}) on the CPU expected")
        if len(states) != len(self._columns):
            raise ShapeError(f"{len(states)} states given; {len(self._columns)} expected")
        for state, columns in zip(states, self._columns, strict=True):
            if not _plain(state, (B, columns)):
                raise ShapeError(
                    f"a state is {_described(state)}; contiguous float32 ({B}, {columns}) on the CPU expected"
                )
        if B:
            c = states[1].data_ptr() if len(states) == 2 else None
            checked(self._step(self._packed, B, x.data_ptr(), states[0].data_ptr(), c))

    def at(self, B: int, x: int, h: int, c: int | None) -> None:
        """The same with addresses of memory that somebody else has checked: no test is done again."""
        checked(self._step(self._packed, B, x, h, c))

    def __del__(self) -> None:
        """Give the packed weights back."""
        if getattr(self, "_packed", None) is not None:
            self._free(self._packed)


def _plain(tensor: Tensor, shape: tuple[int, ...]) -> bool:
    return tensor.shape == shape and tensor.is_contiguous() and tensor.dtype == torch.float32 and tensor.is_cpu


def _described(tensor: Tensor) -> str:
    return f"{tensor.dtype} {tuple(tensor.shape)} on {tensor.device}"
