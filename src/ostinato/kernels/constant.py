"""Tells torch.compile that a function answers the same whenever a graph runs."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def constant_in_graphs(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a function: a compiled graph asks it once, while it is built, and does not follow what it does.

    The same mark as `torch.compiler.assume_constant_result` sets; that one loads the compiler, most of a second at
    the import of every program, for those that compile nothing too.
    """
    function._dynamo_marked_constant = True  # type: ignore[attr-defined]
    return function
