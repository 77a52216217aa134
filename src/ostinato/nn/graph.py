"""A padded batch packed inside a compiled graph, which is built before anybody knows how many tokens there are.

So the padding stays, behind the tokens: the operations of the kernels read the tokens alone and answer the rest with
zeros, and every shape follows from the input's.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from ostinato._core.errors import InputError
from ostinato.nn.packed import check_lengths, token_order


@torch.library.custom_op(
    "ostinato::order_tokens", mutates_args=(), schema="(Tensor lengths, SymInt T, bool batch_first) -> Tensor[]"
)
def order_tokens(lengths: Tensor, T: int, batch_first: bool) -> list[Tensor]:
    """Check the lengths and order the tokens of a padded batch.

    Returns:
        what `packed.token_order` does, with all T * B places in the index, padding last, and T batch sizes.
    """
    index, batch_sizes, order, back = token_order(check_lengths(lengths, T=T), T, batch_first)
    padding = torch.ones(T * len(order), dtype=torch.bool).index_fill(0, index, False).nonzero()[:, 0]
    sizes = torch.zeros(T, dtype=torch.int64)
    sizes[: len(batch_sizes)] = batch_sizes
    return [torch.cat([index, padding]), sizes, order, back]


@order_tokens.register_fake
def _(lengths: Tensor, T: int, batch_first: bool) -> list[Tensor]:
    B = lengths.shape[0]
    return [torch.empty(size, dtype=torch.int64) for size in (T * B, T, B, B)]


def pack_in_graph(x: Tensor, lengths: Sequence[int] | Tensor, batch_first: bool) -> PackedSequence:
    """Pack a padded batch of at least one row, (T, B, I) or (B, T, I); the padding stands behind the tokens.

    Raises:
        InputError: not one length a row; when the graph runs also what `packed.check_lengths` raises.
    """
    T, B = (x.shape[1], x.shape[0]) if batch_first else (x.shape[0], x.shape[1])
    length = torch.as_tensor(lengths)
    if length.shape != (B,):
        raise InputError(f"lengths has shape {tuple(length.shape)}; expected ({B},), one a row; check the batch")
    index, batch_sizes, order, back = order_tokens(length, T, batch_first)
    data = x.flatten(0, 1).index_select(0, index.to(x.device))
    return PackedSequence(data, batch_sizes, order.to(x.device), back.to(x.device))


def pad_in_graph(data: Tensor, lengths: Sequence[int] | Tensor, T: int, B: int, batch_first: bool) -> Tensor:
    """Bring the outputs for a batch of `pack_in_graph` into the form of its input."""
    index = order_tokens(torch.as_tensor(lengths), T, batch_first)[0]
    padded = torch.empty_like(data).index_copy(0, index.to(data.device), data)
    return padded.view(*((B, T) if batch_first else (T, B)), data.shape[1])
