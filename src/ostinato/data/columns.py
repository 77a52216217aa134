"""A file's columns, whole and by name: what series are made of."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from ostinato._core.errors import DataError
from ostinato.data.formats.csv import parsed
from ostinato.data.readers import format_of
from ostinato.data.source import Source, as_file
from ostinato.data.suggest import did_you_mean

_DELIMITERS = {"csv": ",", "tsv": "\t"}


def read_columns(
    path: str | Path, names: Sequence[str] | None = None, *, format: str | None = None, encoding: str = "utf-8"
) -> dict[str, list[Any]]:
    """Read columns of a CSV, TSV or Parquet file, which may be gzipped, into memory.

    Args:
        path: the file.
        names: the columns wanted; none for all.
        format: "csv", "tsv" or "parquet"; none to tell from the name.
        encoding: of the text.

    Returns:
        Name → values in the file's order: texts of a CSV ("" where there is nothing), typed values of Parquet.

    Raises:
        DataError: no such file or column, a line of another number of fields, no row; names the place.
    """
    source = Source(path, encoding)
    found = format or format_of(Path(path))
    if found == "parquet":
        columns = _parquet(source)
    elif found in _DELIMITERS:
        columns = _delimited(source, _DELIMITERS[found])
    else:
        raise DataError(f"{source.name}: {found} holds no columns, expected CSV, TSV or Parquet; convert it")
    for name in names or ():
        if name not in columns:
            hint = did_you_mean(name, columns) or f"there are {', '.join(map(repr, columns))}"
            raise DataError(f"{source.name}: no column {name!r}; {hint}")
    if columns and not len(next(iter(columns.values()))):
        raise DataError(f"{source.name}: no rows, expected some below the header; was it written completely?")
    return columns if names is None else {name: columns[name] for name in names}


def _delimited(source: Source, delimiter: str) -> dict[str, list[Any]]:
    rows = parsed(source.open(), delimiter)
    first = next(rows, None)
    if first is None:
        raise DataError(f"{source.name}: empty, expected a header line and rows; was it written completely?")
    header = first[2]
    if len(set(header)) < len(header):
        twice = next(name for name in header if header.count(name) > 1)
        raise DataError(f"{source.name}: the column {twice!r} stands there twice, expected once; rename one")
    values: list[list[str]] = []
    for line, _, fields in rows:
        if len(fields) != len(header):
            raise DataError(
                f"{source.name}, line {line}: {len(fields)} columns, expected {len(header)}; put quotation marks "
                "around fields that hold the delimiter"
            )
        values.append(fields)
    return {name: [fields[number] for fields in values] for number, name in enumerate(header)}


def _parquet(source: Source) -> dict[str, list[Any]]:
    try:
        table = pyarrow.parquet.read_table(pa.BufferReader(as_file(source.raw_chunks()).read()))
        return {name: table.column(name).to_pylist() for name in table.column_names}
    except (pa.ArrowException, OSError) as error:
        raise DataError(
            f"{source.name}: no readable Parquet ({str(error).splitlines()[0]}); download it again"
        ) from None
