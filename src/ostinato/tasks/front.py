"""Convolutions between the numbers of a signal and the recurrent layers."""

from itertools import pairwise

from torch import nn
from torch.nn.utils.rnn import PackedSequence

from ostinato._core.errors import InputError
from ostinato.nn import Convolution, LockedDropout, apply


class Front(nn.Module):
    """Layers of convolution over the steps, each followed by ReLU and locked dropout.

    Args:
        channels: I, features of a step.
        size: features of each layer's output.
        layers: how many, 1 at least.
        kernel_size: steps that each reads at once, odd.
        stride: each keeps every so many-th step.
        dropout: probability of dropping a feature of an output, at all steps of a row at once.

    Raises:
        InputError: a number out of range.
    """

    def __init__(self, channels: int, size: int, layers: int, kernel_size: int, stride: int, dropout: float) -> None:
        super().__init__()
        if isinstance(layers, bool) or not isinstance(layers, int) or layers < 1:
            raise InputError(f"convolutions={layers!r}, expected a number of layers from 0 up; correct it")
        sizes = [channels] + [size] * layers
        self.layers = nn.ModuleList(
            Convolution(inside, outside, kernel_size, stride) for inside, outside in pairwise(sizes)
        )
        self.dropout = LockedDropout(dropout)

    def forward(self, packed: PackedSequence) -> PackedSequence:
        """Read N steps of I features; return fewer steps, where the stride says so, of `size` features."""
        for layer in self.layers:
            packed = self.dropout(apply(nn.functional.relu, layer(packed)))
        return packed
