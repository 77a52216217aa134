"""What a file of examples is read for, and reading it: the same for every verb."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import click

from ostinato._core.errors import DataError

# A test holds this equal to the table of readers, which is not imported here: it would cost `--help` half a second.
FORMATS = ("csv", "tsv", "jsonl", "parquet", "folder", "lines", "conll", "conllu", "fasta", "sound")
MISSING = ("error", "skip")


@dataclass(frozen=True)
class Columns:
    """Which columns of a file are wanted and how it is read; `None` is "not said".

    Args:
        text: column of texts.
        sequence: column of numeric sequences, instead of texts.
        label: column of labels.
        format: one of `FORMATS`.
        encoding: of the text.
        missing: what to do with a row that lacks a value, one of `MISSING`.
        limit: rows to read at most.
    """

    text: str | None = None
    sequence: str | None = None
    label: str | None = None
    format: str | None = None
    encoding: str | None = None
    missing: str | None = None
    limit: int | None = None

    def __post_init__(self) -> None:
        if self.text is not None and self.sequence is not None:
            raise click.UsageError(
                f"--text {self.text} and --sequence {self.sequence} are both given, one of them is needed; drop one"
            )

    def remembering(self, saved: Mapping[str, Any]) -> "Columns":
        """Fill in what was not said with what a model was trained on."""
        column = {} if self.text or self.sequence else {"text": saved.get("text"), "sequence": saved.get("sequence")}
        return replace(self, **column, label=self.label or saved.get("label"))

    def written_out(self, file: Path) -> "Columns":
        """Name the channels of a table of one row a step, so that a model remembers them; else as it is."""
        from ostinato.data.example import Columns as Wanted
        from ostinato.data.formats.long import written_out
        from ostinato.data.readers import format_of

        if self.sequence is None or not file.is_file():
            return self
        found = self.format or format_of(file)
        if found not in ("csv", "tsv"):
            return self
        columns = Wanted(self.sequence, self.label or "label", numeric=True)
        return replace(self, sequence=written_out(file, columns, found, self.encoding or "utf-8"))

    def names(self) -> dict[str, str | None]:
        """Return the columns as a model remembers them."""
        kept = asdict(self)
        text = self.text or (None if self.sequence else "text")
        return {"text": text, "sequence": kept["sequence"], "label": self.label or "label"}

    def plain(self, source: Any) -> bool:
        """Say whether a source is plain text, a line a row, which has no labels."""
        return self.format == "lines" or (
            self.format is None and Path(source).name.removesuffix(".gz").endswith(".txt")
        )

    def examples(self, source: Any, *, labelled: bool = True) -> Any:
        """Open a file; iterate over the result to get its examples, a few in memory at a time.

        Args:
            source: path, or an open binary stream.
            labelled: whether the labels are read too.
        """
        from ostinato.data import read

        names = self.names()
        return read(
            source,
            text=names["text"],
            sequence=names["sequence"],
            label=names["label"] if labelled else None,
            format=self.format,
            encoding=self.encoding or "utf-8",
            missing=self.missing or "error",
            limit=self.limit,
        )


@dataclass
class Rows:
    """A file of labelled rows in memory.

    Args:
        name: the file's name.
        values: texts, (T, I) arrays, or lists of tokens.
        labels: one a value; of tokens a list of tags.
        places: where each row stands, for messages.
        notes: what was left out, in words.
    """

    name: str
    values: list[Any] = field(default_factory=list)
    labels: list[Any] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.values)

    def take(self, numbers: Any) -> "Rows":
        """Return the rows of these numbers."""
        chosen = [int(number) for number in numbers]
        picked = ([column[i] for i in chosen] for column in (self.values, self.labels, self.places))
        return Rows(self.name, *picked)


def load(path: Path, columns: Columns) -> Rows:
    """Read a whole file of labelled rows.

    Args:
        path: the file or folder.
        columns: what is read.

    Raises:
        DataError: names file, row, column and the remedy.
    """
    reading = columns.examples(path)
    rows = Rows(path.name)
    for example in reading:
        rows.values.append(example.value)
        rows.labels.append(example.label)
        rows.places.append(example.place)
    rows.notes = [*reading.notes, *_empty_texts(rows)]
    for remark in rows.notes:
        print(f"note: {path}: {remark}", file=sys.stderr)
    return rows


def _empty_texts(rows: Rows) -> list[str]:
    empty = [i for i, value in enumerate(rows.values) if isinstance(value, str) and not value.strip()]
    if not empty:
        return []
    count = "1 empty text" if len(empty) == 1 else f"{len(empty):,} empty texts"
    first = rows.places[empty[0]].rpartition(f"{rows.name}, ")[2]
    return [f"{count}, first at {first}: all look alike to a model; drop these rows unless they are meant"]


def known_labels(rows: Rows, classes: list[str], column: str) -> None:
    """Raise if a row has a label that the model has not learned.

    Raises:
        DataError: names the row, the label, and those the model knows.
    """
    known = set(classes)
    for label, place in zip(rows.labels, rows.places, strict=True):
        if label not in known:
            listed = ", ".join(map(repr, classes[:20])) + (", ..." if len(classes) > 20 else "")
            raise DataError(
                f"{place}: {column} is {label!r}, one of {listed} is needed as in training; correct or drop the row"
            )


def chunks(examples: Iterator[Any], rows: int) -> Iterator[list[Any]]:
    """Cut a stream into lists of so many rows."""
    held: list[Any] = []
    for example in examples:
        held.append(example)
        if len(held) == rows:
            yield held
            held = []
    if held:
        yield held
