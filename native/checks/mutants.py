"""Every mutant of a native cell must be rejected: a check that accepts a wrong gate arithmetic checks nothing.

    scripts/check-native mutants          all cells
    scripts/check-native mutants lstm     one

All mutants of all cells are compiled at once, into a library of its own in which a number says who of them is alive.
Each then runs layers of a few shapes and options, and is rejected where an output or a gradient is further from the
reference in float64 than `check_backend` allows.
"""

import ctypes
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import torch

from ostinato.cells import CELLS
from ostinato.kernels import Layer
from ostinato.kernels.native import Native, instruction_sets, library
from ostinato.kernels.reference import Reference
from ostinato.testing import Case, make_layer
from ostinato.testing.check_backend import LIMITS, OPTIONS
from ostinato.testing.differences import differences

HERE = Path(__file__).parent
NATIVE, FOLDER = HERE.parent, HERE.parent.parent / "build" / "check-mutants"
# header -> cells made of it
HEADERS = {"rnn": ("rnn_tanh", "rnn_relu", "rnn_identity")} | {
    name: (name,) for name in ("lstm", "lstm_peephole", "gru", "gru_reset_before", "gru_simple")
}

_OPERATORS = {" + ": (" - ", " * "), " - ": (" + ", " * "), " * ": (" + ", " - ")}
_FUNCTIONS = {"sigmoid": ("tanh", ""), "tanh": ("sigmoid", ""), "relu": ("tanh", ""), "F.norm": ("",), "F.dnorm": ("",)}
_STATEMENT = re.compile(r"^    (const V \w+ = |(?:  )?return |kept = )(.+);(.*)$")
_INLINE = re.compile(r"^(  static .*\{ return )(.+)(; \})$")
_TOKEN = re.compile(
    r"(?P<operator> [-+*] )|(?P<function>\b(?:sigmoid|tanh|relu|F\.d?norm)(?=\())|(?P<member>\b[a-z]\w*\.\w+)|"
    r"(?P<local>\b[a-zA-Z]\w*\b(?![.({]))|(?P<one>\b1\b)"
)


def mutants_of(expression: str, members: dict[str, list[str]], names: list[str]) -> Iterator[str]:
    """Yield the expression with one token changed: an operator, an activation, a gate or state, a name, a number."""
    for token in _TOKEN.finditer(expression):
        kind, text = token.lastgroup, token.group()
        if kind == "operator":
            others = list(_OPERATORS[text])
        elif kind == "function":
            others = list(_FUNCTIONS[text])
        elif kind == "member":
            owner, name = text.split(".")
            others = [f"{owner}.{other}" for other in members[owner] if other != name]
        elif kind == "local":
            others = [other for other in names if other != text] if text in names else []
        else:
            others = ["0", "2"]
        for other in others:
            yield expression[: token.start()] + other + expression[token.end() :]


def mutated(source: str, first: int) -> tuple[str, list[str]]:
    """Write all mutants of a header's equations into it, numbered from `first`; and say what each changes."""
    lines, changes = [], []
    names: list[str] = []
    members: dict[str, list[str]] = {}
    body = source.replace("OSTINATO_INLINE", "__attribute__((noinline))")
    functions = iter(_members(body))
    for line in body.splitlines():
        if re.match(r"^  static .*\{$|^  static __attribute__", line):
            names, members = [], {}
        if line.startswith("  static __attribute__((noinline))"):
            members = next(functions)
        match = _STATEMENT.match(line) or _INLINE.match(line)
        if not match:
            lines.append(line)
            continue
        head, expression, tail = match.groups()
        found = list(dict.fromkeys(mutants_of(expression, members, names)))
        numbered = [(first + len(changes) + k, other) for k, other in enumerate(found)]
        changes += [f"{expression} -> {other}" for _, other in numbered]
        if "const V" in head or "static" in head:
            chosen = "".join(f"ostinato_mutant == {n} ? V({other}) : " for n, other in numbered)
            lines.append(f"    {head}{chosen}V({expression}){tail if 'static' in head else ';'}")
        else:
            choices = "".join(f"if (ostinato_mutant == {n}) {head}{other}; else " for n, other in numbered)
            lines.append(f"    {choices}{head}{expression};")
        if "const V" in head:
            names.append(head.split()[2])
    return 'extern "C" int ostinato_mutant;\n' + "\n".join(lines) + "\n", changes


