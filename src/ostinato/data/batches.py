"""Draws batches: shuffled, of rows of similar length, the same in every run with the same seed."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from ostinato._core.errors import InputError, ShapeError
from ostinato._core.random import derive
from ostinato.data.augment import Augment
from ostinato.data.batch import Batch
from ostinato.data.packing import Packer
from ostinato.data.sequences import as_rows

_POOL = 50  # batches whose rows are sorted by length together: even lengths, yet other company in each epoch


class Batches:
    """Cuts a list of sequences into batches, anew for each epoch.

    Rows are shuffled, gathered in pools of 50 batches, sorted by length within a pool and cut; then the batches are
    shuffled. An epoch depends on `seed` and its number alone, so that training can be resumed at any batch of it.

    Args:
        sequences: B rows: int (T,) token ids, or float (T, I) numbers; all of one kind, T >= 1.
        targets: (B, ...) or None.
        weights: (B,) or None, one a row.
        batch_size: rows a batch at most; not used where `max_tokens` is given.
        max_tokens: draw batches by tokens, N at most, rather than by rows. (A longer row is a batch by itself.)
        shuffle: False keeps the same batches in every epoch.
        seed: any integer from 0 up.
        bucket: False cuts batches without regard to length; with `shuffle=False` in the order given.
        augment: draws another version of each row of numbers, anew in each epoch; None leaves them as they are.

    Raises:
        InputError: no rows; a row of length 0 or of another kind (names it); an argument out of its range.
        ShapeError: targets or weights of another number of rows.

    Example:
        >>> batches = Batches([[1, 2, 3], [4], [5, 6]], torch.tensor([0, 1, 0]), batch_size=2)
        >>> len(batches)
        2
        >>> sorted(int(row) for batch in batches.epoch(0) for row in batch.index)
        [0, 1, 2]
    """

    def __init__(
        self,
        sequences: Sequence[ArrayLike | Tensor],
        targets: ArrayLike | Tensor | None = None,
        weights: ArrayLike | Tensor | None = None,
        *,
        batch_size: int = 32,
        max_tokens: int | None = None,
        shuffle: bool = True,
        seed: int = 0,
        bucket: bool = True,
        augment: Augment | None = None,
    ) -> None:
        for name, value in (("batch_size", batch_size), ("max_tokens", max_tokens)):
            if value is not None and value < 1:
                raise InputError(f"{name} {value}: expected at least 1; raise it")
        rows = as_rows(sequences)
        if augment and rows[0].ndim == 1:
            raise InputError(f"augment={augment}: the rows are tokens, expected numbers to change; leave it out")
        self._packer = Packer(rows)
        self._rows = rows if augment else None
        self.augment = augment
        self._targets = _column("targets", targets, len(rows))
        self._weights = _column("weights", weights, len(rows))
        self.batch_size = batch_size
        self.max_tokens = max_tokens
        self.shuffle = shuffle
        self.seed = seed
        self.bucket = bucket

    @property
    def rows(self) -> int:
        """Number of rows in an epoch."""
        return len(self._packer.lengths)

    @property
    def tokens(self) -> int:
        """Number of tokens in an epoch."""
        return int(self._packer.lengths.sum())

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Length of each row, in the order given: int64 (B,)."""
        return self._packer.lengths

    def __len__(self) -> int:
        """Batches of epoch 0; where `max_tokens` is given, other epochs can have a few more or fewer."""
        return self.count(0)

    def __iter__(self) -> Iterator[Batch]:
        return self.epoch(0)

    def count(self, epoch: int) -> int:
        """Count the batches of an epoch.

        Args:
            epoch: its number, from 0 up.

        Returns:
            How many batches `epoch(epoch)` yields.
        """
        if self.max_tokens is None:
            return -(-self.rows // self.batch_size)
        return len(self._plan(epoch))

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """Draw the batches of an epoch.

        Args:
            epoch: its number, from 0 up.
            start: the first batch wanted; those before it are not even packed.

        Returns:
            Iterator of batches, always the same for equal data, seed and epoch.

        Raises:
            InputError: `epoch` or `start` is below 0.
        """
        if epoch < 0 or start < 0:
            raise InputError(f"epoch {epoch}, start {start}: expected both from 0 up; count from 0")
        for number, rows in enumerate(self._plan(epoch)[start:], start):
            yield self._batch(rows, derive(self.seed, epoch, number))

    def _batch(self, rows: NDArray[np.int64], seed: int) -> Batch:
        packer, order = self._packer, rows
        if self.augment and self._rows is not None:
            draw = np.random.default_rng(seed)
            packer = Packer([self.augment(self._rows[row], draw) for row in rows])
            order = np.arange(len(rows))
        longest_first = np.argsort(-packer.lengths[order], kind="stable")
        index = torch.from_numpy(rows[longest_first])
        return Batch(
            inputs=packer.pack(order[longest_first]),
            targets=None if self._targets is None else self._targets[index],
            weights=None if self._weights is None else self._weights[index],
            index=index,
        )

    def _plan(self, epoch: int) -> list[NDArray[np.int64]]:
        """Say which rows make which batch."""
        draw = np.random.default_rng(derive(self.seed, epoch))
        order = draw.permutation(self.rows) if self.shuffle else np.arange(self.rows)
        if not self.bucket:
            return self._cut(order)
        batches: list[NDArray[np.int64]] = []
        size = self._pool_rows() if self.shuffle else self.rows
        for begin in range(0, self.rows, size):
            pool = order[begin : begin + size]
            batches += self._cut(pool[np.argsort(self._packer.lengths[pool], kind="stable")])
        if self.shuffle:
            batches = [batches[number] for number in draw.permutation(len(batches))]
        return batches

    def _pool_rows(self) -> int:
        if self.max_tokens is None:
            return _POOL * self.batch_size
        return max(1, _POOL * self.max_tokens * self.rows // self.tokens)

    def _cut(self, order: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        if self.max_tokens is None:
            return [order[begin : begin + self.batch_size] for begin in range(0, len(order), self.batch_size)]
        ends = np.cumsum(self._packer.lengths[order])
        batches, begin, used = [], 0, 0
        while begin < len(order):
            end = max(begin + 1, int(np.searchsorted(ends, used + self.max_tokens, side="right")))
            batches.append(order[begin:end])
            begin, used = end, int(ends[end - 1])
        return batches


def _column(name: str, values: ArrayLike | Tensor | None, rows: int) -> Tensor | None:
    if values is None:
        return None
    column = torch.as_tensor(values)
    if column.ndim == 0 or len(column) != rows:
        raise ShapeError(f"{name} of shape {tuple(column.shape)}: expected {rows} rows, as many as there are sequences")
    return column
