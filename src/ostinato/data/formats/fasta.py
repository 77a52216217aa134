"""FASTA: a line that begins with > and names a sequence, then its letters, on as many lines as you like."""

import re
from collections.abc import Iterator

from ostinato._core.errors import DataError
from ostinato.data.example import Columns, Record
from ostinato.data.source import Source


class FastaRows:
    """Sequences of a FASTA file, as texts; what stands behind `label=` in the header is the label.

    Args:
        source: the text.
        columns: `label` is the word before the = in the header, as in `>seq1 label=EI`; `value` does not matter.
    """

    def __init__(self, source: Source, columns: Columns) -> None:
        self.notes: list[str] = []
        self._source = source
        self._columns = columns

    def __iter__(self) -> Iterator[Record]:
        begun, header, letters = 0, "", list[str]()
        for number, raw in enumerate(self._source.open(), 1):
            line = raw.decode().strip()
            if line.startswith(">"):
                if begun:
                    yield self._record(begun, header, letters)
                begun, header, letters = number, line[1:], []
            elif line and not line.startswith(";"):
                if not begun:
                    raise DataError(
                        f"{self._source.name}, line {number}: {line[:20]!r}, expected a header, as >name label=EI; "
                        "is it a FASTA file?"
                    )
                letters.append(line)
        if begun:
            yield self._record(begun, header, letters)

    def exact(self, place: str) -> str:
        """Give the place back: a line is exact."""
        return place

    def _record(self, line: int, header: str, letters: list[str]) -> Record:
        label = None
        if self._columns.label is not None:
            found = re.search(rf"(?:^|\s){re.escape(self._columns.label)}=(\S+)", header)
            label = found[1] if found else None
        return f"line {line}", "".join(letters) or None, label
