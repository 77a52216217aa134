"""A running summary of numeric sequences: each is seen once and let go."""

from array import array
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato.data.report.lengths import note_long, quantiles
from ostinato.data.report.oddities import Tally

_SCALES = 100  # times the smallest spread of an input


class SequenceSummary:
    """Lengths of sequences, and the range and spread of each input."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._steps = array("q")
        self._places: list[str] = []
        self._least: NDArray[np.float64] | None = None
        self._most = self._sum = self._squares = np.zeros(0)

    def add(self, sequence: NDArray[np.float32], place: str) -> None:
        """Take a sequence (T, I) in."""
        numbers = sequence.astype(np.float64)
        self._steps.append(len(numbers))
        self._places.append(place)
        if self._least is None:
            self._least, self._most = numbers.min(0), numbers.max(0)
            self._sum, self._squares = numbers.sum(0), (numbers**2).sum(0)
            return
        self._least = np.minimum(self._least, numbers.min(0))
        self._most = np.maximum(self._most, numbers.max(0))
        self._sum = self._sum + numbers.sum(0)
        self._squares = self._squares + (numbers**2).sum(0)

    def finish(self) -> dict[str, Any]:
        """Sum up."""
        note_long(self._tally, self._steps, self._places, "steps")
        if self._least is None:
            return {"lengths": {"steps": quantiles(self._steps)}, "inputs": []}
        mean = self._sum / sum(self._steps)
        spread = np.sqrt(np.maximum(self._squares / sum(self._steps) - mean**2, 0))
        constant = self._least == self._most
        if constant.any():
            names = ", ".join(map(str, np.flatnonzero(constant)))
            self._tally.add(
                "constant input", f"input {names}: it tells nothing; leave it out", None, int(constant.sum())
            )
        real = spread[~constant]
        if real.size and real.max() > _SCALES * real.min():
            self._tally.add(
                "inputs of very unequal spread", f"{real.min():.3g} to {real.max():.3g}: divide each by its own", None
            )
        columns = zip(self._least.tolist(), self._most.tolist(), mean.tolist(), spread.tolist(), strict=True)
        return {
            "lengths": {"steps": quantiles(self._steps)},
            "inputs": [dict(zip(("min", "max", "mean", "std"), column, strict=True)) for column in columns],
        }
