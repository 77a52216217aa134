"""From the words on a command line to the value that an annotation asks for."""

import ast
from collections.abc import Callable
from typing import Any

import click

_TRUE, _FALSE = ("true", "yes", "on"), ("false", "no", "off")
_LIST = 5  # the place of lists in the order of trial


class Kind(click.ParamType[Any]):
    """A click type made from an annotation, as `float | None`, `Literal["word", "char"]` or `str | tuple[str, ...]`.

    The parts of a union are tried from the strictest to the loosest: choices, None, bool, int, float, pairs, lists,
    text. A part that a command line cannot write (an array, a function) is left out.

    Args:
        annotation: the type, as it is written in the source.

    Example:
        >>> Kind("float | None")("none"), Kind("tuple[str, ...]")("max,mean"), Kind("dict[str, float] | None")("neg=2")
        (None, ('max', 'mean'), {'neg': 2.0})
    """

    def __init__(self, annotation: str) -> None:
        self.choices: list[str] = []
        self.parts: list[tuple[int, str, Callable[[str], Any]]] = []
        self._read(ast.parse(annotation, mode="eval").body)
        self.parts.sort(key=lambda part: part[0])
        self.none = any(word == "none" for _, word, _ in self.parts)
        self.name = self.words()

    def words(self) -> str:
        """Name what may be written, as `word|char` or `float or none`."""
        words = dict.fromkeys(word for _, word, _ in self.parts if word != "none")
        listed = ["|".join(self.choices)] if self.choices else []
        return " or ".join([*listed, *words, *(["none"] if self.none else [])]) or "text"

    def __bool__(self) -> bool:
        """Say whether a command line can write such a value at all."""
        return bool(self.choices or any(word != "none" for _, word, _ in self.parts))

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """Show the choices in the help."""
        return f"[{self.name}]" if self.choices else self.name.upper()

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Try each part of the union in turn."""
        if not isinstance(value, str):
            return value
        if value in self.choices:
            return value
        for _, _, make in self.parts:
            try:
                return make(value)
            except ValueError:
                continue
        if "," not in value and any(order == _LIST for order, _, _ in self.parts):
            return self.convert(f"{value},", param, ctx)  # one item alone, where only a list will do
        return self.fail(f"{value!r} is given, {self.name} is needed", param, ctx)

    def _read(self, node: ast.expr) -> None:
        match node:
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                self._read(left)
                self._read(right)
            case ast.Constant(value=None):
                self.parts.append((0, "none", _none))
            case ast.Constant(value=str(inner)):
                self._read(ast.parse(inner, mode="eval").body)
            case ast.Name(id=name) if name in _SIMPLE:
                self.parts.append(_SIMPLE[name])
            case ast.Subscript(value=ast.Name(id="Literal"), slice=ast.Tuple(elts=items)):
                self.choices += [str(ast.literal_eval(item)) for item in items]
            case ast.Subscript(value=ast.Name(id="Literal"), slice=item):
                self.choices.append(str(ast.literal_eval(item)))
            case ast.Subscript(value=ast.Name(id="tuple" | "list" | "Sequence" as kind), slice=inside):
                items = [e for e in _elements(inside) if not isinstance(e, ast.Constant)]
                each = Kind(ast.unparse(items[0]))
                self.parts.append((_LIST, f"{each.name},...", _listed(each, tuple if kind != "list" else list)))
            case ast.Subscript(value=ast.Name(id="dict" | "Mapping"), slice=inside):
                names, values = (Kind(ast.unparse(e)) for e in _elements(inside))
                self.parts.append((4, "name=value,...", _paired(names, values)))


def _elements(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]


def _none(text: str) -> None:
    if text.lower() != "none":
        raise ValueError(text)


def _bool(text: str) -> bool:
    if text.lower() not in _TRUE + _FALSE:
        raise ValueError(text)
    return text.lower() in _TRUE


def _text(text: str) -> str:
    return text


def _listed(item: Kind, make: Callable[[list[Any]], Any]) -> Callable[[str], Any]:
    def convert(text: str) -> Any:
        if "," not in text:
            raise ValueError(text)
        return make([_strictly(item, part) for part in text.split(",") if part.strip()])

    return convert


def _paired(key: Kind, value: Kind) -> Callable[[str], Any]:
    def convert(text: str) -> dict[Any, Any]:
        pairs = [part.rpartition("=") for part in text.split(",")]
        if not all(equals for _, equals, _ in pairs):
            raise ValueError(text)
        return {_strictly(key, k): _strictly(value, v) for k, _, v in pairs}

    return convert


def _strictly(kind: Kind, text: str) -> Any:
    try:
        return kind.convert(text.strip(), None, None)
    except click.BadParameter as error:
        raise ValueError(text) from error


# name in an annotation -> how early it is tried, what the help calls it, how it is read
_SIMPLE: dict[str, tuple[int, str, Callable[[str], Any]]] = {
    "bool": (1, "yes|no", _bool),
    "int": (2, "int", int),
    "float": (3, "float", float),
    "str": (6, "text", _text),
}
