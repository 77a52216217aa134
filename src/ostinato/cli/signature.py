"""The arguments of an estimator's constructor, read from its source: torch and scikit-learn stay unimported."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import ostinato

_SOURCES = Path(ostinato.__file__).parent


@dataclass(frozen=True)
class Argument:
    """One argument of a constructor.

    Args:
        name: as in the signature.
        annotation: its type, as it is written.
        default: its default; where that is not a plain value, its source text.
        help: what the docstring says of it, on one line; "" where it says nothing.
    """

    name: str
    annotation: str
    default: Any
    help: str


@cache
def arguments(place: str) -> tuple[Argument, ...]:
    """Read the constructor of a class.

    Args:
        place: "package.module:Class".

    Returns:
        the arguments in their order, without `self`, `*args` and `**kwargs`.

    Example:
        >>> found = {a.name: a for a in arguments("ostinato.tasks.classifier:SequenceClassifier")}
        >>> found["hidden_size"].annotation, found["hidden_size"].default
        ('int', 64)
    """
    module, _, name = place.partition(":")
    tree = ast.parse(_source(module).read_text(encoding="utf-8"))
    found = next((n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == name), None)
    if found is None:
        raise LookupError(f"{place}: the module has no such class")
    init = next((n for n in found.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"), None)
    if init is None:
        raise LookupError(f"{place}: the class has no constructor of its own")
    said = described(ast.get_docstring(init) or "") or described(ast.get_docstring(found) or "")
    return tuple(
        Argument(a.arg, ast.unparse(a.annotation) if a.annotation else "str", default, said.get(a.arg, ""))
        for a, default in _with_defaults(init.args)
    )


@cache
def keys(place: str) -> tuple[str, ...]:
    """Read the keys of a table.

    Args:
        place: "package.module:TABLE", a dict of plain text keys.

    Example:
        >>> keys("ostinato.tasks.presets:PRESETS")[0]
        'default'
    """
    module, _, name = place.partition(":")
    for node in ast.parse(_source(module).read_text(encoding="utf-8")).body:
        match node:
            case ast.AnnAssign(target=ast.Name(id=found), value=ast.Dict(keys=listed)) if found == name:
                return tuple(ast.literal_eval(key) for key in listed if key is not None)
    raise LookupError(f"{place}: the module has no such table")


def described(docstring: str) -> dict[str, str]:
    r"""Take the `Args:` section of a Google-style docstring apart.

    Example:
        >>> described("Do.\n\nArgs:\n    a: one\n        more.\n    b, c: both.\n\nReturns:\n    x: not this.")
        {'a': 'one more.', 'b': 'both.', 'c': 'both.'}
    """
    section = re.search(r"^Args:\n((?:[ \t]+.*\n|\n)*)", docstring + "\n", re.MULTILINE)
    result: dict[str, str] = {}
    if section is None:
        return result
    lines = section[1].splitlines()
    indent = len(lines[0]) - len(lines[0].lstrip())
    for entry in re.split(rf"\n(?= {{{indent}}}\S)", section[1].rstrip()):
        names, colon, text = entry.strip().partition(":")
        if colon:
            one = " ".join(text.replace("`", "").split())
            result |= {re.sub(r"\s*\(.*", "", n).strip(): one for n in re.sub(r"\(.*\)", "", names).split(",")}
    return result


def _source(module: str) -> Path:
    path = _SOURCES.joinpath(*module.split(".")[1:])
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _with_defaults(args: ast.arguments) -> Iterator[tuple[ast.arg, Any]]:
    plain = [*args.posonlyargs, *args.args][1:]
    first = len(plain) - len(args.defaults)
    yield from ((a, _value(args.defaults[i - first]) if i >= first else None) for i, a in enumerate(plain))
    yield from ((a, _value(d) if d else None) for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True))


def _value(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return ast.unparse(node)
