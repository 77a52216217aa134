"""Parts of words: runs of letters, so that a word nobody has seen has a vector too."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


def ngrams(word: str, shortest: int, longest: int) -> list[str]:
    """List the runs of letters of <word>, its ends marked, without the whole and without a mark alone.

    Example:
        >>> ngrams("cat", 3, 4)
        ['<ca', '<cat', 'cat', 'cat>', 'at>']
    """
    marked = f"<{word}>"
    return [
        marked[start : start + size]
        for start in range(len(marked))
        for size in range(shortest, longest + 1)
        if start + size <= len(marked) and size < len(marked)
    ]


def bucket(gram: str, buckets: int) -> int:
    """Give the number of a run of letters, by fastText's hash (FNV-1a on signed bytes).

    Example:
        >>> bucket("<ca", 2_000_000)
        916747
    """
    value = 2166136261
    for byte in gram.encode():
        value = ((value ^ (byte | 0xFFFFFF00 if byte > 127 else byte)) * 16777619) & 0xFFFFFFFF
    return value % buckets


@dataclass(frozen=True)
class Subwords:
    """The parts of every word of a vocabulary.

    Args:
        shortest: letters of a part at least, marks counted.
        longest: letters at most.
        buckets: rows that the parts share.
        begin: (V + 1,) int64, where each word's parts begin.
        rows: their rows, the buckets behind the words.

    Source: Bojanowski et al. 2017, "Enriching word vectors with subword information" (fastText).
    """

    shortest: int
    longest: int
    buckets: int
    begin: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int32]

    @classmethod
    def of(cls, words: Sequence[str], shortest: int, longest: int, buckets: int) -> "Subwords":
        """Find the parts of the words."""
        V, begin, rows = len(words), [0], []
        for word in words:
            rows += [V + bucket(gram, buckets) for gram in ngrams(word, shortest, longest)]
            begin.append(len(rows))
        return cls(shortest, longest, buckets, np.array(begin, np.int64), np.array(rows, np.int32))

    def composed(self, table: Floats, V: int) -> Floats:
        """Return the vectors (V, E) of the words: each the mean of its own row and its parts'."""
        sizes = np.diff(self.begin)
        total = np.array(table[:V])
        np.add.at(total, np.repeat(np.arange(V), sizes), table[self.rows])
        return np.asarray(total / (1 + sizes)[:, None].astype(np.float32))


@dataclass(frozen=True)
class Parts:
    """Vectors of parts of words, of which any word's vector is made.

    Args:
        shortest: letters of a part at least, marks counted.
        longest: letters at most.
        vectors: (buckets, E).
    """

    shortest: int
    longest: int
    vectors: Floats

    def vector(self, word: str) -> Floats | None:
        """Return the vector (E,) of a word that was not seen, of its parts alone; None where it has none."""
        rows = [bucket(gram, len(self.vectors)) for gram in ngrams(word, self.shortest, self.longest)]
        return np.asarray(self.vectors[rows].mean(axis=0), dtype=np.float32) if rows else None
