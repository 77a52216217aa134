"""CoNLL-U, the format of Universal Dependencies: ten named columns, comments, words of several tokens."""

from collections.abc import Iterator

from ostinato._core.errors import DataError
from ostinato.data.example import Columns, Record
from ostinato.data.source import Source
from ostinato.data.suggest import did_you_mean

COLUMNS = ("id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc")
_NONE = "_"


class ConlluRows:
    """Sentences of a CoNLL-U file; ranges (`1-2`) and empty nodes (`8.1`) hold no token of their own and are left out.

    Args:
        source: the text.
        columns: names of the columns of tokens (form) and tags (upos, say).

    Raises:
        DataError: no such column.

    Source: universaldependencies.org/format.html.
    """

    def __init__(self, source: Source, columns: Columns) -> None:
        self.notes: list[str] = []
        self._source = source
        for name in columns.names:
            if name.lower() not in COLUMNS:
                hint = did_you_mean(name.lower(), COLUMNS) or "name one of these"
                raise DataError(f"{source.name}: no column {name!r}: the columns are {', '.join(COLUMNS)}; {hint}")
        self._token = COLUMNS.index(columns.value.lower())
        self._tag = None if columns.label is None else COLUMNS.index(columns.label.lower())

    def __iter__(self) -> Iterator[Record]:
        begin, tokens, tags, ranges = 0, list[str](), list[str](), 0
        self.notes = []
        for number, raw in enumerate(self._source.open(), 1):
            line = raw.removesuffix(b"\n").removesuffix(b"\r").decode()
            if line.startswith("#"):
                continue
            if not line.strip():
                if tokens:
                    yield f"line {begin}", tokens, None if self._tag is None else tags
                begin, tokens, tags = 0, [], []
                continue
            fields = line.split("\t")
            if len(fields) != len(COLUMNS):
                raise DataError(
                    f"{self._source.name}, line {number}: {len(fields)} columns: expected {len(COLUMNS)}, parted by "
                    "tabs; complete the line, or read it with format='conll'"
                )
            if not fields[0].isdigit():
                ranges += 1
                self.notes = [f"{ranges:,} ranges and empty nodes left out"]
                continue
            begin = begin or number
            tokens.append(fields[self._token])
            if self._tag is not None:
                if fields[self._tag] == _NONE:
                    raise DataError(
                        f"{self._source.name}, line {number}: column {COLUMNS[self._tag]!r} is empty ('_'): expected "
                        "a tag; name another column, or read without tags"
                    )
                tags.append(fields[self._tag])
        if tokens:
            yield f"line {begin}", tokens, None if self._tag is None else tags

    def exact(self, place: str) -> str:
        """Give the place back: the line where the sentence begins."""
        return place
