"""Tagged sentences in columns (CoNLL-2002, CoNLL-2003): a token a line, a blank line behind each sentence."""

import re
from collections.abc import Iterator

from ostinato._core.errors import DataError
from ostinato.data.example import Columns, Record
from ostinato.data.source import Source

_DOCUMENT = "-DOCSTART-"
_GAP = re.compile("[ \t]+")  # not \s: a no-break space can be a token


class ConllRows:
    """Sentences of a file of columns, parted by tabs if the first line has one, else by spaces.

    Args:
        source: the text.
        columns: the column of tokens and the one of tags, numbers from 1 up, or from -1 down for the last ones.

    Raises:
        DataError: a column that is no number.
    """

    def __init__(self, source: Source, columns: Columns) -> None:
        self.notes: list[str] = []
        self._source = source
        self._token = _number(source.name, columns.value)
        self._tag = None if columns.label is None else _number(source.name, columns.label)

    def __iter__(self) -> Iterator[Record]:
        begin, tokens, tags = 0, list[str](), list[str]()
        split, width, first, documents = None, 0, 0, 0
        self.notes = []
        for number, raw in enumerate(self._source.open(), 1):
            line = raw.removesuffix(b"\n").removesuffix(b"\r").decode()
            blank = not line.strip(" \t")
            if not blank:
                if split is None:
                    split = _by_tabs if "\t" in line else _by_gaps
                fields = split(line)
                if not width:
                    width, first = len(fields), number
                    self._check(width, number, line)
                if fields[0] == _DOCUMENT:
                    documents, blank = documents + 1, True
                    self.notes = [f"{documents:,} {_DOCUMENT} lines left out"]
                elif len(fields) != width:
                    self._ragged(number, len(fields), width, first)
                else:
                    begin = begin or number
                    tokens.append(fields[self._token])
                    if self._tag is not None:
                        tags.append(fields[self._tag])
            if blank and tokens:
                yield self._record(begin, tokens, tags)
                begin, tokens, tags = 0, [], []
        if tokens:
            yield self._record(begin, tokens, tags)

    def exact(self, place: str) -> str:
        """Give the place back: the line where the sentence begins."""
        return place

    def _record(self, begin: int, tokens: list[str], tags: list[str]) -> Record:
        return f"line {begin}", tokens, None if self._tag is None else tags

    def _check(self, width: int, number: int, line: str) -> None:
        """Raise if the columns wanted are not there, or are the same one."""
        there = f"{self._source.name}, line {number}: {width} column{'s' if width > 1 else ''} in {line[:40]!r}"
        for column in (self._token, self._tag):
            if column is not None and not -width <= column < width:
                wanted = column + 1 if column >= 0 else column
                raise DataError(f"{there}: no column {wanted}; count from 1, or from -1 for the last")
        if self._tag is not None and self._token % width == self._tag % width:
            raise DataError(f"{there}: expected a token and its tag; name the column of tags, or read without tags")

    def _ragged(self, number: int, count: int, width: int, first: int) -> None:
        raise DataError(
            f"{self._source.name}, line {number}: {count} columns: expected {width} as in line {first}; "
            "complete the line, or put a blank line between sentences"
        )


def _number(name: str, column: str) -> int:
    """An index from the number of a column."""
    try:
        number = int(column)
    except ValueError:
        number = 0
    if number == 0:
        raise DataError(f"{name}: no column {column!r}: columns have no names here; give a number, 1 is the first")
    return number - 1 if number > 0 else number


def _by_tabs(line: str) -> list[str]:
    return line.split("\t")


def _by_gaps(line: str) -> list[str]:
    return _GAP.split(line.strip(" \t"))
