"""Recurrent layers of different sizes, one on top of the other."""

from itertools import pairwise
from typing import Any

from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from ostinato.nn import LockedDropout, Recurrent


class Layered(nn.Module):
    """A stack whose layers have a size each, as a language model's have; else as `nn.Recurrent` in one direction.

    Args:
        cell: name in `CELLS`.
        input_size: features of a token.
        sizes: units of each layer, from below.
        dropout: probability of dropping a feature between layers, at all steps of a row.
        **extras: of `nn.Recurrent`, for each layer.
    """

    num_directions = 1

    def __init__(self, cell: str, input_size: int, sizes: list[int], dropout: float, **extras: Any) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            Recurrent(cell, below, above, **extras) for below, above in pairwise([input_size, *sizes])
        )
        self.between = LockedDropout(dropout)
        self.output_size = sizes[-1]

    def forward(self, inputs: PackedSequence) -> tuple[PackedSequence, Tensor]:
        """Run over packed sequences; the outputs, and the last layer's last h, (1, B, H)."""
        states: Any = None
        for number, layer in enumerate(self.layers):
            if number:
                inputs = self.between(inputs)
            inputs, states = layer(inputs)
        return inputs, states[0] if isinstance(states, tuple) else states
