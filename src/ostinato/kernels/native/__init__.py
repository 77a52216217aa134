"""Ostinato's own kernels for the CPU: C++ called with pointers. `native/include/ostinato/kernels.h` is the contract."""

from .backend import Native
from .bfloat16 import why_not_bfloat16
from .library import instruction_set, instruction_sets, missing

__all__ = ["Native", "instruction_set", "instruction_sets", "missing", "why_not_bfloat16"]
