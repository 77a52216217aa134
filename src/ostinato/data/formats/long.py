"""Signals in a table of one row a step: which sequence, when, and a number for each channel."""

import math
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from ostinato._core.errors import DataError
from ostinato.data.example import Columns, Record
from ostinato.data.formats.csv import parsed
from ostinato.data.source import Source

_Step = tuple[int, str, list[float], str]  # line, time, channels, label


class LongRows:
    """Sequences of a long CSV file, in the order in which each first appears; their steps in the order of time.

    Rows of one sequence need not stand together, so that the file is gathered in memory.

    Args:
        source: the text.
        columns: `value` is "id,time,channel,..."; without channels all other columns but the label's are, without a
            time ("id", or "id,,channel,...") the steps are in the file's order. The label has to be the same in all
            rows of a sequence, unless `aligned`: then each step has its own.
        delimiter: between fields.
    """

    def __init__(self, source: Source, columns: Columns, delimiter: str = ",") -> None:
        self.notes: list[str] = []
        self._source = source
        self._columns = columns
        self._delimiter = delimiter

    def __iter__(self) -> Iterator[Record]:
        for name, steps in self._gathered().items():
            steps = self._in_order(name, steps)
            numbers = [step[2] for step in steps]
            if self._columns.aligned:
                yield f"sequence {name!r}", numbers, [step[3] for step in steps]
                continue
            for step in steps:
                if step[3] != steps[0][3]:
                    raise self._wrong(
                        step[0],
                        f"the label is {step[3]!r}, expected {steps[0][3]!r} as in line {steps[0][0]} of the same "
                        f"sequence {name!r}; give each sequence a name of its own",
                    )
            yield f"sequence {name!r}", numbers, steps[0][3]

    def exact(self, place: str) -> str:
        """Give the place back: a name is exact."""
        return place

    def written_out(self) -> str:
        """The columns wanted with the channels by name: what a model remembers, so that other files may have more."""
        _, which, when, channels = self._header(parsed(self._source.open(), self._delimiter))
        return ",".join([which, when, *channels])

    def _header(self, rows: Iterator[tuple[int, int, list[str]]]) -> tuple[list[str], str, str, list[str]]:
        """All columns; of them the sequence's name, the time ("" for none) and the channels."""
        first = next(rows, None)
        if first is None:
            raise DataError(f"{self._source.name}: empty, expected a header line and rows; was it written completely?")
        header = first[2]
        which, *rest = (name.strip() for name in self._columns.value.split(","))
        when, *channels = rest or [""]
        label = self._columns.label
        for name in [which, when, *channels, label]:
            if name:
                Columns(name, None).check(self._source.name, header)
        channels = channels or [name for name in header if name not in (which, when, label)]
        if not channels:
            raise DataError(f"{self._source.name}, line 1: no column of numbers beside {', '.join(header)}; add one")
        return header, which, when, channels

    def _gathered(self) -> dict[str, list[_Step]]:
        rows = parsed(self._source.open(), self._delimiter)
        header, name_column, time_column, channels = self._header(rows)
        places = [header.index(name) for name in channels]
        which, when = header.index(name_column), header.index(time_column) if time_column else None
        label = self._columns.label
        label_place = None if label is None else header.index(label)
        found: dict[str, list[_Step]] = {}
        for line, _, fields in rows:
            if len(fields) != len(header):
                raise self._wrong(line, f"{len(fields)} columns, expected {len(header)} as in line 1; correct it")
            numbers = [self._number(fields[place], line, header[place]) for place in places]
            time = "" if when is None else fields[when].strip()
            name = "" if label_place is None else fields[label_place]
            if self._columns.aligned and label is not None and not name.strip():
                raise self._wrong(line, f"column {label!r} is empty, expected a tag; fill it in")
            found.setdefault(fields[which], []).append((line, time, numbers, name))
        return found

    def _in_order(self, name: str, steps: list[_Step]) -> list[_Step]:
        if all(step[1] == "" for step in steps):
            return steps
        numbers = [_time(step[1]) for step in steps]
        if any(number is None for number in numbers):  # dates, written so that their order is that of the letters
            keys: list[tuple[float, str]] = [(0.0, step[1]) for step in steps]
        else:
            keys = [(number or 0.0, "") for number in numbers]
        order = sorted(range(len(steps)), key=keys.__getitem__)
        for before, after in pairwise(order):
            if keys[before] == keys[after]:
                raise self._wrong(
                    steps[after][0],
                    f"sequence {name!r} has the time {steps[after][1]!r} here and in line {steps[before][0]}, expected "
                    "each time once; drop one, or is another column the sequence's name?",
                )
        return [steps[number] for number in order]

    def _number(self, cell: str, line: int, column: str) -> float:
        value = _time(cell)
        if value is None:
            shown = repr(cell) if cell.strip() else "nothing"
            raise self._wrong(line, f"column {column!r} holds {shown}, expected a finite number; fill it in")
        return value

    def _wrong(self, line: int, what: str) -> DataError:
        return DataError(f"{self._source.name}, line {line}: {what}")


def written_out(path: Path, columns: Columns, format: str, encoding: str = "utf-8") -> str:
    """Name the channels of a long file's sequences; see `LongRows.written_out`."""
    return LongRows(Source(path, encoding), columns, "\t" if format == "tsv" else ",").written_out()


def _time(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
