"""Where a verb's words go: results to stdout, messages to stderr."""

import json
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType

_WIDE = 160  # off a terminal nothing needs to be wrapped to a window


def show(*results: "RenderableType") -> None:
    """Print tables and text to stdout, in colour on a terminal alone; a text stays on one line, however long."""
    from rich.console import Console
    from rich.text import Text

    off = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    console = Console(width=_WIDE if off else None)
    for result in results:
        console.print(result, highlight=False, markup=False, soft_wrap=isinstance(result, Text))


def note(message: str) -> None:
    """Print a message to stderr."""
    print(message, file=sys.stderr, flush=True)


def emit(value: Any) -> None:
    """Print a JSON value to stdout on one line; what JSON cannot hold is written as text."""
    print(json.dumps(value, ensure_ascii=False, default=str))


def say(facts: dict[str, Any], as_json: bool) -> None:
    """Print a summary: JSON on one line, or a table."""
    if as_json:
        emit(facts)
        return
    from ostinato.report.table import facts as as_table

    show(as_table(facts))
