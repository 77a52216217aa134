"""Leaves out numbers at random while training."""

import torch
from torch import nn

from ostinato._core.errors import InputError
from ostinato.layers.flow import Flow, tokenwise
from ostinato.layers.layer import Layer, Shape, no_tokens


class Dropout(Layer):
    """Each number becomes 0 with probability `rate` in training, and the others grow to keep the sum.

    Args:
        rate: 0 … below 1.
        name: shown in the summary.

    Source: Srivastava et al. 2014.

    Example:
        >>> from ostinato.layers import GRU, Input, Sequential
        >>> Sequential([Input((None, 4)), GRU(8), Dropout(0.5)]).output_shape
        '(B, 8)'
    """

    def __init__(self, rate: float, name: str | None = None) -> None:
        super().__init__(name=name)
        if not 0 <= rate < 1:
            raise InputError(f"rate={rate!r} of Dropout, expected a number in [0, 1); it is the share left out")
        self.rate = rate

    def shape(self, given: Shape, after: str) -> Shape:
        """What comes in goes out."""
        no_tokens("Dropout", given)
        return given

    def build(self, given: Shape) -> nn.Module:
        """Make the module."""
        return DropoutModule(self.rate)


class DropoutModule(nn.Module):
    """Dropout of tensors and packed sequences."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Flow) -> Flow:
        """(…, I) → (…, I)."""
        return tokenwise(lambda data: torch.dropout(data, self.rate, self.training), x)
