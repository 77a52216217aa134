"""Says what the rows look like, so that a model can be built before it sees data."""

from collections.abc import Sequence

from torch import nn

from ostinato.layers.layer import Layer, Shape


class Input(Layer):
    """The shape of a row, as the first thing in a `Sequential`; not needed before an `Embedding`.

    Args:
        shape: (None, I) or (T, I) for sequences (T is not held to), (I,) for rows without steps.

    Example:
        >>> from ostinato.layers import GRU, Dense, Sequential
        >>> Sequential([Input((None, 4)), GRU(8), Dense(1)]).count_params()
        345
    """

    def __init__(self, shape: Sequence[int | None], name: str | None = None) -> None:
        super().__init__(input_shape=shape, name=name)

    def shape(self, given: Shape, after: str) -> Shape:
        """What comes in goes out."""
        return given

    def build(self, given: Shape) -> nn.Module:
        """Nothing to compute."""
        return nn.Identity()
