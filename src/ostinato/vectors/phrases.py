"""Words that stand together more often than chance puts them, joined into one: new_york."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int32]
Counts = npt.NDArray[np.int64]

_PIECE = 1 << 22  # codes


@dataclass(frozen=True)
class Phrases:
    """Joins two neighbours a b where (count(ab) - min_count) * N / (count(a) * count(b)) exceeds a threshold.

    Use it with `Corpus.read(phrases=...)` or `WordVectors(phrases=...)`. N is the number of words of the text. A second
    pass joins phrases of three and four words.

    Args:
        min_count: pairs that occur less often are left alone.
        threshold: higher joins fewer.
        delimiter: what stands between the joined words.
        passes: how often to join.

    Source: Mikolov et al. 2013, "Distributed representations of words and phrases and their compositionality",
        as its program word2phrase counts.

    Example:
        >>> from ostinato.vectors import Corpus
        >>> text = ["in new york", "to new york", "new car", "old york"] * 3
        >>> Corpus.read(text, min_count=3, phrases=Phrases(min_count=2, threshold=1.2)).words
        ['new_york', 'in', 'new', 'york', 'to', 'car', 'old']
    """

    min_count: int = 5
    threshold: float = 10.0
    delimiter: str = "_"
    passes: int = 1

    def join(self, codes: Codes, counts: Counts, words: list[str]) -> Iterator[Codes]:
        """Join phrases.

        Args:
            codes: the text, negative where a sentence ends.
            counts: (V,) how often each word occurs.
            words: V words; the phrases are added at the end.

        Returns:
            Iterator of the pieces of the new text.
        """
        pairs = self._chosen(codes, counts)
        first = len(words)
        words += [f"{words[a]}{self.delimiter}{words[b]}" for a, b in zip(*divmod(pairs, len(counts)), strict=True)]
        held: Any = np.zeros(0, dtype=np.int32)
        for start in range(0, len(codes), _PIECE):
            piece = np.concatenate([held, codes[start : start + _PIECE]])
            last = start + _PIECE >= len(codes)
            # A phrase must not be cut by the border of a piece: what follows the last end of a sentence waits.
            ends = np.flatnonzero(piece < 0)
            whole = len(piece) if last or not len(ends) else int(ends[-1]) + 1
            held = piece[whole:]
            yield _replaced(piece[:whole], pairs, len(counts), first)

    def _chosen(self, codes: Codes, counts: Counts) -> Counts:
        """Numbers a * V + b of the pairs that are joined, sorted."""
        V, keys, occur = len(counts), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        for start in range(0, len(codes), _PIECE):
            found, times = np.unique(_keys(codes[start : start + _PIECE + 1], V), return_counts=True)
            both = np.concatenate([keys, found])
            keys, where = np.unique(both, return_inverse=True)
            occur = np.bincount(where, np.concatenate([occur, times])).astype(np.int64)
        real = keys >= 0
        keys, occur = keys[real], occur[real]
        a, b = divmod(keys, V)
        score = (occur - self.min_count) * (float(counts.sum()) / counts[a] / counts[b])
        return np.asarray(keys[(score > self.threshold) & (occur >= self.min_count)], dtype=np.int64)


def _keys(codes: Codes, V: int) -> Counts:
    """The number of each pair of neighbours; -1 where a sentence ends between or beside them."""
    a, b = codes[:-1].astype(np.int64), codes[1:].astype(np.int64)
    return np.where((a >= 0) & (b >= 0), a * V + b, -1)


def _replaced(codes: Codes, pairs: Counts, V: int, first: int) -> Codes:
    keys = _keys(codes, V)
    place = np.searchsorted(pairs, keys)
    hit = (
        (place < len(pairs)) & (pairs[np.minimum(place, max(len(pairs) - 1, 0))] == keys) if len(pairs) else keys > keys
    )
    # a b c with "a b" and "b c" both phrases: from the left, every second hit of a run counts
    at = np.flatnonzero(hit)
    if not len(at):
        return codes
    begins = np.concatenate([[True], np.diff(at) > 1])
    run_start = at[begins][np.cumsum(begins) - 1]
    at = at[(at - run_start) % 2 == 0]
    new = codes.copy()
    new[at] = first + place[at]
    keep = np.ones(len(codes), dtype=bool)
    keep[at + 1] = False
    return new[keep]
