"""Mutants: a function's equations, wrong in one place. A test suite that accepts one of them tests nothing."""

import ast
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from ..cells.syntax import compiled, parsed

_OTHER_FUNCTION = {"sigmoid": ("tanh",), "tanh": ("sigmoid",), "relu": ("tanh", "sigmoid"), "norm": ()}


def mutants(function: Callable[..., Any]) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield every one-place mutation of a cell's equations.

    An operator swapped (+ - *), a term or factor dropped, an activation swapped or dropped, a gate, state or assigned
    name replaced by another one, a number changed, a returned state replaced.

    Args:
        function: the equations, as in a `Cell`.

    Yields:
        what was changed, and the changed function.

    Example:
        >>> from ostinato.cells import CELLS
        >>> for change, _ in mutants(CELLS["rnn_identity"].equations):
        ...     print(change)
        wx.h + wh.h -> wx.h - wh.h
        wx.h + wh.h -> wx.h * wh.h
        wx.h + wh.h -> wx.h
        wx.h + wh.h -> wh.h
    """
    tree = parsed(function)
    siblings = _attributes(tree)
    assigned: list[str] = []
    for index, statement in enumerate(tree.body):
        for path, node in _expressions(statement):
            for changed in _changes(node, siblings, assigned, tree.args.args[3].arg):
                mutant = deepcopy(tree)
                _replace(mutant.body[index], path, changed)
                yield f"{ast.unparse(node)} -> {ast.unparse(changed)}", compiled(mutant, function)
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            assigned.append(statement.targets[0].id)


def _changes(node: ast.expr, siblings: dict[str, list[str]], assigned: list[str], F: str) -> Iterator[ast.expr]:
    match node:
        case ast.BinOp(left, operator, right):
            for other in (ast.Add(), ast.Sub(), ast.Mult()):
                if type(other) is not type(operator):
                    yield ast.BinOp(left, other, right)
            yield left
            yield right
        case ast.Call(ast.Attribute(ast.Name(owner), name), [argument]) if owner == F:
            for function in _OTHER_FUNCTION[name]:
                yield ast.Call(ast.Attribute(ast.Name(owner), function), [argument], [])
            yield argument
        case ast.Attribute(ast.Name(owner), name) if owner != F:
            for other_name in siblings[owner]:
                if other_name != name:
                    yield ast.Attribute(ast.Name(owner), other_name)
        case ast.Name(name) if name in assigned:
            for other_name in assigned:
                if other_name != name:
                    yield ast.Name(other_name)
        case ast.Constant(int(number)):
            yield ast.Constant(number + 1)
            yield ast.Constant(number - 1)


def _attributes(tree: ast.FunctionDef) -> dict[str, list[str]]:
    """The names read from each argument: wx -> [i, f, g, o]."""
    found: dict[str, list[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            names = found.setdefault(node.value.id, [])
            if node.attr not in names:
                names.append(node.attr)
    return found


_Path = tuple[tuple[str, int | None], ...]


def _expressions(node: ast.AST, path: _Path = ()) -> Iterator[tuple[_Path, ast.expr]]:
    """Yield each expression below a statement that is read, with the way to it."""
    for name, value in ast.iter_fields(node):
        if name == "targets" or (name == "func" and isinstance(value, ast.Attribute)):
            if name == "func" and isinstance(value, ast.Attribute):
                yield (*path, (name, None)), value  # U.r in U.r(v); functions of F are changed with their call
            continue
        for k, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.expr):
                here = (*path, (name, k))
                if not isinstance(child, ast.Tuple):
                    yield here, child
                yield from _expressions(child, here)


def _replace(node: ast.AST, path: _Path, new: ast.expr) -> None:
    for name, k in path[:-1]:
        node = getattr(node, name) if k is None else getattr(node, name)[k]
    name, k = path[-1]
    if k is None:
        setattr(node, name, new)
    else:
        getattr(node, name)[k] = new
