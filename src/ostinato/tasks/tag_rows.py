"""What the user calls X and y of a tagger, checked: lists of tokens, texts of letters, lists of tags."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ostinato._core.errors import InputError

_EXPECTED = "expected a list of sentences, each a list of tokens"


def read_tokens(X: Any, name: str = "X", empty: bool = False) -> list[list[str]]:
    """Check sentences.

    Args:
        X: B sentences, each a list (tuple, array) of texts.
        name: what the messages call it.
        empty: whether a sentence may have no token.

    Returns:
        B lists of tokens.

    Raises:
        InputError: no sentences, a text that is not cut into tokens, a token that is no text; names the place.

    Example:
        >>> read_tokens([("Kelly", "worked")])
        [['Kelly', 'worked']]
    """
    rows = _listed(X, name)
    if not rows:
        raise InputError(f"{name} has 0 rows, {_EXPECTED}; give at least one")
    return [_words(row, f"{name}[{number}]", empty, "token") for number, row in enumerate(rows)]


def read_letters(X: Any, name: str = "X", empty: bool = False) -> list[str]:
    """Check sequences of letters.

    Args:
        X: B texts, or B lists of single letters.
        name: what the messages call it.
        empty: whether a sequence may have no letter.

    Returns:
        B texts.

    Raises:
        InputError: no sequences, an empty one, a list whose parts are no single letters; names the place.

    Example:
        >>> read_letters(["ACGT", ["A", "C"]])
        ['ACGT', 'AC']
    """
    if isinstance(X, str | bytes):
        raise InputError(
            f"{name} is one {type(X).__name__}, expected a list of sequences; put it into a list: [{name}]"
        )
    rows = _listed(X, name)
    if not rows:
        raise InputError(f"{name} has 0 rows, expected a list of sequences of letters; give at least one")
    return [_letters(row, f"{name}[{number}]", empty) for number, row in enumerate(rows)]


def _letters(row: Any, place: str, empty: bool) -> str:
    if isinstance(row, str):
        if not row and not empty:
            raise InputError(f"{place} has no letter, expected at least one; drop the row")
        return str(row)
    words = _words(row, place, empty, "letter")
    for number, word in enumerate(words):
        if len(word) != 1:
            raise InputError(f"{place}[{number}] is {word!r}, expected a single letter; is X cut into words?")
    return "".join(words)


def read_tags(
    y: Any, tokens: Sequence[Sequence[Any] | np.ndarray], name: str = "y", unit: str = "token"
) -> list[list[str]]:
    """Check tags against the sentences they belong to.

    Args:
        y: B lists of texts; of letters and of steps of numbers also B texts, a tag a letter.
        tokens: B lists of tokens, texts of letters, or (T, I) arrays.
        name: what the messages call y.
        unit: what has a tag: token, letter or step.

    Raises:
        InputError: y missing, another number of sentences or of tags in one; names the place.

    Example:
        >>> read_tags([["B-PER", "O"]], [["Kelly", "worked"]])
        [['B-PER', 'O']]
    """
    if y is None:
        raise InputError(f"{name} is None, expected a list of tags for each sentence of X; give them")
    rows = _listed(y, name)
    if len(rows) != len(tokens):
        raise InputError(f"{name} has {len(rows)} rows, expected {len(tokens)} as X; give a list of tags a sentence")
    if unit != "token":
        rows = [list(row) if isinstance(row, str) else row for row in rows]
    tags = [_words(row, f"{name}[{number}]", True, "tag") for number, row in enumerate(rows)]
    for number, (of_row, words) in enumerate(zip(tags, tokens, strict=True)):
        if len(of_row) != len(words):
            raise InputError(
                f"{name}[{number}] has {len(of_row)} tags, expected {len(words)}, one a {unit} of X[{number}]"
            )
    return tags


def _listed(rows: Any, name: str) -> list[Any]:
    if isinstance(rows, str | bytes):
        raise InputError(f"{name} is one {type(rows).__name__}, {_EXPECTED}; put its tokens into a list of lists")
    try:
        return list(rows)
    except TypeError:
        raise InputError(f"{name} is {rows!r}, {_EXPECTED}; convert it") from None


def _words(row: Any, place: str, empty: bool, what: str) -> list[str]:
    if isinstance(row, str | bytes):
        raise InputError(
            f"{place} is the text {row[:30]!r}, expected a list of {what}s; cut it: "
            "[token.text for token in ostinato.text.cut(text)], or, for a tag a letter, give another tokenizer"
        )
    if not isinstance(row, Sequence | np.ndarray):
        raise InputError(f"{place} is {row!r}, expected a list of {what}s; drop the row or complete it")
    words = list(row)
    if not words and not empty:
        raise InputError(f"{place} has no {what}, expected at least one; drop the row")
    for number, word in enumerate(words):
        if not isinstance(word, str) or not word:
            raise InputError(f"{place}[{number}] is {word!r}, expected a {what}, a text that is not empty; correct it")
    return [str(word) for word in words]
