"""Ragged batches without padding: to and from torch's `PackedSequence`, and the arithmetic of its token order.

A packed batch holds N tokens, time-major: first the token of step 0 of every row, then those of step 1 of the rows
that are long enough, and so on. Rows stand longest first, so the rows alive at step t are the first
`batch_sizes[t]`. Every index below follows from that one fact.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from ostinato._core.errors import InputError, ShapeError


def rows(batch_sizes: Tensor, N: int | None = None) -> Tensor:
    """The row of every packed token.

    Args:
        batch_sizes: (T,) int64 on the CPU, the number of rows alive at each step.
        N: their sum, if known; a compiled graph, which is built before there are numbers, needs it.

    Returns:
        (N,) int64 on the CPU.

    Example:
        >>> rows(torch.tensor([3, 2, 1])).tolist()
        [0, 1, 2, 0, 1, 0]
    """
    N = int(batch_sizes.sum()) if N is None else N
    return torch.arange(N) - torch.repeat_interleave(offsets(batch_sizes), batch_sizes, output_size=N)


def steps(batch_sizes: Tensor, N: int | None = None) -> Tensor:
    """The step of every packed token, (N,) int64 on the CPU; arguments as of `rows`.

    Example:
        >>> steps(torch.tensor([3, 2, 1])).tolist()
        [0, 0, 0, 1, 1, 2]
    """
    return torch.repeat_interleave(torch.arange(batch_sizes.shape[0]), batch_sizes, output_size=N)


def offsets(batch_sizes: Tensor) -> Tensor:
    """Where each step begins among the packed tokens, (T,) int64 on the CPU.

    Example:
        >>> offsets(torch.tensor([3, 2, 1])).tolist()
        [0, 3, 5]
    """
    return batch_sizes.cumsum(0) - batch_sizes


def lengths(batch_sizes: Tensor) -> Tensor:
    """The number of tokens of every row, in packed order, (B,) int64 on the CPU.

    Example:
        >>> lengths(torch.tensor([3, 2, 1])).tolist()
        [3, 2, 1]
    """
    return torch.bincount(rows(batch_sizes), minlength=int(batch_sizes[0]))


def batch_sizes_of(lengths: Tensor) -> Tensor:
    """The number of rows alive at each step, from the rows' lengths in any order.

    Args:
        lengths: (B,) int64, each at least 1.

    Returns:
        (T,) int64, T the greatest length.

    Example:
        >>> batch_sizes_of(torch.tensor([1, 3, 2])).tolist()
        [3, 2, 1]
    """
    ended = torch.bincount(lengths).cumsum(0)  # ended[t]: rows of t tokens or fewer
    return len(lengths) - ended[:-1]


def reverse_index(batch_sizes: Tensor) -> Tensor:
    """The gather that turns every row's time around, (N,) int64 on the CPU; it is its own inverse.

    Example:
        >>> reverse_index(torch.tensor([2, 1, 1])).tolist()    # row 0 has three tokens, row 1 has one
        [3, 1, 2, 0]
    """
    row = rows(batch_sizes)
    return offsets(batch_sizes)[lengths(batch_sizes)[row] - 1 - steps(batch_sizes)] + row


def apply(fn: Callable[[Tensor], Tensor], packed: PackedSequence) -> PackedSequence:
    """Run a token-wise function on a packed batch: linear, dropout, an activation.

    Args:
        fn: takes the data (N, ·) and returns (N, ·).
        packed: the batch.

    Example:
        >>> packed = pack([torch.tensor([1.0, 2.0]), torch.tensor([3.0])])
        >>> apply(torch.neg, packed).data.tolist()
        [-1.0, -3.0, -2.0]
    """
    return PackedSequence(fn(packed.data), packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices)


def pack(sequences: Sequence[Tensor]) -> PackedSequence:
    """Pack sequences of unequal length; they may come in any order.

    Use it to hand a list of sequences to a recurrent layer. What the layer returns for rows (states) is in the order
    of the list again.

    Args:
        sequences: B tensors, each (T_b, ·) or (T_b,), at least one token each, alike in all but T_b.

    Returns:
        The batch; its `sorted_indices` say where each row came from.

    Raises:
        InputError: no sequence at all, or one without a token (its number is named).
        ShapeError: sequences that differ in more than their length.

    Example:
        >>> pack([torch.tensor([1]), torch.tensor([2, 3])]).data.tolist()
        [2, 1, 3]
    """
    if len(sequences) == 0:
        raise InputError("got no sequences; expected at least one; give pack() a list that is not empty")
    for number, sequence in enumerate(sequences):
        if sequence.dim() == 0 or sequence.shape[1:] != sequences[0].shape[1:]:
            raise ShapeError(
                f"sequence {number} has shape {tuple(sequence.shape)}; expected (T, "
                f"{', '.join(map(str, sequences[0].shape[1:]))}) as sequence 0; only the length may differ"
            )
    length = check_lengths([len(s) for s in sequences])
    return _gather(torch.cat(list(sequences)), *_order(length, begins=length.cumsum(0) - length, stride=1))


def pack_padded(x: Tensor, lengths: Sequence[int] | Tensor, batch_first: bool = False) -> PackedSequence:
    """Pack a padded batch; the rows may come in any order and `lengths` on any device.

    Args:
        x: (T, B, ·), or (B, T, ·) with `batch_first`; what lies beyond a row's length is never read.
        lengths: (B,) integers, each from 1 to T.
        batch_first: whether `x` has its rows first.

    Returns:
        The batch of the real tokens.

    Raises:
        InputError: a length below 1 or beyond T, naming the row, or not one length a row.

    Example:
        >>> pack_padded(torch.tensor([[1, 2, 3], [4, 0, 0]]), [3, 1], batch_first=True).data.tolist()
        [1, 4, 2, 3]
    """
    T, B = (x.shape[1], x.shape[0]) if batch_first else (x.shape[0], x.shape[1])
    length = check_lengths(lengths, B, T)
    if B == 0:
        return pack_dense(x, batch_first)
    return _gather(x.flatten(0, 1), *token_order(length, T, batch_first))


def pack_dense(x: Tensor, batch_first: bool = False) -> PackedSequence:
    """Pack a batch whose rows are all full: a reshape, nothing is gathered.

    Args:
        x: (T, B, ·), or (B, T, ·) with `batch_first`; T and B at least 1.
        batch_first: whether `x` has its rows first.
    """
    if batch_first:
        x = x.transpose(0, 1)
    T, B = x.shape[:2]
    return PackedSequence(x.reshape(T * B, *x.shape[2:]), torch.full((T,), B))


def unpack(packed: PackedSequence) -> list[Tensor]:
    """The rows of a packed batch as a list, in the order they were given to `pack`.

    Example:
        >>> [row.tolist() for row in unpack(pack([torch.tensor([1]), torch.tensor([2, 3])]))]
        [[1], [2, 3]]
    """
    by_row = torch.argsort(rows(packed.batch_sizes), stable=True)
    length = lengths(packed.batch_sizes)
    parts = packed.data.index_select(0, by_row.to(packed.data.device)).split(length.tolist())
    return list(parts) if packed.unsorted_indices is None else [parts[i] for i in packed.unsorted_indices.tolist()]


def unpack_padded(
    packed: PackedSequence,
    batch_first: bool = False,
    padding_value: float = 0.0,
    total_length: int | None = None,
) -> tuple[Tensor, Tensor]:
    """The inverse of `pack_padded`.

    Args:
        packed: the batch.
        batch_first: whether the result has its rows first.
        padding_value: what stands beyond each row's end.
        total_length: T of the result; the longest row's length if `None`.

    Returns:
        The padded tensor (T, B, ·) or (B, T, ·), and the lengths (B,) int64 on the CPU, rows in the order they were
        given to `pack_padded`.

    Example:
        >>> padded, length = unpack_padded(pack([torch.tensor([1]), torch.tensor([2, 3])]), batch_first=True)
        >>> padded.tolist(), length.tolist()
        ([[1, 0], [2, 3]], [1, 2])
    """
    batch_sizes = packed.batch_sizes
    T, B = total_length or len(batch_sizes), int(batch_sizes[0])
    if len(batch_sizes) > T:
        raise InputError(
            f"total_length={T}; expected at least {len(batch_sizes)}, the longest row's length; leave it out"
        )
    length = lengths(batch_sizes)
    if packed.unsorted_indices is not None:
        length = length[packed.unsorted_indices.cpu()]
    return pad(packed, T, B, batch_first, padding_value), length


def pad(packed: PackedSequence, T: int, B: int, batch_first: bool = False, padding_value: float = 0.0) -> Tensor:
    """The padded tensor of `unpack_padded` alone, its steps and rows given: no number is read from the batch.

    Args:
        packed: the batch.
        T: steps of the result, at least those of the longest row.
        B: rows of the batch.
        batch_first: whether the result has its rows first.
        padding_value: what stands beyond each row's end.
    """
    data, N = packed.data, packed.data.shape[0]
    row, step = rows(packed.batch_sizes, N), steps(packed.batch_sizes, N)
    if packed.sorted_indices is not None:
        row = packed.sorted_indices.cpu()[row]
    place = row * T + step if batch_first else step * B + row
    padded = data.new_full((T * B, *data.shape[1:]), padding_value).index_copy(0, place.to(data.device), data)
    return padded.reshape(*((B, T) if batch_first else (T, B)), *data.shape[1:])


def check_lengths(lengths: Sequence[int] | Tensor, B: int | None = None, T: int | None = None) -> Tensor:
    """Check the lengths of rows and bring them to the CPU as (B,) int64.

    Args:
        lengths: (B,) integers, a list or a tensor on any device.
        B: the number of rows there are, if known.
        T: the greatest length allowed, if any.

    Raises:
        InputError: naming the first row whose length is below 1 or beyond T; or not integers; or not one a row.
    """
    if not isinstance(lengths, Tensor) and len(lengths) == 0:
        lengths = torch.zeros(0, dtype=torch.int64)  # torch takes an empty list for float32
    length = torch.as_tensor(lengths).detach().cpu()
    if length.dim() != 1 or length.is_floating_point() or length.is_complex() or length.dtype == torch.bool:
        raise InputError(
            f"lengths is {length.dtype} of shape {tuple(length.shape)}; expected one integer a row, shape (B,); "
            "give a list of integers or an int64 tensor"
        )
    if B is not None and len(length) != B:
        raise InputError(f"got {len(length)} lengths; expected {B}, one a row; check the batch and batch_first")
    wrong = length < 1 if T is None else (length < 1) | (length > T)
    if bool(wrong.any()):
        row = int(wrong.nonzero()[0])
        upper = "" if T is None else f" and at most {T}, the steps of the input"
        remedy = "drop empty rows" if length[row] < 1 else "cut the length or pad the input further"
        raise InputError(f"row {row} has length {int(length[row])}; expected at least 1{upper}; {remedy}")
    return length.to(torch.int64)


def token_order(length: Tensor, T: int, batch_first: bool) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Where the tokens of a padded batch, flat, go when it is packed.

    Args:
        length: (B,) int64 on the CPU, checked.
        T: steps of the padded batch.
        batch_first: whether it has its rows first.

    Returns:
        index (N,) of each packed token in the flat batch; `batch_sizes`, `sorted_indices` and `unsorted_indices`.
    """
    number = torch.arange(len(length))
    return _order(length, *((number * T, 1) if batch_first else (number, len(length))))


def _order(length: Tensor, begins: Tensor, stride: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The same for a flat tensor in which token t of row b stands at `begins[b] + t * stride`."""
    order = torch.argsort(length, descending=True, stable=True)
    batch_sizes = batch_sizes_of(length)
    index = begins[order][rows(batch_sizes)] + steps(batch_sizes) * stride
    back = torch.empty_like(order)
    back[order] = torch.arange(len(order))
    return index, batch_sizes, order, back


def _gather(flat: Tensor, index: Tensor, batch_sizes: Tensor, order: Tensor, back: Tensor) -> PackedSequence:
    device = flat.device
    return PackedSequence(flat.index_select(0, index.to(device)), batch_sizes, order.to(device), back.to(device))
