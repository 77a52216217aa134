"""What flows through a network: a tensor with one vector a row, or a packed sequence with one a step."""

from collections.abc import Callable

from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from ostinato.nn import apply

Flow = Tensor | PackedSequence  # (B, I) rows in packed order, or (N, I)


def tokenwise(fn: Callable[[Tensor], Tensor], x: Flow) -> Flow:
    """Apply a function of the last axis to every row, or to every step."""
    return apply(fn, x) if isinstance(x, PackedSequence) else fn(x)
