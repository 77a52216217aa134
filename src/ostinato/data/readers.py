"""Which reader reads which file.

A new format is one class that keeps the promises of `Rows`, one line in `READERS`, and its endings in `ENDINGS`.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from ostinato._core.errors import DataError
from ostinato.data.audio import AUDIO
from ostinato.data.example import Columns, Rows
from ostinato.data.formats.conll import ConllRows
from ostinato.data.formats.conllu import ConlluRows
from ostinato.data.formats.csv import CsvRows
from ostinato.data.formats.fasta import FastaRows
from ostinato.data.formats.folder import FolderRows
from ostinato.data.formats.jsonl import JsonRows
from ostinato.data.formats.lines import LineRows
from ostinato.data.formats.long import LongRows
from ostinato.data.formats.parquet import ParquetRows
from ostinato.data.formats.sounds import SoundRows
from ostinato.data.source import Source
from ostinato.data.stdin import standard_input
from ostinato.data.strokes import stroked
from ostinato.data.suggest import did_you_mean

# format -> (source, columns) -> rows; a folder is no stream of bytes and is opened by its path
READERS: dict[str, Callable[[Any, Columns], Rows]] = {
    "csv": lambda source, columns: _table(source, columns, ","),
    "tsv": lambda source, columns: _table(source, columns, "\t"),
    "jsonl": lambda source, columns: JsonRows(source, _named(columns)),
    "parquet": lambda source, columns: ParquetRows(source, _named(columns)),
    "folder": FolderRows,
    "lines": LineRows,
    "conll": ConllRows,
    "conllu": ConlluRows,
    "fasta": FastaRows,
    "sound": lambda source, columns: SoundRows(Path(source.name), columns),
}

NESTED = (JsonRows, ParquetRows)  # a cell of theirs may hold a whole sequence

ENDINGS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".txt": "lines",
    ".conll": "conll",
    ".iob": "conll",
    ".iob2": "conll",
    ".bio": "conll",
    ".conllu": "conllu",
    ".fasta": "fasta",
    ".fa": "fasta",
    ".fna": "fasta",
    **dict.fromkeys(AUDIO, "sound"),
}


def format_of(path: Path) -> str:
    """Tell a file's format from its name; `.gz` behind the ending does not matter.

    Args:
        path: a file or a folder; it need not exist.

    Returns:
        A key of `READERS`.

    Raises:
        DataError: the ending is none we know; names those and the nearest.

    Example:
        >>> format_of(Path("reviews.csv.gz"))
        'csv'
    """
    if path.is_dir():
        return "folder"
    endings = [ending.lower() for ending in path.suffixes if ending.lower() != ".gz"]
    ending = endings[-1] if endings else ""
    if ending not in ENDINGS:
        hint = did_you_mean(ending, ENDINGS) or f"pass format=, one of {', '.join(READERS)}"
        raise DataError(f"{path}: ending {ending!r}: expected one of {' '.join(ENDINGS)}, or these with .gz; {hint}")
    return ENDINGS[ending]


def open_rows(path: str | Path | BinaryIO, format: str | None, columns: Columns, encoding: str) -> tuple[Rows, str]:
    """Open a file, a folder or a stream in its format.

    Args:
        path: file, folder, "-" for standard input, or open binary stream.
        format: a key of `READERS`, or None to tell from the name (of standard input: from its first line).
        columns: the columns wanted.
        encoding: of the text.

    Returns:
        The rows, and what messages call the source.

    Raises:
        DataError: unknown format, or what the reader says.
    """
    if format is not None and format not in READERS:
        hint = did_you_mean(format, READERS) or "pass one of these"
        raise DataError(f"format {format!r}: expected one of {', '.join(READERS)}; {hint}")
    if path == "-":
        source, likely = standard_input(encoding)
        return READERS[format or likely](source, columns), source.name
    if isinstance(path, str | Path):
        if format is None and not Path(path).exists():
            Source(path)  # says what is there instead, before anything is said about the ending
        format = format or format_of(Path(path))
        if format == "folder":
            rows = SoundRows(Path(path), columns) if columns.numeric else FolderRows(Path(path), columns, encoding)
            return rows, str(path)
    elif format is None:
        raise DataError(f"a stream has no name to tell its format from; pass format=, one of {', '.join(READERS)}")
    source = Source(path, encoding)
    return READERS[format](source, columns), source.name


def _named(columns: Columns) -> Columns:
    """The columns without what is said of strokes behind the name."""
    return replace(columns, value=stroked(columns.value)[0]) if columns.numeric else columns


def _table(source: Source, columns: Columns, delimiter: str) -> Rows:
    """A cell of a table holds one number: where sequences are wanted, a row is a step."""
    return (LongRows if columns.numeric else CsvRows)(source, columns, delimiter)
