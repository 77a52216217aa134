"""From a numeric sequence to one vector: its last step, its mean, or all its numbers side by side; standardised."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from ostinato._core.errors import InputError, ShapeError
from ostinato.tasks.inputs import Sequences
from ostinato.tasks.standardise import Standardiser

SUMMARIES = ("mean", "last", "flat")


@dataclass(frozen=True)
class Summing:
    """Learned from the training rows.

    Args:
        summary: one of `SUMMARIES`.
        channels: I, numbers a step.
        steps: T of every row where the summary is "flat", else `None`.
        standardiser: mean and scale of each feature.
    """

    summary: str
    channels: int
    steps: int | None
    standardiser: Standardiser

    @classmethod
    def fit(cls, summary: str, read: Sequences, weights: np.ndarray | None = None) -> Self:
        """Learn from the training rows, one weight a row.

        Raises:
            InputError: an unknown summary.
            ShapeError: rows of unequal length side by side.
        """
        if summary not in SUMMARIES:
            raise InputError(f"summary={summary!r}, expected one of {', '.join(map(repr, SUMMARIES))}; choose one")
        steps = len(read.values[0]) if summary == "flat" else None
        plain = cls(summary, read.channels, steps, Standardiser(np.zeros(1), np.ones(1)))(read)
        learned = Standardiser.fit([plain] if weights is None else list(plain[:, None]), weights)
        return cls(summary, read.channels, steps, learned)

    def __call__(self, read: Sequences) -> np.ndarray:
        """Features of checked rows, (B, F)."""
        if read.channels != self.channels:
            raise ShapeError(
                f"X has {read.channels} numbers a step, expected {self.channels} as in fit; give the same channels"
            )
        return self.standardiser(np.stack([self._one(row, value) for row, value in enumerate(read.values)]))

    def stored(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """JSON and arrays to make it from again."""
        arrays = {"mean": self.standardiser.mean, "scale": self.standardiser.scale}
        return {"steps": self.steps, "channels": self.channels}, arrays

    @classmethod
    def restore(cls, summary: str, stored: dict[str, Any], arrays: dict[str, np.ndarray]) -> Self:
        """Undo `stored`."""
        return cls(summary, stored["channels"], stored["steps"], Standardiser(arrays["mean"], arrays["scale"]))

    def _one(self, row: int, value: np.ndarray) -> np.ndarray:
        if self.summary == "mean":
            return np.asarray(value.mean(axis=0))
        if self.summary == "last":
            return np.asarray(value[-1])
        if len(value) != self.steps:
            raise ShapeError(
                f"X[{row}] has {len(value)} steps, expected {self.steps} as all rows of summary='flat'; "
                "take summary='mean' or 'last' for unequal lengths"
            )
        return value.reshape(-1)
