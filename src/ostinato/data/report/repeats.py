"""Rows that say the same."""

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from ostinato.data.report.oddities import Tally


class Repeats:
    """Values seen before, under the same label or another; a value is remembered by 16 bytes."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._seen: dict[bytes, str | None] = {}  # the label; None where there is none, or several

    def add(self, value: str | NDArray[np.float32], label: str | None, place: str) -> None:
        """Compare a value with those before it."""
        content = value.encode() if isinstance(value, str) else value.tobytes()
        key = blake2b(content, digest_size=16).digest()
        if key not in self._seen:
            self._seen[key] = label
            return
        self._tally.add("same value as an earlier row", "may stand in both training and held-out rows", place)
        if label is not None and self._seen[key] not in (None, label):
            self._seen[key] = None
            self._tally.add("same value under several labels", "one is wrong, or the value does not tell", place)
