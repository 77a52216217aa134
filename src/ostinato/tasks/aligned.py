"""Batches of sentences in which something stands beside each token."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from ostinato.data import Batches
from ostinato.data.packing import Packer
from ostinato.tasks.lexicon import Encoded


@dataclass(frozen=True)
class AlignedBatch:
    """Sentences of one batch, packed, rows the longest first.

    Args:
        inputs: (N,) words.
        letters: (M,) characters of the batch's distinct tokens, packed.
        form: (N,) which of these each token is.
        targets: (N,) tags, or `None`.
        index: (B,) original row numbers.
    """

    inputs: PackedSequence
    letters: PackedSequence
    form: Tensor
    targets: Tensor | None
    index: Tensor


class AlignedBatches:
    """Draws batches of encoded sentences as `data.Batches` does.

    What is packed are the tokens' places in the text; whatever stands beside a token is then looked up by its place.

    Args:
        encoded: the sentences.
        targets: (N,) tags end to end, or `None`.
        **settings: of `data.Batches`.
    """

    def __init__(self, encoded: Encoded, targets: np.ndarray | None = None, **settings: Any) -> None:
        self._encoded, self._targets = encoded, targets
        ends = np.cumsum(encoded.lengths)
        places = np.arange(ends[-1])
        self._batches = Batches(np.split(places, ends[:-1]), **settings)
        self._letters = Packer(encoded.letters)

    def __len__(self) -> int:
        return len(self._batches)

    def epoch(self, epoch: int, start: int = 0) -> Iterator[AlignedBatch]:
        """Draw the batches of an epoch, from batch number `start` on."""
        for batch in self._batches.epoch(epoch, start):
            place, sizes = batch.inputs.data.numpy(), batch.inputs.batch_sizes
            distinct, form = np.unique(self._encoded.forms[place], return_inverse=True)
            longest_first = np.argsort(-self._letters.lengths[distinct], kind="stable")
            rank = np.empty_like(longest_first)
            rank[longest_first] = np.arange(len(rank))
            yield AlignedBatch(
                PackedSequence(torch.from_numpy(self._encoded.words[place]), sizes),
                self._letters.pack(distinct[longest_first]),
                torch.from_numpy(rank[form]),
                None if self._targets is None else torch.from_numpy(self._targets[place]),
                batch.index,
            )
