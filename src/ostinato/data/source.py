"""Bytes of a file or stream, gzip undone, checked to be text: every reader of text drinks from here."""

import codecs
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from ostinato._core.errors import DataError
from ostinato.data.suggest import did_you_mean

_CHUNK = 1 << 18
_GZIP = b"\x1f\x8b"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Source:
    """A file or an open binary stream, read as UTF-8 a chunk at a time.

    Args:
        path: a file, gzipped or not (its first bytes tell), or an open binary stream.
        encoding: of the text, as Python names it.
        name: what messages call it; None takes the path.

    Raises:
        DataError: there is no such file, it cannot be read, or the encoding is unknown.
    """

    def __init__(self, path: str | Path | BinaryIO, encoding: str = "utf-8", name: str | None = None) -> None:
        self.path = Path(path) if isinstance(path, str | Path) else None
        self._stream = None if isinstance(path, str | Path) else path
        self.name = name or (str(path) if self.path is not None else str(getattr(path, "name", "stream")))
        try:
            self._decoder = codecs.getincrementaldecoder(encoding)
            self.encoding = codecs.lookup(encoding).name
        except LookupError:
            raise DataError(f"{self.name}: encoding {encoding!r}: unknown; try encoding='utf-8' or 'latin-1'") from None
        if self.path is not None:
            _check_file(self.path)

    def chunks(self) -> Iterator[bytes]:
        """Read the text as UTF-8, without a byte order mark.

        Returns:
            Iterator of pieces of any size; a character may lie across two of them.

        Raises:
            DataError: the gzip is damaged or cut short; bytes are not of this encoding (line and byte are named).
        """
        decoder = self._decoder()
        line, offset, began = 1, 0, False
        for chunk in chain(self.raw_chunks(), [b""]):
            held = len(decoder.getstate()[0])
            try:
                text = decoder.decode(chunk, not chunk)
            except UnicodeDecodeError as error:
                line += bytes(error.object[: error.start]).count(b"\n")
                raise self._not_text(line, offset - held + error.start, chunk[:2] if offset == 0 else b"") from None
            piece = chunk if self.encoding == "utf-8" else text.encode()
            if not began and piece:
                piece, began = piece.removeprefix(codecs.BOM_UTF8), True
            offset += len(chunk)
            line += piece.count(b"\n")
            if piece:
                yield piece

    def open(self) -> io.BufferedReader:
        """Read the same as a binary file object, for programs that want one."""
        return as_file(self.chunks())

    def raw_chunks(self) -> Iterator[bytes]:
        """Read the bytes, gzip undone and nothing else.

        Returns:
            Iterator of pieces of any size.

        Raises:
            DataError: the gzip is damaged or cut short, or the file cannot be read.
        """
        pieces = self._stored()
        first = next(pieces, b"")
        if not first.startswith(_GZIP):
            if first and self.name.endswith(".gz"):
                raise DataError(f"{self.name}: named .gz but not gzipped; take .gz off its name or download it again")
            yield from chain([first], pieces)
            return
        unpacked = gzip.GzipFile(fileobj=as_file(chain([first], pieces)))
        done = 0
        try:
            while piece := unpacked.read(_CHUNK):
                done += len(piece)
                yield piece
        except EOFError:
            raise DataError(
                f"{self.name}: gzip cut short, {done} bytes could be read; copy or download it again"
            ) from None
        except (gzip.BadGzipFile, zlib.error) as error:
            raise DataError(
                f"{self.name}: damaged gzip after {done} bytes of text ({error}); copy or download it again"
            ) from None

    def _stored(self) -> Iterator[bytes]:
        if self.path is not None:
            try:
                with self.path.open("rb") as file:
                    while piece := file.read(_CHUNK):
                        yield piece
            except OSError as error:
                raise DataError(
                    f"{self.name}: cannot be read: {error.strerror}; check the path and its rights"
                ) from None
            return
        if self._stream is None:
            return
        while piece := self._stream.read(_CHUNK):
            if not isinstance(piece, bytes):
                raise DataError(f"{self.name}: a text stream: expected bytes; open it in binary mode")
            yield piece

    def _not_text(self, line: int, byte: int, mark: bytes) -> DataError:
        if mark in _UTF16 and self.encoding == "utf-8":
            remedy = "it begins with the mark of UTF-16: pass encoding='utf-16'"
        else:
            remedy = "convert it, or pass its encoding, as encoding='latin-1'"
        return DataError(f"{self.name}, line {line}, byte {byte}: not {self.encoding.upper()}; {remedy}")


def as_file(pieces: Iterable[bytes]) -> io.BufferedReader:
    """Make a binary file object of pieces of bytes.

    Args:
        pieces: bytes of any size.

    Returns:
        A buffered file, readable once from its beginning.
    """
    return io.BufferedReader(_Pieces(pieces), _CHUNK)


class _Pieces(io.RawIOBase):
    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise DataError(f"{path}: a folder: expected a file; name a file in it, or pass format='folder'")
    if not path.exists():
        beside = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        hint = did_you_mean(path.name, beside) or "check the path"
        raise DataError(f"{path}: no such file; {hint}")
