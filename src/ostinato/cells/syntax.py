"""The equations as syntax: read from a function, and compiled back after a change."""

import ast
import inspect
import linecache
import textwrap
from collections.abc import Callable
from itertools import count
from types import SimpleNamespace
from typing import Any

from torch import Tensor

_numbers = count()


def parsed(function: Callable[..., Any]) -> ast.FunctionDef:
    """Read a function's syntax tree from its source."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    if not isinstance(tree, ast.FunctionDef):
        raise TypeError(f"{function!r} is no function written with def; equations need their own text")
    return tree


def compiled(tree: ast.FunctionDef, like: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a changed tree in the module of the function it came from; `parsed` can read the result again."""
    text = ast.unparse(ast.fix_missing_locations(tree)) + "\n"
    filename = f"<{tree.name} {next(_numbers)}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)  # for inspect.getsource
    namespace: dict[str, Any] = dict(getattr(like, "__globals__", {}))
    exec(compile(text, filename, "exec"), namespace)
    function: Callable[..., Any] = namespace[tree.name]
    return function


def traced(equations: Callable[..., tuple[Tensor, ...]]) -> Callable[..., tuple[tuple[Tensor, ...], SimpleNamespace]]:
    """Make equations return all they assigned too: `f(...)` -> (new states, names), the `a` of a cell's backward.

    Example:
        >>> from ostinato.cells import CELLS, REAL
        >>> import torch
        >>> one = SimpleNamespace(h=torch.zeros(1, 1))
        >>> (h,), a = traced(CELLS["rnn_tanh"].equations)(one, one, one, REAL)
        >>> a.h is h
        True
    """
    tree = parsed(equations)
    last = tree.body[-1]
    if not isinstance(last, ast.Return) or last.value is None:
        raise TypeError(f"{tree.name} does not end with a return; equations are assignments and one return")
    names = [
        target.id
        for s in tree.body
        if isinstance(s, ast.Assign)
        for target in s.targets
        if isinstance(target, ast.Name)
    ]
    tree.body[-1] = ast.Return(
        ast.Tuple([last.value, ast.Dict([ast.Constant(n) for n in names], [ast.Name(n) for n in names])])
    )
    tree.returns = None
    both = compiled(tree, equations)

    def function(*arguments: Any) -> tuple[tuple[Tensor, ...], SimpleNamespace]:
        states, assigned = both(*arguments)
        return states, SimpleNamespace(**assigned)

    return function
