"""Batches of sentences in which something stands beside each token, or of numbers with a tag a step."""

from collections.abc import Iterator, Sequence
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
        inputs: (N,) words, or (N, I) numbers.
        letters: (M,) characters of the batch's distinct tokens, packed; `None` of numbers.
        form: (N,) which of these each token is; `None` of numbers.
        targets: (N,) tags, or `None`.
        index: (B,) original row numbers.
    """

    inputs: PackedSequence
    letters: PackedSequence | None
    form: Tensor | None
    targets: Tensor | None
    index: Tensor


@dataclass(frozen=True)
class Numbers:
    """Sequences of numbers end to end.

    Args:
        lengths: (B,) steps of each.
        values: (N, I) float32.
    """

    lengths: np.ndarray
    values: np.ndarray

    @classmethod
    def of(cls, rows: Sequence[np.ndarray]) -> "Numbers":
        """Put B arrays (T, I) end to end."""
        return cls(np.array([len(row) for row in rows], np.int64), np.concatenate(rows))


class AlignedBatches:
    """Draws batches of encoded sentences as `data.Batches` does.

    What is packed are the tokens' places in the text; whatever stands beside a token is then looked up by its place.

    Args:
        encoded: the sentences, or the sequences of numbers.
        targets: (N,) tags end to end, or `None`.
        **settings: of `data.Batches`.
    """

    def __init__(self, encoded: Encoded | Numbers, targets: np.ndarray | None = None, **settings: Any) -> None:
        self._encoded, self._targets = encoded, targets
        ends = np.cumsum(encoded.lengths)
        places = np.arange(ends[-1])
        self._batches = Batches(np.split(places, ends[:-1]), **settings)
        self._letters = None if isinstance(encoded, Numbers) else Packer(encoded.letters)

    def __len__(self) -> int:
        return len(self._batches)

    def epoch(self, epoch: int, start: int = 0) -> Iterator[AlignedBatch]:
        """Draw the batches of an epoch, from batch number `start` on."""
        for batch in self._batches.epoch(epoch, start):
            place, sizes = batch.inputs.data.numpy(), batch.inputs.batch_sizes
            data, letters, form = self._beside(place)
            yield AlignedBatch(
                PackedSequence(torch.from_numpy(data), sizes),
                letters,
                form,
                None if self._targets is None else torch.from_numpy(self._targets[place]),
                batch.index,
            )

    def _beside(self, place: np.ndarray) -> tuple[np.ndarray, PackedSequence | None, Tensor | None]:
        """What stands at some places: words or numbers, the distinct tokens' characters, which token is which."""
        if isinstance(self._encoded, Numbers):
            return self._encoded.values[place], None, None
        assert self._letters is not None
        distinct, form = np.unique(self._encoded.forms[place], return_inverse=True)
        longest_first = np.argsort(-self._letters.lengths[distinct], kind="stable")
        rank = np.empty_like(longest_first)
        rank[longest_first] = np.arange(len(rank))
        return (
            self._encoded.words[place],
            self._letters.pack(distinct[longest_first]),
            torch.from_numpy(rank[form]),
        )
