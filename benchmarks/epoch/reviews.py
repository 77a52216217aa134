"""IMDb as token numbers, read and cut into words once and kept in a file: that part is not timed."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ostinato.data import load
from ostinato.text import Tokenizer

V, T = 10_000, 500  # words known, words read of a review (its last)


@dataclass(frozen=True)
class Reviews:
    """Token numbers, int64 (T,) a review, and float32 targets (B,), 1 for a good film."""

    tokens: list[np.ndarray]
    targets: np.ndarray

    def first(self, count: int) -> "Reviews":
        """The first `count` reviews; good and bad alternate in the files."""
        return Reviews(self.tokens[:count], self.targets[:count])

    def padded(self, steps: int = T) -> np.ndarray:
        """Int64 (B, steps) with zeros before each review, as the lectures pad."""
        table = np.zeros((len(self.tokens), steps), np.int64)
        for row, tokens in zip(table, self.tokens, strict=True):
            row[steps - len(tokens) :] = tokens
        return table


def read(folder: Path, kept: Path) -> dict[str, Reviews]:
    """The training and the test part, from `kept` where they lie there already."""
    if not kept.exists():
        arrays, tokenizer = {}, None
        for part in ("train", "test"):
            table = load(folder / f"imdb_{part}.csv.gz", text="text", label="label")
            tokenizer = tokenizer or Tokenizer("word", max_vocabulary=V).fit(table.values)
            rows = tokenizer.encode(table.values, max_length=T)
            arrays |= {f"{part}_tokens": np.concatenate(rows), f"{part}_lengths": np.array([len(row) for row in rows])}
            arrays[f"{part}_targets"] = np.array([label == "pos" for label in table.labels], np.float32)
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.savez(kept, **arrays)
    with np.load(kept) as found:
        return {part: _reviews(found, part) for part in ("train", "test")}


def _reviews(found: dict[str, np.ndarray], part: str) -> Reviews:
    ends = np.cumsum(found[f"{part}_lengths"])
    return Reviews(np.split(found[f"{part}_tokens"], ends[:-1]), found[f"{part}_targets"])
