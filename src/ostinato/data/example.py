"""What a reader yields, what it is asked for, and what every reader promises."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ostinato._core.errors import DataError
from ostinato.data.suggest import did_you_mean


@dataclass(frozen=True, slots=True)
class Example:
    """One row of data, typed and checked.

    Attributes:
        value: a text, or float32 numbers of shape (T, I).
        label: the class, or None where no labels were asked for.
        place: file and row, as `reviews.csv, row 3`.
    """

    value: str | NDArray[np.float32]
    label: str | None
    place: str


@dataclass(frozen=True)
class Columns:
    """Which columns are wanted: the one with texts or sequences, and the one with labels (or None).

    Where `numeric`, the values are sequences of numbers; a table of one row a step then names in `value` the columns of
    the sequence's name, of the time and of the channels, with commas between. Where `aligned`, the label is a list of
    one a step, and in such a table that of each row.
    """

    value: str
    label: str | None
    numeric: bool = False
    aligned: bool = False

    @property
    def names(self) -> list[str]:
        """The names wanted, each once."""
        return list(dict.fromkeys(name for name in (self.value, self.label) if name is not None))

    def check(self, name: str, header: list[str]) -> None:
        """Raise if a wanted column is missing, or is there twice.

        Args:
            name: the file, for the message.
            header: the columns there are.

        Raises:
            DataError: names the column and those there are.
        """
        for wanted in self.names:
            if wanted not in header:
                there = ", ".join(map(repr, header[:20])) + (", …" if len(header) > 20 else "")
                hint = _separated(header) or did_you_mean(wanted, header) or "name one of these"
                raise DataError(f"{name}, line 1: no column {wanted!r}: the columns are {there}; {hint}")
            if header.count(wanted) > 1:
                raise DataError(
                    f"{name}, line 1: several columns are named {wanted!r}: expected one; rename the others"
                )


def _separated(header: list[str]) -> str | None:
    """Say how to read a header that came out as one column because other marks than commas separate it."""
    if len(header) == 1 and ";" in header[0]:
        return "fields seem separated by ';': save it with commas"
    if len(header) == 1 and "\t" in header[0]:
        return "fields seem separated by tabs: read it with format='tsv'"
    return None


# place, value, label: as found, unchecked
Record = tuple[str, Any, Any]


class Rows(Protocol):
    """A file opened in one format: what each entry of `READERS` makes from a source and the columns wanted.

    Attributes:
        notes: what was left out or is odd, in words; complete when the last row has been read.
    """

    notes: list[str]

    def __iter__(self) -> Iterator[Record]:
        """Read the rows, a few at a time."""

    def exact(self, place: str) -> str:
        """Name a row's place more exactly, at some cost; asked only when it goes into an error."""
