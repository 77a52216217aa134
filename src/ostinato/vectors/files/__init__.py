"""Files of vectors: what each format looks like, told by the name or the first bytes."""

import warnings
from collections.abc import Callable
from pathlib import Path

from ostinato._core.errors import InputError
from ostinato.vectors.files import binary, stored, text
from ostinato.vectors.files.table import Table
from ostinato.vectors.opening import opened

Reader = Callable[[Path, int | None, str], Table]
Writer = Callable[[Path, Table], None]

READERS: dict[str, Reader] = {
    "word2vec": text.read,
    "binary": binary.read,
    "glove": text.read_bare,
    "safetensors": stored.read,
}
WRITERS: dict[str, Writer] = {
    "word2vec": text.write,
    "binary": binary.write,
    "glove": text.write_bare,
    "safetensors": stored.write,
}
_ENDINGS = {".safetensors": "safetensors", ".bin": "binary", ".glove": "glove", ".glove.txt": "glove"}
_LOOKED_AT = 1 << 16


def read(path: Path, *, format: str | None, limit: int | None, errors: str) -> Table:
    """Read a file of vectors; see `KeyedVectors.load`."""
    if errors not in ("raise", "skip"):
        raise InputError(f"errors={errors!r}; 'raise' or 'skip' expected; choose one")
    if limit is not None and limit < 1:
        raise InputError(f"limit={limit}; a number from 1 up expected, or None; correct it")
    kind = _known(format, READERS) if format else looks_like(path)
    table = READERS[kind](path, limit, errors)
    if table.skipped:
        said = ", ".join(f"{count:,} {what}" for what, count in table.skipped.items())
        warnings.warn(f"{path}: left out: {said}", stacklevel=3)
    return table


def write(path: Path, table: Table, format: str | None) -> None:
    """Write a file of vectors; see `KeyedVectors.save`."""
    WRITERS[_known(format, WRITERS) if format else by_name(path)](path, table)


def by_name(path: Path) -> str:
    """Tell the format to write from a file's name.

    Example:
        >>> by_name(Path("vectors.glove.txt.gz")), by_name(Path("vectors.txt"))
        ('glove', 'word2vec')
    """
    name = path.name.removesuffix(".gz")
    return next((kind for ending, kind in _ENDINGS.items() if name.endswith(ending)), "word2vec")


def looks_like(path: Path) -> str:
    """Tell the format of a file from its first bytes.

    Raises:
        DataError: it cannot be read.
    """
    with opened(path) as file:
        start = file.read(_LOOKED_AT)
    if stored.begins(start):
        return "safetensors"
    if not text.header(start.partition(b"\n")[0]):
        return "glove"
    return "word2vec" if text.begins(start) else "binary"


def _known(format: str, table: dict[str, Reader] | dict[str, Writer]) -> str:
    if format not in table:
        raise InputError(f"format={format!r}; one of {', '.join(table)} expected; choose one")
    return format
