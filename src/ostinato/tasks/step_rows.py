"""What the user calls X of the recurrent tagger: lists of tokens, texts of letters, or numbers."""

from typing import Any

import numpy as np

from ostinato._core.errors import InputError
from ostinato.tasks.encoding import check_bases
from ostinato.tasks.inputs import read_sequences
from ostinato.tasks.step_encoding import StepKind
from ostinato.tasks.tag_rows import read_letters, read_tokens

_TEXTS: dict[str, StepKind] = {"word": "words", "char": "letters", "dna": "dna"}


def kind_of(X: Any, tokenizer: str) -> StepKind:
    """Tell what rows are made of: numbers where the first one is, else what the tokenizer says.

    Raises:
        InputError: no such tokenizer.

    Example:
        >>> kind_of([[[0.5, 1.0], [0.2, 1.0]]], "word"), kind_of(["ACGT"], "dna")
        ('numeric', 'dna')
    """
    if tokenizer not in _TEXTS:
        raise InputError(f"tokenizer={tokenizer!r}, expected one of {', '.join(_TEXTS)}; choose one")
    try:
        first = X[0] if isinstance(X, np.ndarray) else next(iter(X), None)
    except TypeError:
        first = None  # named where the rows are read
    part = first
    while isinstance(part, list | tuple | np.ndarray) and len(part):
        part = part[0]
    numbers = isinstance(part, int | float | np.number) and part is not first
    return "numeric" if numbers else _TEXTS[tokenizer]


def read_rows(X: Any, kind: StepKind, name: str = "X", empty: bool = False) -> list[Any]:
    """Check the rows of a tagger.

    Args:
        X: B rows.
        kind: what they are made of.
        name: what the messages call X.
        empty: whether a row of tokens or letters may be empty.

    Returns:
        B lists of tokens, B texts, or B float64 arrays (T, I).

    Raises:
        InputError: a row that is not of this kind, a letter that is no base, NaN; names the place.
    """
    if kind == "words":
        return read_tokens(X, name, empty)
    if kind == "numeric":
        return read_sequences(X, "numeric").values
    rows = read_letters(X, name, empty)
    if kind == "dna":
        check_bases([row or "N" for row in rows], name)
    return rows
