"""Rows of named values as a table on the terminal."""

import math
from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from typing import Any, Literal

from rich import box
from rich.table import Table
from rich.text import Text


def written(value: Any, digits: int = 4) -> str:
    """Write a value as people read it: thousands in groups, no more digits than mean something.

    Example:
        >>> written(25000), written(0.123456), written(None), written(0.9, 2), written(1.5e-7), written(412.25)
        ('25,000', '0.1235', '-', '0.90', '1.5e-07', '412.2')
    """
    if value is None:
        return "-"
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, Integral):
        return f"{int(value):,}"
    if isinstance(value, Real):
        number = float(value)
        if math.isnan(number):
            return "nan"
        if number and not 1e-3 <= abs(number) < 1e6:
            return f"{number:.3g}"
        return f"{number:,.{digits if abs(number) < 10 else 1}f}"
    return str(value)


def table(
    rows: Sequence[Mapping[str, Any]],
    *,
    title: str | None = None,
    best: Mapping[str, Literal["highest", "lowest"]] | None = None,
    digits: Mapping[str, int] | None = None,
    names: Mapping[str, str] | None = None,
) -> Table:
    """Make a table from rows: a column a key, numbers to the right, the best value of a column bold.

    Args:
        rows: a mapping each; a key that a row lacks is shown as "-". Keys become the header, `_` as a space.
        title: a line above the table.
        best: column -> which value is best there.
        digits: column -> digits after the point of numbers below 10; 4 where it is not said.
        names: column -> its header, where the key with spaces for `_` will not do.

    Returns:
        a rich table; print it with a `rich.console.Console`. Text from users is never read as markup.

    Example:
        >>> made = table([{"model": "gru", "log_loss": 0.5}], best={"log_loss": "lowest"})
        >>> [str(column.header) for column in made.columns]
        ['model', 'log loss']
    """
    columns = list(dict.fromkeys(key for row in rows for key in row))
    result = Table(
        title=title, box=box.SIMPLE, title_justify="left", title_style="bold", header_style="bold", pad_edge=True
    )
    for column in columns:
        numeric = all(isinstance(row.get(column), Real) or row.get(column) is None for row in rows)
        result.add_column(
            Text((names or {}).get(column, column.replace("_", " "))),
            justify="right" if numeric else "left",
            no_wrap=numeric,
            overflow="fold",
        )
    tops = {column: _top([row.get(column) for row in rows], which) for column, which in (best or {}).items()}
    for row in rows:
        cells = []
        for column in columns:
            value = row.get(column)
            won = len(rows) > 1 and column in tops and value is not None and value == tops[column]
            cells.append(Text(written(value, (digits or {}).get(column, 4)), style="bold green" if won else ""))
        result.add_row(*cells)
    return result


def _top(values: Sequence[Any], which: str) -> Any:
    numbers = [v for v in values if isinstance(v, Real) and not math.isnan(float(v))]
    return (max if which == "highest" else min)(numbers, default=None)


def facts(named: Mapping[str, Any]) -> Table:
    """Make a table of names and values, one a line, without a header."""
    result = Table(box=None, show_header=False, pad_edge=True)
    result.add_column(style="bold", no_wrap=True)
    result.add_column(overflow="fold")
    for name, value in named.items():
        result.add_row(Text(name.replace("_", " ")), Text(written(value)))
    return result
