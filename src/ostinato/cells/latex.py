"""A cell's equations as LaTeX, read from the function that computes them."""

import ast

from .._core.errors import InputError
from .cell import Cell
from .syntax import parsed

_FUNCTIONS = {"sigmoid": r"\sigma", "tanh": r"\tanh", "relu": r"\mathrm{ReLU}"}
_SUM, _PRODUCT, _ATOM = range(3)  # how tightly an expression binds


def latex(cell: Cell, norm: bool = False) -> str:
    r"""Write a cell's equations as the lines of an `aligned` environment.

    When to use: in documentation, so that the page and the code cannot differ.

    Args:
        cell: the cell.
        norm: whether to show where layer normalisation (LN) stands.

    Returns:
        one line an equation: `h_t &= \tanh(...) \\`.

    Raises:
        InputError: the equations hold something else than assignments, + - *, numbers, gates, states and `F`.

    Example:
        >>> from ostinato.cells import CELLS
        >>> print(latex(CELLS["rnn_tanh"]))
        h_t &= \tanh(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})
    """
    tree = parsed(cell.equations)
    writer = _Writer([argument.arg for argument in tree.args.args], cell.states[0], norm)
    lines = []
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            lines.append(f"{statement.targets[0].id}_t &= {writer.write(statement.value)[0]}")
        elif not isinstance(statement, ast.Return):
            raise _unknown(statement)
    return " \\\\\n".join(lines)


class _Writer:
    """Writes expressions; knows the names under which the function receives its arguments."""

    def __init__(self, arguments: list[str], output: str, norm: bool) -> None:
        self.wx, self.wh, self.s, self.F, *rest = arguments
        self.p = rest[0] if rest else ""
        self.output, self.norm = output, norm

    def write(self, node: ast.expr) -> tuple[str, int]:
        """Return an expression's text and how tightly it binds."""
        match node:
            case ast.Constant(int(number)):
                return str(number), _ATOM
            case ast.Name(name):
                return f"{name}_t", _ATOM
            case ast.BinOp(left, ast.Mult(), right):
                return rf"{self._inside(left, _PRODUCT)} \odot {self._inside(right, _PRODUCT)}", _PRODUCT
            case ast.BinOp(left, ast.Add(), right):
                return f"{self.write(left)[0]} + {self.write(right)[0]}", _SUM
            case ast.BinOp(left, ast.Sub(), right):
                return f"{self.write(left)[0]} - {self._inside(right, _PRODUCT)}", _SUM
            case ast.Attribute(ast.Name(owner), name):
                return self._attribute(owner, name)
            case ast.Call(ast.Attribute(ast.Name(owner), name), [argument]) if owner == self.F:
                return self._function(name, argument)
            case ast.Call(ast.Attribute(ast.Name(owner), gate), [argument]) if owner == self.wh:
                return self._product("h", gate, self._inside(argument, _ATOM)), _SUM
        raise _unknown(node)

    def _inside(self, node: ast.expr, wanted: int) -> str:
        text, binding = self.write(node)
        return text if binding >= wanted else f"({text})"

    def _attribute(self, owner: str, name: str) -> tuple[str, int]:
        if owner == self.wx:
            return self._product("i", name, "x_t"), _SUM
        if owner == self.wh:
            return self._product("h", name, f"{self.output}_{{t-1}}"), _SUM
        if owner == self.s:
            return f"{name}_{{t-1}}", _ATOM
        if owner == self.p:
            letter, _, index = name.partition("_")
            return f"{letter}_{{{index}}}", _ATOM
        raise InputError(f"equations read {owner}.{name}; only their own arguments can be written as LaTeX")

    def _product(self, kind: str, gate: str, operand: str) -> str:
        product = f"W_{{{kind}{gate}}} {operand}"
        return rf"{self._normalized(product)} + b_{{{kind}{gate}}}"

    def _function(self, name: str, argument: ast.expr) -> tuple[str, int]:
        if name == "norm":
            text, binding = self.write(argument)
            return (self._normalized(text), _ATOM) if self.norm else (text, binding)
        if name not in _FUNCTIONS:
            raise InputError(f"equations call {self.F}.{name}; one of {', '.join(_FUNCTIONS)}, norm expected")
        return f"{_FUNCTIONS[name]}({self.write(argument)[0]})", _ATOM

    def _normalized(self, text: str) -> str:
        return rf"\mathrm{{LN}}({text})" if self.norm else text


def _unknown(node: ast.AST) -> InputError:
    return InputError(
        f"equations hold `{ast.unparse(node)}`; only assignments, + - *, numbers, gates, states and F.function(...) "
        "can be written as LaTeX"
    )
