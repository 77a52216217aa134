"""Any file of examples to checked examples, a few in memory at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from ostinato._core.errors import DataError, InputError
from ostinato.data.convert import UnfitError, to_label, to_steps, to_text
from ostinato.data.example import Columns, Example
from ostinato.data.readers import NESTED, open_rows
from ostinato.data.strokes import Strokes, stroked

_MISSING = ("error", "skip")
_ABSENT = "missing: expected a value; fill it in, or skip such rows with missing='skip'"


@dataclass(frozen=True, slots=True)
class Trial:
    """A row, right or wrong: for who wants to count what is wrong instead of stopping at it.

    Attributes:
        place: row or line.
        value, label: as in `Example`; None where missing or wrong.
        fault: the first thing that is wrong, as (column, message), or None.
        missing: whether all that is wrong is that a value is missing.
    """

    place: str
    value: Any
    label: str | None
    fault: tuple[str, str] | None
    missing: bool


class Reading:
    """Examples of a file: iterate over it, again and again unless it is a stream. Made by `read`.

    Attributes:
        name: the file, as messages call it.
        skipped: rows skipped so far because a value was missing.
    """

    def __init__(
        self,
        path: str | Path | BinaryIO,
        columns: Columns,
        *,
        numeric: bool = False,
        format: str | None = None,
        encoding: str = "utf-8",
        limit: int | None = None,
        missing: str = "error",
    ) -> None:
        self._rows, self.name = open_rows(path, format, columns, encoding)
        self._columns = columns
        self._numeric = numeric
        self._strokes = stroked(columns.value)[1] if isinstance(self._rows, NESTED) else Strokes()
        self._limit = limit
        self._missing = missing
        self.skipped = 0

    @property
    def notes(self) -> list[str]:
        """What was left out of the data, in words; complete after the last example."""
        skipped = [f"{self.skipped} rows with a missing value skipped"] if self.skipped else []
        return [*self._rows.notes, *skipped]

    def __iter__(self) -> Iterator[Example]:
        self.skipped = 0
        return islice(self._examples(), self._limit)

    def trials(self) -> Iterator[Trial]:
        """Try every row, without stopping at wrong cells (a file that cannot be parsed still stops).

        Returns:
            Iterator of trials.

        Raises:
            DataError: the file cannot be read or has no rows.
        """
        return islice(self._trials(), self._limit)

    def _examples(self) -> Iterator[Example]:
        for trial in self._trials():
            if trial.fault is None:
                yield Example(trial.value, trial.label, f"{self.name}, {trial.place}")
            elif trial.missing and self._missing == "skip":
                self.skipped += 1
            else:
                column, message = trial.fault
                raise DataError(f"{self.name}, {self._rows.exact(trial.place)}, column {column!r}: {message}")

    def _trials(self) -> Iterator[Trial]:
        convert: Callable[[Any], Any] = partial(to_steps, strokes=self._strokes) if self._numeric else to_text
        column, labels = self._columns.value, self._columns.label
        rows, width = 0, None
        for place, cell, name in self._rows:
            rows += 1
            value = label = fault = None
            missing = False
            try:
                value = convert(cell)
                if value is None:
                    fault, missing = (column, _ABSENT), True
                elif self._numeric:
                    width = value.shape[1] if width is None else width
                    if value.shape[1] != width:
                        fault = (column, f"{value.shape[1]} inputs a step: expected {width}, as in row 1; correct it")
                        value = None
            except UnfitError as error:
                fault = (column, str(error))
            if labels is not None:
                try:
                    label = to_label(name)
                    if label is None and fault is None:
                        fault, missing = (labels, _ABSENT), True
                except UnfitError as error:
                    fault, missing = fault or (labels, str(error)), False
            yield Trial(place, value, label, fault, missing)
        if not rows:
            raise DataError(f"{self.name}: no rows: expected at least one; was it written completely?")


def read(
    path: str | Path | BinaryIO,
    *,
    text: str | None = None,
    sequence: str | None = None,
    label: str | None = "label",
    format: str | None = None,
    encoding: str = "utf-8",
    limit: int | None = None,
    missing: str = "error",
) -> Reading:
    r"""Read labelled texts or numeric sequences from a file, streaming.

    Use it for files larger than memory; `load` collects all rows.

    Args:
        path: CSV, TSV, JSON lines, Parquet, plain text lines, or a folder a class; each file also gzipped. "-" is
            standard input, JSON lines or plain text lines; an open binary stream needs `format`.
        text: column of texts; None is "text", unless `sequence` is given.
        sequence: column of numeric sequences: T lists of I numbers, or T numbers (JSON lines, Parquet), or strokes of a
            pen as `Strokes` reads them ("drawing@0.05" for its spacing, "drawing@columns" for its order). Of CSV, TSV,
            where a row is a step: "id,time,x,y", the columns of the sequence's name, of the time, and of the
            channels; "id,time" alone takes all other columns but the label's as channels, and "id" the file's order. Of
            a folder a class of recordings: "log-mel@8000", features of the sound at that rate.
        label: column of labels, any scalar; None reads without labels.
        format: one of `READERS`; None tells from the file's name.
        encoding: of the text, as Python names it.
        limit: rows at most; None reads all.
        missing: what to do where a value is missing: "error", or "skip" the row and count it.

    Returns:
        An iterable of `Example`, with `notes` on what was left out.

    Raises:
        InputError: an argument is out of its range.
        DataError: the file, or, while iterating, a row of it is wrong; names file, line or row, column and remedy.

    Example:
        >>> import io
        >>> rows = read(io.BytesIO(b"text,label\nfine,pos\n"), format="csv")
        >>> list(rows)
        [Example(value='fine', label='pos', place='stream, row 1')]
    """
    if text is not None and sequence is not None:
        raise InputError(f"text={text!r} and sequence={sequence!r}: expected one of them; leave the other out")
    if missing not in _MISSING:
        raise InputError(f"missing {missing!r}: expected one of {', '.join(_MISSING)}; pass one of these")
    if limit is not None and limit < 1:
        raise InputError(f"limit {limit}: expected at least 1, or None for all rows; raise it")
    return Reading(
        path,
        Columns(sequence or text or "text", label, numeric=sequence is not None),
        numeric=sequence is not None,
        format=format,
        encoding=encoding,
        limit=limit,
        missing=missing,
    )
