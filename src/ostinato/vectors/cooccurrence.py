"""How often words stand near each other, counted beyond memory: sorted runs on disk, merged."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ostinato._core.errors import DataError
from ostinato.vectors.corpus import Codes, Corpus

PAIR = np.dtype([("row", np.int32), ("column", np.int32), ("count", np.float32)])
"""A counted pair, as `struct ostinato_pair`."""

Pairs = npt.NDArray[np.void]

_BYTES = 80  # of memory that a pair takes while it is sorted and summed, with all copies
_SEEN = 64  # places of each run that say where the merge may be cut


class Cooccurrences:
    """Counted pairs of words (row, column), each unordered pair once, with row <= column, sorted; in a file.

    Args:
        pairs: (N,) records of `PAIR`; X[row, column] = X[column, row] = count.
        V: words.
        folder: where their file is; it goes with the object.
    """

    def __init__(self, pairs: Pairs, V: int, folder: Path) -> None:
        self.pairs, self.V, self.folder = pairs, V, folder
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)

    def __len__(self) -> int:
        return len(self.pairs)

    def shuffled(self, seed: int, memory_mb: int) -> Pairs:
        """Write both orders of every pair in random order, as learning wants them, and map the file.

        Args:
            seed: of the order.
            memory_mb: what this may take.
        """
        draw = np.random.default_rng(seed)
        size = max(1, memory_mb * 2**20 // _BYTES)
        parts = -(-2 * len(self) // size)
        paths = [self.folder / f"part{k}" for k in range(parts)]
        # Each pair goes to a part by chance, then each part is put in order by chance: all orders are as likely.
        for start in range(0, len(self), size):
            some = _both_orders(self.pairs[start : start + size])
            where = draw.integers(parts, size=len(some))
            for number, path in enumerate(paths):
                with path.open("ab") as file:
                    some[where == number].tofile(file)
        with (self.folder / "shuffled").open("wb") as file:
            for path in paths:
                draw.permutation(np.fromfile(path, dtype=PAIR)).tofile(file)
                path.unlink()
        return np.memmap(self.folder / "shuffled", dtype=PAIR, mode="r")


def cooccurrences(corpus: Corpus, weights: npt.NDArray[np.float64], *, memory_mb: int = 1024) -> Cooccurrences:
    """Count the pairs of a text.

    Args:
        corpus: the coded text; windows do not cross its sentences.
        weights: (window,) what a pair at distance 1, 2, ... counts; words on both sides do, so X is symmetric.
        memory_mb: what counting may take; the runs beyond it lie on disk.

    Returns:
        the pairs.

    Raises:
        DataError: no two words stand in one sentence.

    Cost:
        N window log(N window) in all for N words, two passes over what was counted.
    """
    folder, limit = Path(tempfile.mkdtemp(prefix="ostinato-")), memory_mb * 2**20
    try:
        runs = list(_runs(corpus.codes, len(corpus.words), weights, limit, folder))
        pairs = _merged(runs, len(corpus.words), limit, folder / "pairs")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if not len(pairs):
        raise DataError("no two words stand in one sentence; pairs are needed to count; give longer sentences")
    return Cooccurrences(pairs, len(corpus.words), folder)


def _runs(
    codes: Codes, V: int, weights: npt.NDArray[np.float64], limit: int, folder: Path
) -> Iterator[tuple[Any, Any]]:
    """Count stretch by stretch: (keys, sums), sorted by key, each in a file."""
    W = len(weights)
    step = max(1, limit // (_BYTES * W))
    for number, start in enumerate(range(0, len(codes), step)):
        keys, sums = _counted(codes[start : start + step + W], min(step, len(codes) - start), V, weights)
        paths = folder / f"keys{number}", folder / f"sums{number}"
        for path, array in zip(paths, (keys, sums), strict=True):
            array.tofile(path)
        if len(keys):
            yield np.memmap(paths[0], dtype=np.int64, mode="r"), np.memmap(paths[1], dtype=np.float64, mode="r")


def _counted(codes: Codes, own: int, V: int, weights: npt.NDArray[np.float64]) -> tuple[Any, Any]:
    """Count the pairs whose first word is among the first `own` codes."""
    W = len(weights)
    sentence = np.cumsum(codes < 0)
    found = []
    for d in range(1, min(W, len(codes) - 1) + 1):
        a, b = codes[:-d][:own], codes[d:][:own]
        together = (a >= 0) & (b >= 0) & (sentence[:-d][:own] == sentence[d:][:own])
        low, high = np.minimum(a, b)[together].astype(np.int64), np.maximum(a, b)[together]
        # The distance is part of the key: integers sort several times faster than integers with weights beside them.
        found.append((low * V + high) * W + (d - 1))
    every = np.concatenate(found) if found else np.zeros(0, dtype=np.int64)
    del found
    every.sort()
    pair = every // W
    begins = np.flatnonzero(np.concatenate([[True], pair[1:] != pair[:-1]])) if len(pair) else np.zeros(0, np.int64)
    sums = np.add.reduceat(weights[every - pair * W], begins) if len(pair) else np.zeros(0)
    return pair[begins], sums


def _merged(runs: list[tuple[Any, Any]], V: int, limit: int, path: Path) -> Pairs:
    """Add the runs up, a range of keys at a time, so many ranges that each fits the memory."""
    total = sum(len(keys) for keys, _ in runs)
    if not total:
        return np.zeros(0, dtype=PAIR)
    places = np.sort(np.concatenate([keys[:: max(1, len(keys) // _SEEN)] for keys, _ in runs]))
    parts = min(len(places), -(-total * _BYTES * 2 // limit))
    cuts = [*places[[len(places) * k // parts for k in range(1, parts)]].tolist(), np.iinfo(np.int64).max]
    at = [0] * len(runs)
    with path.open("wb") as file:
        for cut in cuts:
            ends = [int(np.searchsorted(keys, cut)) for keys, _ in runs]
            keys = np.concatenate([keys[a:b] for (keys, _), a, b in zip(runs, at, ends, strict=True)])
            sums = np.concatenate([sums[a:b] for (_, sums), a, b in zip(runs, at, ends, strict=True)])
            at = ends
            if not len(keys):
                continue
            order = np.argsort(keys, kind="stable")
            keys, sums = keys[order], sums[order]
            begins = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
            pairs = np.empty(len(begins), dtype=PAIR)
            pairs["row"], pairs["column"] = divmod(keys[begins], V)
            # A word beside itself is left of it once and right of it once.
            pairs["count"] = np.add.reduceat(sums, begins) * np.where(pairs["row"] == pairs["column"], 2, 1)
            pairs.tofile(file)
    return np.memmap(path, dtype=PAIR, mode="r")


def _both_orders(pairs: Pairs) -> Pairs:
    turned = np.array(pairs[pairs["row"] != pairs["column"]])
    turned["row"], turned["column"] = turned["column"].copy(), turned["row"].copy()
    return np.concatenate([pairs, turned])
