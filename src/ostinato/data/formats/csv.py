"""CSV and TSV, parsed by the standard library.

Not by pyarrow: its reader drops the last reference to a Python stream in a thread of its own, at times when the
interpreter is already ending, and the process aborts (docs/decisions/0005).
"""

import csv
import io
import sys
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any, BinaryIO

from ostinato._core.errors import DataError
from ostinato.data.example import Columns, Record
from ostinato.data.source import Source, as_file

_HEADER = 1 << 20
# A row of ours behind the last: where it does not come out, a quotation mark was never closed and swallowed it.
_END = "\x00end of file\x00"


class CsvRows:
    """Rows of a CSV file: a header, fields that may be quoted and then hold line breaks, quotes doubled.

    Lines without any character hold no row. White space, `<br />`, NUL and unusual line-break characters are kept.

    Args:
        source: the text.
        columns: the columns wanted.
        delimiter: between fields.
    """

    def __init__(self, source: Source, columns: Columns, delimiter: str = ",") -> None:
        self.notes: list[str] = []
        self._source = source
        self._columns = columns
        self._delimiter = delimiter

    def __iter__(self) -> Iterator[Record]:
        header, pieces = self._begin()
        value, label = header.index(self._columns.value), self._columns.label
        name = None if label is None else header.index(label)
        rows = parsed(as_file(pieces), self._delimiter)
        next(rows)
        for number, (line, last, fields) in enumerate(rows, start=1):
            if fields[0] == _END:
                return
            if any(_END in field for field in fields):
                raise self._unclosed(line)
            if len(fields) != len(header):
                raise self._wrong(line, last, fields, len(header))
            yield f"row {number}", fields[value], None if name is None else fields[name]
        raise self._unclosed(1)  # the header has swallowed everything

    def exact(self, place: str) -> str:
        """Add the line to a row's place (`row 3, line 7`) where the file can be read again."""
        if self._source.path is None:
            return place
        number = int(place.removeprefix("row "))
        line, _, _ = next(islice(self._records(), number, None))
        return f"{place}, line {line}"

    def _begin(self) -> tuple[list[str], Iterator[bytes]]:
        """Read the header; hand out the text with it and with our row behind it."""
        pieces = self._source.chunks()
        head = b""
        while len(head) < _HEADER and (piece := next(pieces, b"")):
            head += piece
        header = self._header(head)
        end = "\n" + self._delimiter.join([_END] * len(header))
        return header, chain([head], pieces, [end.encode()])

    def _header(self, head: bytes) -> list[str]:
        if not head:
            raise DataError(f"{self._source.name}: empty: expected a header line and rows; was it written completely?")
        lines = csv.reader(io.StringIO(head.decode(errors="ignore"), newline=""), delimiter=self._delimiter)
        header = next((fields for fields in lines if fields), None)
        if header is None:
            raise DataError(f"{self._source.name}: only blank lines: expected a header line and rows; check the file")
        self._columns.check(self._source.name, header)
        return header

    def _wrong(self, line: int, last: int, fields: list[str], width: int) -> DataError:
        hint = (
            f"it runs to line {last}: is a quotation mark left open?"
            if last > line
            else "put quotation marks around fields that hold the delimiter"
        )
        return DataError(f"{self._source.name}, line {line}: {len(fields)} columns: expected {width}; {hint}")

    def _unclosed(self, line: int) -> DataError:
        return DataError(
            f"{self._source.name}, line {line}: a quotation mark is opened and never closed; close it, or double it to "
            "mean itself"
        )

    def _records(self) -> Iterator[tuple[int, int, list[str]]]:
        """Read again from the start."""
        return parsed(self._source.open(), self._delimiter)


def parsed(file: BinaryIO, delimiter: str) -> Iterator[tuple[int, int, list[str]]]:
    """Parse: (first line, last line, fields) of each row that has any character."""
    limit = csv.field_size_limit(sys.maxsize)
    try:
        lines: Any = csv.reader(io.TextIOWrapper(file, encoding="utf-8", newline=""), delimiter=delimiter)
        before = 0
        for fields in lines:
            if fields:
                yield before + 1, lines.line_num, fields
            before = lines.line_num
    finally:
        csv.field_size_limit(limit)
