"""Opens files that may be gzipped, whatever they are called."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from ostinato._core.errors import DataError

_GZIP = b"\x1f\x8b"


@contextmanager
def opened(path: str | Path) -> Iterator[BinaryIO]:
    """Open a file to read its bytes, gzip undone.

    Args:
        path: the file; its first bytes say whether it is gzipped.

    Raises:
        DataError: it cannot be read, or its gzip is damaged or cut short.
    """
    path = Path(path)
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == _GZIP
        with gzip.open(path) if packed else path.open("rb") as file:
            yield cast(BinaryIO, file)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{path}: damaged gzip ({error}); a whole file is needed; copy or download it again") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}; check the path and its rights") from None


def lines(path: str | Path) -> Iterator[tuple[str, str]]:
    """Read a text line by line.

    Args:
        path: the file, UTF-8.

    Returns:
        Iterator of (place for messages, line without its end).

    Raises:
        DataError: as `opened`, or a line is not UTF-8.
    """
    with opened(path) as file:
        for number, line in enumerate(file, 1):
            try:
                yield f"{path}, line {number}", line.decode().rstrip("\r\n")
            except UnicodeDecodeError:
                raise DataError(f"{path}, line {number}: not UTF-8; UTF-8 is needed; convert the file") from None
