"""Dropout that draws one mask for a whole sequence."""

from typing import overload

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from ostinato.nn.arguments import probability
from ostinato.nn.packed import apply, rows


def keep_mask(like: Tensor, shape: tuple[int, ...], p: float) -> Tensor:
    """Draw a mask of `shape`: 0 with probability `p`, else 1 / (1 - p), so that the expectation stays."""
    if p == 1:
        return like.new_zeros(shape)
    return like.new_empty(shape).bernoulli_(1 - p).div_(1 - p)


def locked(data: Tensor, batch_sizes: Tensor, p: float, B: int | None = None) -> Tensor:
    """Drop features of packed tokens (N, ·), the same ones at every step of each of the B rows."""
    B = int(batch_sizes[0]) if B is None else B
    mask = keep_mask(data, (B, *data.shape[1:]), p)
    if torch.compiler.is_compiling():  # padding may stand behind the tokens, and is of no row
        padding = data.shape[0] - batch_sizes.sum(0, keepdim=True)
        row = rows(torch.cat([batch_sizes, padding]), data.shape[0]).clamp(max=B - 1)
    else:
        row = rows(batch_sizes, data.shape[0])
    return data * mask.index_select(0, row.to(data.device))


class LockedDropout(nn.Module):
    """Dropout whose mask is drawn once a row and holds for all its steps.

    Use it before, between and after recurrent layers: independent draws a step are noise that the state averages out.

    Args:
        p: probability of dropping a feature, 0 to 1.
        batch_first: for tensors, whether rows come first, (B, T, ·) and not (T, B, ·).

    Source: Gal and Ghahramani 2016, "A Theoretically Grounded Application of Dropout in Recurrent Neural Networks".

    Example:
        >>> import torch
        >>> y = LockedDropout(0.5)(torch.ones(7, 2, 3))
        >>> bool((y == y[0]).all())
        True
    """

    def __init__(self, p: float = 0.5, batch_first: bool = False) -> None:
        super().__init__()
        self.p = probability("p", p)
        self.batch_first = batch_first

    @overload
    def forward(self, input: Tensor) -> Tensor: ...
    @overload
    def forward(self, input: PackedSequence) -> PackedSequence: ...
    def forward(self, input: Tensor | PackedSequence) -> Tensor | PackedSequence:
        """Drop in training, return the input as it is in evaluation.

        Args:
            input: packed batch, or (T, B, ·) ((B, T, ·) with `batch_first`), or one sequence (T, ·).
        """
        if not self.training or self.p == 0:
            return input
        if isinstance(input, PackedSequence):
            return apply(lambda data: locked(data, input.batch_sizes, self.p), input)
        time = 1 if self.batch_first and input.dim() > 2 else 0
        shape = [1 if axis == time else size for axis, size in enumerate(input.shape)]
        return input * keep_mask(input, tuple(shape), self.p)

    def extra_repr(self) -> str:
        """The probability, as `print(module)` shows it."""
        return f"p={self.p}" + (", batch_first=True" if self.batch_first else "")
