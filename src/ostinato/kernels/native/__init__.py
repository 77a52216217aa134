"""Ostinato's own kernels for the CPU: C++ called with pointers. `native/include/ostinato/kernels.h` is the contract."""

from .backend import Native
from .library import instruction_set, instruction_sets, missing

__all__ = ["Native", "instruction_set", "instruction_sets", "missing"]
