"""Plain text, one text a line, no labels."""

from collections.abc import Iterator

from ostinato._core.errors import DataError
from ostinato.data.example import Columns, Record
from ostinato.data.source import Source


class LineRows:
    r"""Lines of a text file, ended by \n or \r\n and by nothing else; an empty line is an empty text.

    Args:
        source: the text.
        columns: its label must be None.

    Raises:
        DataError: labels are asked for.
    """

    def __init__(self, source: Source, columns: Columns) -> None:
        if columns.label is not None:
            raise DataError(
                f"{source.name}: plain text has no column {columns.label!r}: expected label=None; "
                f"pass that, or a file with labels"
            )
        self.notes: list[str] = []
        self._source = source

    def __iter__(self) -> Iterator[Record]:
        for number, line in enumerate(self._source.open(), 1):
            yield f"line {number}", line.removesuffix(b"\n").removesuffix(b"\r").decode(), None

    def exact(self, place: str) -> str:
        """Give the place back: a line is exact."""
        return place
