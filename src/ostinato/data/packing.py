"""Rows of unequal length to a `PackedSequence`, without a loop over rows or steps."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.utils.rnn import PackedSequence


class Packer:
    """Holds all sequences end to end and packs any selection of them.

    Args:
        sequences: arrays of one dtype, (T,) or (T, I), each with T >= 1.
    """

    def __init__(self, sequences: Sequence[NDArray[np.int64] | NDArray[np.float32]]) -> None:
        self.lengths = np.array([len(sequence) for sequence in sequences], np.int64)
        self._begin = np.cumsum(self.lengths) - self.lengths
        self._tokens = np.concatenate(sequences)

    def pack(self, rows: NDArray[np.int64]) -> PackedSequence:
        """Pack rows that are given longest first.

        Args:
            rows: int64 (B,), row numbers by falling length.

        Returns:
            The packed sequence, its rows in this order.

        Cost: O(N), N the tokens of these rows; nothing the size of B x T is made.
        """
        lengths = self.lengths[rows]
        # rows still running at step t: how many lengths are greater than t
        sizes = len(rows) - np.searchsorted(lengths[::-1], np.arange(lengths[0]), side="right")
        # packed position -> (step, row): positions of a step are consecutive, its rows are the first sizes[t]
        steps = np.repeat(np.arange(len(sizes)), sizes)
        columns = np.arange(len(steps)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        source = self._begin[rows][columns] + steps
        # numpy gathers: torch would wake its threads for it, which costs more than the work
        return PackedSequence(torch.from_numpy(self._tokens.take(source, axis=0)), torch.from_numpy(sizes))
