"""CSV and TSV, parsed by pyarrow."""

import csv
import io
import sys
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

import pyarrow as pa
import pyarrow.csv

from ostinato._core.errors import DataError
from ostinato.data.example import Columns, Record
from ostinato.data.source import Source, as_file

_BLOCK = 1 << 20
_LONGEST_ROW = 1 << 30
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
        block, done = _BLOCK, 0
        while True:
            try:
                for value, label in islice(self._cells(pieces, block), done, None):
                    if value == _END:
                        return
                    done += 1
                    yield f"row {done}", value, label
                raise self._unclosed()
            except pa.ArrowInvalid as error:
                if "straddling" not in str(error) or self._source.path is None or block >= _LONGEST_ROW:
                    raise self._wrong(str(error), len(header)) from None
            # a row is longer than pyarrow's block: begin again with larger ones, from the row after the last
            block *= 16
            _, pieces = self._begin()

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

    def _cells(self, pieces: Iterator[bytes], block: int) -> Iterator[tuple[str, str | None]]:
        """Let pyarrow parse."""
        names, label = self._columns.names, self._columns.label
        with pyarrow.csv.open_csv(
            pa.PythonFile(as_file(pieces), mode="r"),
            read_options=pyarrow.csv.ReadOptions(use_threads=False, block_size=block),
            parse_options=pyarrow.csv.ParseOptions(delimiter=self._delimiter, newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                include_columns=names,
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=False,
                check_utf8=False,  # the source has checked
            ),
        ) as reader:
            for batch in reader:
                values = batch.column(self._columns.value).to_pylist()
                labels = batch.column(label).to_pylist() if label is not None else [None] * len(values)
                yield from zip(values, labels, strict=True)

    def _header(self, head: bytes) -> list[str]:
        if not head:
            raise DataError(f"{self._source.name}: empty: expected a header line and rows; was it written completely?")
        lines = csv.reader(io.StringIO(head.decode(errors="ignore"), newline=""), delimiter=self._delimiter)
        header = next((fields for fields in lines if fields), None)
        if header is None:
            raise DataError(f"{self._source.name}: only blank lines: expected a header line and rows; check the file")
        self._columns.check(self._source.name, header)
        return header

    def _wrong(self, message: str, width: int) -> DataError:
        name = self._source.name
        if self._source.path is not None:
            for line, last, fields in self._records():
                if len(fields) != width:
                    hint = (
                        f"it runs to line {last}: is a quotation mark left open?"
                        if last > line
                        else "put quotation marks around fields that hold the delimiter"
                    )
                    return DataError(f"{name}, line {line}: {len(fields)} columns: expected {width}; {hint}")
        return DataError(f"{name}: {message}; correct this row")

    def _unclosed(self) -> DataError:
        where = self._source.name
        if self._source.path is not None:
            *_, (line, _, _) = self._records()
            where = f"{where}, line {line}"
        return DataError(f"{where}: a quotation mark is opened and never closed; close it, or double it to mean itself")

    def _records(self) -> Iterator[tuple[int, int, list[str]]]:
        """Read again with Python's own module, which counts lines: (first line, last line, fields) of each row."""
        limit = csv.field_size_limit(sys.maxsize)
        try:
            lines: Any = csv.reader(
                io.TextIOWrapper(self._source.open(), encoding="utf-8", newline=""), delimiter=self._delimiter
            )
            before = 0
            for fields in lines:
                if fields:
                    yield before + 1, lines.line_num, fields
                before = lines.line_num
        finally:
            csv.field_size_limit(limit)
