"""A whole file in memory."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ostinato.data.reading import read


@dataclass(frozen=True)
class Table:
    """All rows of a file.

    Attributes:
        values: B texts, or B float32 arrays (T, I).
        labels: B class names, or None where none were asked for.
        name: the file.
        notes: what was left out, in words.
    """

    values: list[str] | list[NDArray[np.float32]]
    labels: list[str] | None
    name: str = ""
    notes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.values)


def load(
    path: str | Path | BinaryIO,
    *,
    text: str | None = None,
    sequence: str | None = None,
    label: str | None = "label",
    format: str | None = None,
    encoding: str = "utf-8",
    limit: int | None = None,
    missing: str = "error",
) -> Table:
    """Read a whole file into memory.

    Args:
        path: this and everything else as `read` takes it.
        text: column of texts.
        sequence: column of numeric sequences.
        label: column of labels, or None.
        format: one of `READERS`, or None.
        encoding: of the text.
        limit: rows at most, or None.
        missing: "error" or "skip".

    Returns:
        The table.

    Raises:
        InputError: an argument is out of its range.
        DataError: the file or a row of it is wrong; names file, line or row, column and remedy.

    Example:
        >>> import io
        >>> load(io.BytesIO(b'{"text": "fine", "label": 1}'), format="jsonl").labels
        ['1']
    """
    reading = read(
        path,
        text=text,
        sequence=sequence,
        label=label,
        format=format,
        encoding=encoding,
        limit=limit,
        missing=missing,
    )
    values: list[Any] = []
    labels: list[str] = []
    for example in reading:
        values.append(example.value)
        labels.append(example.label or "")
    return Table(values, None if label is None else labels, reading.name, reading.notes)
