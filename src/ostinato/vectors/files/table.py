"""What is read from a file, gathered row by row."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ostinato._core.errors import DataError
from ostinato.vectors.subwords import Parts

Floats = npt.NDArray[np.float32]
Counts = npt.NDArray[np.int64]


@dataclass
class Table:
    """Words, their vectors, those of parts of words, and what was left out."""

    words: list[str]
    vectors: Floats
    counts: Counts | None = None
    parts: Parts | None = None
    skipped: dict[str, int] = field(default_factory=dict)


class Gathered:
    """A table that grows: a header is not believed, so that a lying one cannot claim all memory.

    Args:
        path: named by messages.
        limit: words to take at most, or None.
        errors: "raise" or "skip".
    """

    def __init__(self, path: Path, limit: int | None, errors: str) -> None:
        self.path, self.limit, self.errors = path, limit, errors
        self.skipped: dict[str, int] = {}
        self._rows: dict[str, int] = {}
        self._vectors: Floats = np.zeros((0, 0), dtype=np.float32)

    @property
    def full(self) -> bool:
        """Whether `limit` is reached."""
        return self.limit is not None and len(self._rows) >= self.limit

    def add(self, place: str, word: bytes, vector: Floats) -> None:
        """Take a word and its vector, or leave it out for a reason."""
        try:
            text = word.decode()
        except UnicodeDecodeError:
            self.fault(place, f"word {word[:40]!r} is not UTF-8", "words that are not UTF-8")
            return
        row = len(self._rows)
        if self._rows.setdefault(text, row) != row:
            self.skip("words given twice (the first vector is kept)")
            return
        if row >= len(self._vectors):
            grown = np.empty((max(1024, 2 * row), len(vector)), dtype=np.float32)
            grown[:row] = self._vectors[:row] if row else 0
            self._vectors = grown
        self._vectors[row] = vector

    def fault(self, place: str, what: str, kind: str) -> None:
        """Raise what is wrong with a row, or count it."""
        if self.errors == "raise":
            raise DataError(
                f"{place}: {what}; correct the row, or leave such rows out (errors='skip', on the command line "
                "vectors convert --skip-damaged)"
            )
        self.skip(kind)

    def skip(self, kind: str) -> None:
        """Count a row that is left out."""
        self.skipped[kind] = self.skipped.get(kind, 0) + 1

    def table(self) -> Table:
        """Return what was gathered.

        Raises:
            DataError: nothing was.
        """
        if not self._rows:
            raise DataError(f"{self.path}: no vectors; at least one word with numbers is needed; is it the right file?")
        return Table(list(self._rows), self._vectors[: len(self._rows)], skipped=self.skipped)


def check_count(path: Path, promised: int, found: int, more: bool) -> None:
    """Compare a header with what follows it.

    Raises:
        DataError: it promises another number of words.
    """
    if found < promised:
        raise DataError(
            f"{path}: {found:,} rows, the header promises {promised:,}; the file is cut short: copy or download "
            "it again"
        )
    if more:
        raise DataError(
            f"{path}: more than the {promised:,} rows that the header promises; correct the header, or pass "
            f"limit={promised} to read these alone"
        )
