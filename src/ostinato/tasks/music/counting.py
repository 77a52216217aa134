"""The simplest music model: how often each note sounds after it has sounded, and after it has not."""

from collections.abc import Iterable
from typing import Any, Self

import numpy as np

from ostinato.tasks.music.measuring import summary
from ostinato.tasks.music.rolls import PIANO, Roll, check_pitches, rolls_of


class NoteCounts:
    """Counts, of each note by itself, how often it goes on, ends and begins.

    Use it beside a `MusicModel`: notes are held, which foresees a good deal without any learning.

    Args:
        pitches: the lowest and the highest pitch of MIDI.

    Example:
        >>> counts = NoteCounts().fit([[[60], [60], [62], [62]]] * 5)
        >>> round(counts.evaluate([[[60], [60], [62], [62]]])["loss_nats"], 1)
        4.7
    """

    def __init__(self, pitches: tuple[int, int] = PIANO) -> None:
        self.pitches = pitches

    def fit(self, pieces: Iterable[Any]) -> Self:
        """Count.

        Args:
            pieces: as of `MusicModel.fit`.
        """
        rolls = rolls_of(pieces, check_pitches(self.pitches))
        now, before = np.concatenate(rolls), np.concatenate([_before(roll) for roll in rolls])
        # half a time more each: what was never seen is rare, not impossible (Krichevsky and Trofimov 1981)
        self.log_odds_ = np.stack(
            [
                np.log((now * (before == state)).sum(axis=0) + 0.5)
                - np.log(((1 - now) * (before == state)).sum(axis=0) + 0.5)
                for state in range(3)
            ]
        )
        return self

    def evaluate(self, pieces: Iterable[Any]) -> dict[str, Any]:
        """Measure as `MusicModel.evaluate` does.

        Args:
            pieces: as of `MusicModel.fit`.
        """
        rolls = rolls_of(pieces, check_pitches(self.pitches))
        columns = np.arange(self.log_odds_.shape[1])
        return summary([self.log_odds_[_before(roll), columns] for roll in rolls], rolls)


def _before(roll: Roll) -> np.ndarray:
    """Whether each note sounded a step before, 0 or 1; 2 at the first step."""
    return np.concatenate([np.full_like(roll[:1], 2), roll[:-1]]).astype(np.int64)
