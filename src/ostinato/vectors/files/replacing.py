"""Writes a file whole or not at all."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file beside the one named and put it in its place once it is whole; gzipped if the name ends in .gz.

    Args:
        path: the file to be.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        with gzip.open(partial, "wb", compresslevel=6) if path.suffix == ".gz" else partial.open("wb") as file:
            yield cast(BinaryIO, file)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
