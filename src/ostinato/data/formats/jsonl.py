"""JSON lines, one object a line, parsed by Python's own module.

Not by pyarrow: its reader settles a column's type by the first block and then refuses a label that is 1 here and "1"
there, writes 1.50 for a text as 1.5 or not at all, and names a row of a block, not the line of the file.
"""

import json
from collections.abc import Iterator

from ostinato._core.errors import DataError
from ostinato.data.example import Columns, Record
from ostinato.data.source import Source


class JsonRows:
    """Objects of a JSON-lines file; blank lines hold no row, an absent key is a missing value.

    Args:
        source: the text.
        columns: the keys wanted.
    """

    def __init__(self, source: Source, columns: Columns) -> None:
        self.notes: list[str] = []
        self._source = source
        self._columns = columns

    def __iter__(self) -> Iterator[Record]:
        name = self._source.name
        seen = False
        for number, line in enumerate(self._source.open(), 1):
            if line.isspace():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                what = f"{error.msg} at column {error.colno}" if isinstance(error, json.JSONDecodeError) else str(error)
                raise DataError(f"{name}, line {number}: no JSON: {what}; write one object a line") from None
            if not isinstance(row, dict):
                raise DataError(
                    f"{name}, line {number}: a JSON {type(row).__name__}: expected an object; write one object a line"
                )
            if not seen:
                self._columns.check(name, list(row))
                seen = True
            label = row.get(self._columns.label) if self._columns.label is not None else None
            yield f"line {number}", row.get(self._columns.value), label

    def exact(self, place: str) -> str:
        """Give the place back: a line is exact."""
        return place
