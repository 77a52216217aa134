"""A name looked up in a plain table, with a useful error."""

import difflib
from collections.abc import Mapping
from typing import TypeVar

from ostinato._core.errors import InputError

T = TypeVar("T")


def lookup(name: str, table: Mapping[str, T], what: str) -> T:
    """Return `table[name]`; for an unknown name say which exist and which was probably meant.

    Args:
        name: the name asked for.
        table: the names there are.
        what: the argument's name, which begins the message.

    Returns:
        The table's entry.

    Raises:
        InputError: ``optimizer='adm' is not known, expected one of adam, adamw, rmsprop, sgd; did you mean 'adam'?``
    """
    if isinstance(name, str) and name in table:
        return table[name]
    near = difflib.get_close_matches(name, table, n=1) if isinstance(name, str) else []
    remedy = f"did you mean {near[0]!r}?" if near else "choose one of them"
    raise InputError(f"{what}={name!r} is not known, expected one of {', '.join(sorted(table))}; {remedy}")
