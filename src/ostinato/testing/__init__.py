"""Public checks: of a cell, a backend, a task. They raise AssertionError and say what differs, and where.

Nothing is imported before it is used, so that a backend's author does not need what a task's check needs.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .cases import CASES, Case, make_layer
    from .check_backend import check_backend
    from .check_cell import check_cell
    from .check_task import check_task
    from .mutants import mutants
    from .rel_l2 import expect_close, rel_l2

# public name -> module beside this one
_EXPORTS = {
    "CASES": "cases",
    "Case": "cases",
    "check_backend": "check_backend",
    "check_cell": "check_cell",
    "check_task": "check_task",
    "expect_close": "rel_l2",
    "make_layer": "cases",
    "mutants": "mutants",
    "rel_l2": "rel_l2",
}

__all__ = [
    "CASES",
    "Case",
    "check_backend",
    "check_cell",
    "check_task",
    "expect_close",
    "make_layer",
    "mutants",
    "rel_l2",
]


def __getattr__(name: str) -> Any:
    if name not in _EXPORTS:
        raise AttributeError(f"module 'ostinato.testing' has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_EXPORTS[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_EXPORTS})


class _Package(ModuleType):
    """Keeps a public name what the table says, though Python binds a submodule of that name once it is imported."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (isinstance(value, ModuleType) and name in _EXPORTS):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