def _members(source: str) -> Iterator[dict[str, list[str]]]:
    """For each function: what is read of each structure, a -> [i, f, g, o, c]."""
    for text in source.split("static __attribute__((noinline))")[1:]:
        found: dict[str, list[str]] = {}
        for owner, name in re.findall(r"\b(wx|wh|s|p|a|d)\.(\w+)", text):
            if name not in found.setdefault(owner, []):
                found[owner].append(name)
        yield found


def build() -> dict[str, tuple[int, list[str]]]:
    """Compile the library of mutants; return for each header its first mutant's number and what each one changes."""
    sources = FOLDER / "native"
    shutil.rmtree(sources, ignore_errors=True)
    shutil.copytree(NATIVE, sources, ignore=shutil.ignore_patterns("checks"))
    first, all_changes = 1, {}
    for header in HEADERS:
        path = sources / "src" / "cells" / f"{header}.hpp"
        text, changes = mutated(path.read_text(encoding="utf-8"), first)
        path.write_text(text, encoding="utf-8")
        all_changes[header] = (first, changes)
        first += len(changes)
    with (sources / "src" / "interface.cpp").open("a", encoding="utf-8") as interface:
        interface.write(
            '\nextern "C" __attribute__((visibility("default"))) int ostinato_mutant;\nint ostinato_mutant = 0;\n'
        )
    makefile = sources / "CMakeLists.txt"
    makefile.write_text(makefile.read_text(encoding="utf-8").replace("-O2", "-O1"), encoding="utf-8")
    target = f"ostinato_{instruction_sets()[0]}"
    subprocess.run(["cmake", "-S", sources, "-B", FOLDER / "build"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(
        ["cmake", "--build", FOLDER / "build", "--target", target, "-j", "2"], check=True, stdout=subprocess.DEVNULL
    )
    return all_changes


def layers(name: str) -> list[Layer]:
    """What each mutant runs: ragged, with and without layer normalisation, which some of them pass by."""
    cell = CELLS[name]
    layer = make_layer(cell, Case(3, 4, 3, 5, (3, 3, 2, 1)), torch.float32, grad=True)
    return [layer, OPTIONS["norm"](cell, layer)]


def error(name: str, layer: Layer) -> float:
    """How many times its limit the largest error of a layer is."""
    found = differences(Native(), Reference(), CELLS[name], layer)
    limits = LIMITS[torch.float32]
    return max(e / limit for errors, limit in zip(found, limits, strict=True) for e in errors.values())


@click.command()
@click.argument("chosen", nargs=-1, type=click.Choice(list(HEADERS)))
def main(chosen: tuple[str, ...]) -> None:
    """Build the mutants of all cells, run those of the chosen ones (all), and fail where one is accepted."""
    changes = build()
    (path,) = (FOLDER / "build").glob("*ostinato_*.*")
    loaded, reason = library._open(path)
    if loaded is None:
        raise click.ClickException(str(reason))
    library._load = lambda: (loaded, None)
    alive = ctypes.c_int.in_dll(loaded, "ostinato_mutant")
    accepted = 0
    for header in chosen or HEADERS:
        first, said = changes[header]
        tried = [(name, layer) for name in HEADERS[header] for layer in layers(name)]
        errors = []
        for number in (0, *range(first, first + len(said))):
            alive.value = number
            errors.append(max(error(name, layer) for name, layer in tried))
        for change, worst in zip(said, errors[1:], strict=True):
            if worst <= 1:
                accepted += 1
                click.echo(f"{header}: ACCEPTED {change}")
        click.echo(
            f"{header}: {len(said)} mutants, the nearest {min(errors[1:]):.2g} times over the limit; "
            f"the cell itself {errors[0]:.2g}"
        )
    if accepted:
        raise click.ClickException(f"{accepted} mutants were accepted")


if __name__ == "__main__":
    main()
