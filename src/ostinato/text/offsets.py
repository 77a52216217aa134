"""A text's tokens and where they stand in it."""

from functools import cache
from typing import Any, NamedTuple

from ostinato.text.kinds import KINDS


class Token(NamedTuple):
    """A token and its place: `text[start:stop]` is it."""

    text: str
    start: int
    stop: int


def cut(text: str) -> list[Token]:
    """Cut a text into words and marks, as the word tokenizer does, keeping capitals and places.

    Args:
        text: any text; one without a word gives no token.

    Returns:
        The tokens; what stands between them is white space.

    Example:
        >>> cut("Kelly didn't.")  # doctest: +NORMALIZE_WHITESPACE
        [Token(text='Kelly', start=0, stop=5), Token(text='did', start=6, stop=9), Token(text="n't", start=9, stop=12),
         Token(text='.', start=12, stop=13)]
    """
    return [Token(word, start, stop) for word, (start, stop) in _cutter().pre_tokenize_str(text)]


@cache
def _cutter() -> Any:
    return KINDS["word"].cut()
