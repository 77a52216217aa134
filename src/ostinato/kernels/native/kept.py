"""Memory from the library's pool, which keeps large buffers between calls.

torch's allocator returns buffers of some megabytes to the system after each step, and fresh pages cost more than the
arithmetic done on them.
"""

from math import prod
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .library import library

_SMALL = 65_536  # floats: so small a buffer torch's allocator keeps itself


class Kept:
    """Floats from the pool, given back when the last reference goes."""

    def __init__(self, floats: int) -> None:
        self._release = library().ostinato_release  # bound now: at exit the module may be gone before this object
        self.floats = floats
        self.address: int | None = library().ostinato_acquire(floats)
        if self.address is None:
            raise MemoryError(f"{4 * floats} bytes asked for the kernels; none left: take smaller batches")

    def tensor(self) -> Tensor:
        """The floats as a tensor (floats,) that keeps this object alive."""
        return torch.from_numpy(np.asarray(self))

    @property
    def __array_interface__(self) -> dict[str, Any]:
        """What numpy asks for: the floats as an array that keeps this object alive."""
        return {"data": (self.address, False), "shape": (self.floats,), "typestr": "<f4", "version": 3}

    def __del__(self) -> None:
        """Give the floats back."""
        if getattr(self, "address", None) is not None:
            self._release(self.address)


def empty(*shape: int) -> Tensor:
    """Make a float32 tensor of any numbers on the CPU; a large one lies in the pool while anything refers to it."""
    floats = prod(shape)
    if floats < _SMALL:
        return torch.empty(shape, dtype=torch.float32, device="cpu")  # whatever torch's defaults are
    return Kept(floats).tensor().view(shape)


def empty_like(tensor: Tensor) -> Tensor:
    """`empty` of a contiguous tensor's shape."""
    return torch.empty_like(tensor) if tensor.numel() < _SMALL else empty(*tensor.shape)
