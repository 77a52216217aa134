"""word2vec's text, a header and a line a word, and GloVe's, the same without the header."""

import re
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ostinato._core.errors import DataError, InputError
from ostinato.vectors.files.replacing import replacing
from ostinato.vectors.files.table import Floats, Gathered, Table, check_count
from ostinato.vectors.opening import opened

_SPACE = re.compile(r"[ \t\r\n\v\f]")


def header(line: bytes) -> tuple[int, int] | None:
    """Read a header, two whole numbers, or return None where the line is none."""
    parts = line.split()
    if len(parts) != 2 or not all(part.isdigit() for part in parts):
        return None
    return int(parts[0]), int(parts[1])


def begins(start: bytes) -> bool:
    """Say whether what follows a header is text: numbers in figures, as many as the header says."""
    found = header(start.partition(b"\n")[0])
    rest = start.partition(b"\n")[2]
    first, newline, _ = rest.partition(b"\n")
    if not found or not rest:
        return found is not None
    figures = first.rstrip().split(b" ")[1:]
    if not newline and figures:
        figures = figures[:-1]  # cut in the middle, perhaps
    return bool(figures) and all(_is_number(figure) for figure in figures[: found[1]])


def read(path: Path, limit: int | None, errors: str) -> Table:
    """Read word2vec's text; see `KeyedVectors.load`."""
    return _read(path, limit, errors, bare=False)


def read_bare(path: Path, limit: int | None, errors: str) -> Table:
    """Read lines without a header, as GloVe writes them; see `KeyedVectors.load`."""
    return _read(path, limit, errors, bare=True)


def _read(path: Path, limit: int | None, errors: str, *, bare: bool) -> Table:
    found, gathered = 0, Gathered(path, limit, errors)
    with opened(path) as file, warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)  # numpy's, at text that is no number
        numbers = iter(enumerate(file, 1))
        promised, size = None, 0
        if not bare:
            first = next(numbers, (1, b""))[1]
            head = header(first)
            if head is None or head[1] < 1:
                raise DataError(
                    f"{path}, line 1: {first[:60]!r}; a header is needed, words and dimensions; correct it, or pass "
                    "format='glove' for a file without one"
                )
            promised, size = head
        for number, raw in numbers:
            if gathered.full:
                return gathered.table()
            line = raw.rstrip()
            if not line:
                continue
            if promised is not None and found == promised:
                check_count(path, promised, found, more=True)
            found += 1
            size = size or len(line.split(b" ")) - 1
            # From the right, because a word may hold spaces (some of GloVe's do).
            word, _, rest = _cut(line, size)
            vector = _floats(rest)
            if not size or len(vector) != size:
                given = len(line.split(b" ")) - 1
                kind = "lines with too few numbers" if given < size else "lines whose numbers are none"
                what = f"{given} numbers" if given != size else f"{rest[:40]!r} for {size} numbers"
                gathered.fault(f"{path}, line {number}", f"{what}; {max(size, 1)} expected", kind)
                continue
            gathered.add(f"{path}, line {number}", word, vector)
    if promised is not None and not gathered.full:
        check_count(path, promised, found, more=False)
    return gathered.table()


def write(path: Path, table: Table) -> None:
    """Write word2vec's text; see `KeyedVectors.save`."""
    _write(path, table, b"%d %d\n" % table.vectors.shape)


def write_bare(path: Path, table: Table) -> None:
    """Write lines without a header; see `KeyedVectors.save`."""
    _write(path, table, b"")


def _write(path: Path, table: Table, head: bytes) -> None:
    check_words(table.words)
    with replacing(path) as file:
        file.write(head)
        for word, vector in zip(table.words, table.vectors, strict=True):
            # numpy's shortest text that reads back as the same float32
            file.write(f"{word} {' '.join(map(str, vector))}\n".encode())


def check_words(words: Sequence[str]) -> None:
    """Raise if a word would not be read back.

    Raises:
        InputError: it is empty or has a space or a line's end in it.
    """
    for word in words:
        if not word or _SPACE.search(word):
            raise InputError(
                f"word {word!r} is empty or has a space in it, which this format cannot hold; write "
                ".safetensors instead"
            )


def _cut(line: bytes, size: int) -> tuple[bytes, bytes, bytes]:
    """Word, separator, numbers. A word without a space is by far the commonest."""
    if line.count(b" ") == size:
        return line.partition(b" ")
    parts = line.rsplit(b" ", size)
    return (parts[0], b" ", b" ".join(parts[1:])) if len(parts) == size + 1 else (line, b"", b"")


def _floats(text: bytes) -> Floats:
    try:
        return np.fromstring(text.decode("ascii"), dtype=np.float32, sep=" ")
    except (ValueError, DeprecationWarning):  # UnicodeDecodeError is a ValueError
        return np.zeros(0, dtype=np.float32)


def _is_number(figure: bytes) -> bool:
    try:
        float(figure)
    except ValueError:
        return False
    return True
