"""Parquet, read by pyarrow a thousand rows at a time."""

import shutil
import tempfile
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from ostinato._core.errors import DataError
from ostinato.data.example import Columns, Record
from ostinato.data.source import Source, as_file

_ROWS = 1024


class ParquetRows:
    """Rows of a Parquet file.

    A gzipped one, or a stream, is first unpacked to a temporary file: Parquet is read from its end.

    Args:
        source: the file.
        columns: the columns wanted.
    """

    def __init__(self, source: Source, columns: Columns) -> None:
        self.notes: list[str] = []
        self._source = source
        self._columns = columns

    def __iter__(self) -> Iterator[Record]:
        value, label = self._columns.value, self._columns.label
        number = 0
        with tempfile.TemporaryFile() as file:
            try:
                opened = pyarrow.parquet.ParquetFile(self._seekable(file))
                self._columns.check(self._source.name, opened.schema_arrow.names)
                for batch in opened.iter_batches(_ROWS, columns=self._columns.names):
                    values = batch.column(value).to_pylist()
                    labels = batch.column(label).to_pylist() if label is not None else [None] * len(values)
                    for cell, name in zip(values, labels, strict=True):
                        number += 1
                        yield f"row {number}", cell, name
            except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
                raise DataError(
                    f"{self._source.name}: no readable Parquet ({str(error).splitlines()[0]}); download it again"
                ) from None

    def exact(self, place: str) -> str:
        """Give the place back: a row is exact."""
        return place

    def _seekable(self, file: Any) -> Any:
        path = self._source.path
        if path is not None and path.suffix != ".gz":
            return path
        shutil.copyfileobj(as_file(self._source.raw_chunks()), file)
        file.seek(0)
        return file
