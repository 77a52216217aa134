"""Packed tokens that are rows of a small table: of a text's words few are different."""

from collections.abc import Iterator
from typing import Any, Self, SupportsIndex

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence


class PackedRows(PackedSequence):
    """A packed batch whose token n is row `row_of[n]` of `rows`.

    It is what `Embedding` makes of packed tokens where many of them are equal. `Recurrent` hands both to the kernels,
    which then make the input product once a row; whoever asks for `data` gets the N vectors, gathered at the first
    question, and whatever is made from those (a dropout, a cast, another device) is an ordinary batch.

    Attributes:
        rows: (U, I) the vectors that are different.
        row_of: (N,) int64, from 0 to U - 1.

    Example:
        >>> batch = PackedRows.of(torch.tensor([[1.0], [5.0]]), torch.tensor([0, 1, 0]), torch.tensor([2, 1]))
        >>> batch.data.flatten().tolist()
        [1.0, 5.0, 1.0]
    """

    rows: Tensor
    row_of: Tensor
    _data: Tensor | None

    @classmethod
    def of(
        cls,
        rows: Tensor,
        row_of: Tensor,
        batch_sizes: Tensor,
        sorted_indices: Tensor | None = None,
        unsorted_indices: Tensor | None = None,
    ) -> Self:
        """Make one; the last three are a `PackedSequence`'s."""
        batch = cls(row_of, batch_sizes, sorted_indices, unsorted_indices)
        batch.rows, batch.row_of, batch._data = rows, row_of, None
        return batch

    @property
    def data(self) -> Tensor:
        """The vectors of all tokens, (N, I)."""
        if self._data is None:
            self._data = self.rows.index_select(0, self.row_of)
        return self._data

    def gathered(self) -> PackedSequence:
        """The same batch with a vector for every token."""
        return PackedSequence(self.data, self.batch_sizes, self.sorted_indices, self.unsorted_indices)

    # A PackedSequence is a tuple, and torch makes another with `type(self)(data, ...)`: all of that sees the vectors.
    def __iter__(self) -> Iterator[Any]:
        """The four fields, the vectors first."""
        return iter((self.data, self.batch_sizes, self.sorted_indices, self.unsorted_indices))

    def __getitem__(self, field: SupportsIndex | slice) -> Any:
        """A field by its number."""
        return tuple(self)[field]

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle as an ordinary batch."""
        return PackedSequence, tuple(self)

    def to(self, *args: Any, **kwargs: Any) -> PackedSequence:  # type: ignore[override]  # no longer rows of a table
        """As a `PackedSequence`'s."""
        return self.gathered().to(*args, **kwargs)

    def pin_memory(self) -> PackedSequence:  # type: ignore[override]
        """As a `PackedSequence`'s."""
        return self.gathered().pin_memory()


def table_of(packed: PackedSequence) -> tuple[Tensor, Tensor | None]:
    """The vectors of a batch as the kernels take them: a table and each token's row, or a row a token and None."""
    return (packed.rows, packed.row_of) if isinstance(packed, PackedRows) else (packed.data, None)


def distinct(ids: Tensor, V: int) -> tuple[Tensor, Tensor] | None:
    """Find which tokens there are, and where each stands among them: marks in a list of all V, no sorting.

    Args:
        ids: (N,) int64 on the CPU, any integers.
        V: the vocabulary's size.

    Returns:
        the U different tokens, ascending, and for every token its place among them, (N,); None where a token is not
        from 0 to V - 1.

    Cost: about 20 N + V bytes read or written; nothing is sorted.

    Example:
        >>> distinct(torch.tensor([7, 3, 7]), 10)
        (tensor([3, 7]), tensor([1, 0, 1]))
    """
    low, high = (int(end) for end in ids.aminmax())
    if low < 0 or high >= V:
        return None
    there = torch.zeros(high + 1, dtype=torch.bool).index_fill_(0, ids, True)
    tokens = there.nonzero().flatten()
    place = torch.empty(high + 1, dtype=torch.int64).scatter_(0, tokens, torch.arange(len(tokens)))
    return tokens, place.index_select(0, ids)
