"""word2vec's binary: a text header, then each word, a space, and its numbers as they lie in memory."""

from pathlib import Path

import numpy as np

from ostinato._core.errors import DataError
from ostinato.vectors.files.replacing import replacing
from ostinato.vectors.files.table import Gathered, Table, check_count
from ostinato.vectors.files.text import check_words, header
from ostinato.vectors.opening import opened

_PIECE = 1 << 20
_WORD = 1 << 16  # bytes of a word at most: beyond, the file is something else


def read(path: Path, limit: int | None, errors: str) -> Table:
    """Read word2vec's binary; see `KeyedVectors.load`."""
    gathered = Gathered(path, limit, errors)
    with opened(path) as file:
        first = file.readline(100)
        head = header(first)
        if head is None or head[1] < 1:
            raise DataError(f"{path}, line 1: {first[:60]!r}; a header is needed, words and dimensions; correct it")
        promised, size = head
        held, at = b"", 0
        for found in range(promised):
            if gathered.full:
                return gathered.table()
            space = held.find(b" ", at)
            while space < 0 or len(held) - space - 1 < 4 * size:
                piece = file.read(_PIECE)
                if not piece:
                    check_count(path, promised, found, more=False)
                held, at = held[at:] + piece, 0
                space = held.find(b" ")
                if space < 0 and len(held) > _WORD:
                    raise DataError(
                        f"{path}, word {found + 1}: no space within {_WORD:,} bytes; the header's {size} "
                        "dimensions are not those of the file: correct them, or pass the right format="
                    )
            word = held[at:space].lstrip(b"\n")  # some programs end each vector with a line's end
            vector = np.frombuffer(held, dtype="<f4", count=size, offset=space + 1)
            at = space + 1 + 4 * size
            gathered.add(f"{path}, word {found + 1}", word, vector)
        rest = held[at:] + file.read(2)
        check_count(path, promised, promised, more=bool(rest.strip(b"\n")) and not gathered.full)
    return gathered.table()


def write(path: Path, table: Table) -> None:
    """Write word2vec's binary; see `KeyedVectors.save`."""
    check_words(table.words)
    with replacing(path) as file:
        file.write(b"%d %d\n" % table.vectors.shape)
        for word, vector in zip(table.words, table.vectors.astype("<f4", copy=False), strict=True):
            file.write(word.encode() + b" " + vector.tobytes())
