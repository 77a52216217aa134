"""Pieces in other keys: what is learned of music should not depend on its key."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from ostinato._core.random import derive
from ostinato.data import Batch, Batches
from ostinato.nn import rows
from ostinato.tasks.music.rolls import Roll

_KEYS = 3  # what a seed is derived for, beside the order


class Transposed:
    """Draws batches as `data.Batches` does, each piece in a key of its own in each epoch.

    Args:
        batches: of pieces that begin with their mark.
        rolls: the pieces, in their order.
        semitones: a piece is moved up or down by so many at most, and never out of the range.
        seed: of the keys.
    """

    def __init__(self, batches: Batches, rolls: list[Roll], semitones: int, seed: int) -> None:
        self._batches, self._seed = batches, seed
        sounding = [np.flatnonzero(roll.any(axis=0)) for roll in rolls]
        top = rolls[0].shape[1] - 1
        self._down = np.array([min(semitones, int(notes[0])) if len(notes) else 0 for notes in sounding])
        self._up = np.array([min(semitones, top - int(notes[-1])) if len(notes) else 0 for notes in sounding])

    def __len__(self) -> int:
        return len(self._batches)

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """Draw the batches of an epoch, from batch number `start` on."""
        draw = np.random.default_rng(derive(self._seed, _KEYS, epoch))
        shifts = torch.from_numpy(draw.integers(-self._down, self._up + 1))
        for batch in self._batches.epoch(epoch, start):
            sizes = batch.inputs.batch_sizes
            data = moved(batch.inputs.data, shifts[batch.index][rows(sizes)])
            yield replace(batch, inputs=PackedSequence(data, sizes))


def moved(data: Tensor, shifts: Tensor) -> Tensor:
    """Move the notes of each token up.

    Args:
        data: (N, P + 1); the last column stays.
        shifts: (N,) semitones, none of which moves a note out of the range.
    """
    P = data.shape[1] - 1
    source = (torch.arange(P) - shifts[:, None]) % P  # what comes round at the end is silent
    return torch.cat([data[:, :P].gather(1, source), data[:, P:]], dim=1)
