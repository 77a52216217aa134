"""What the tests of the native kernels share."""

import pytest
import torch
from torch import Tensor

from ostinato.cells import Cell
from ostinato.kernels import Layer
from ostinato.kernels.native import Native


class Threaded(Native):
    """The kernels on more threads than torch uses for the rest (many threads on a busy machine are slow in torch)."""

    def __init__(self, threads: int) -> None:
        self.threads = threads

    def _forward(self, cell: Cell, layer: Layer) -> tuple[list[Tensor], tuple[Tensor, ...]]:
        before = torch.get_num_threads()
        torch.set_num_threads(self.threads)
        try:
            return super()._forward(cell, layer)
        finally:
            torch.set_num_threads(before)


@pytest.fixture
def threaded() -> type[Native]:
    """The native backend as a class that is given its number of threads."""
    return Threaded
