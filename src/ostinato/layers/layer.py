"""What every layer of this door is: a description that becomes a torch module once its input is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from ostinato._core.errors import InputError

Arrays = list[NDArray[np.floating[Any]]]


@dataclass(frozen=True)
class Shape:
    """What flows from one layer to the next.

    Attributes:
        features: numbers a step, or a row; 0 for token numbers.
        steps: whether there is one such vector a step, (B, T, features), or one a row, (B, features).
        remembers: whether a recurrent layer has been passed, so that a step knows of the steps before it.
    """

    features: int
    steps: bool
    remembers: bool = False

    def __str__(self) -> str:
        return f"(B, T, {self.features})" if self.steps else f"(B, {self.features})"

    @property
    def tokens(self) -> bool:
        """Whether these are token numbers (B, T)."""
        return self.features == 0


class Layer:
    """Base of the layers: stores its settings, checks what it is put behind, builds its module.

    Args:
        input_shape: for a first layer, the shape of a row: (T, I), (None, I) or (I,); `None`: seen from the first data.
        name: shown in the summary; `None`: made from the class's name.
    """

    def __init__(self, *, input_shape: Sequence[int | None] | None = None, name: str | None = None) -> None:
        self.input_shape = input_shape
        self.name = name

    def first(self) -> Shape | None:
        """The input's shape if the layer itself knows it, being the first."""
        if self.input_shape is None:
            return None
        *steps, features = self.input_shape
        if len(steps) > 1 or features is None or features < 1:
            raise InputError(
                f"input_shape={tuple(self.input_shape)} of {type(self).__name__}, expected (T, I), (None, I) or (I,); "
                "leave the rows out of it"
            )
        return Shape(features, bool(steps))

    def shape(self, given: Shape, after: str) -> Shape:
        """What the layer makes of what it is given.

        Args:
            given: from the layer before.
            after: that layer's name, for the message.

        Raises:
            InputError: the layer cannot stand there; says what to do.
        """
        raise NotImplementedError

    def build(self, given: Shape) -> nn.Module:
        """Make the torch module, its weights drawn as Keras draws them."""
        raise NotImplementedError

    def to_keras(self, module: Any) -> Arrays:
        """The module's weights in Keras' order, shapes and gate order."""
        return []

    def from_keras(self, module: Any, arrays: Arrays) -> None:
        """Set the module's weights from what `to_keras` gives."""


def to_numpy(tensor: Tensor) -> NDArray[np.floating[Any]]:
    """A copy of a parameter, wherever it lies, in an array of its own."""
    return np.array(tensor.detach().cpu().numpy(), order="C")


def positive(name: str, value: int) -> int:
    """Return `value`, or raise `InputError` unless it is a whole number above 0."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise InputError(f"{name}={value!r}, expected a whole number above 0; change it")
    return int(value)


def no_tokens(layer: str, given: Shape) -> None:
    """Raise `InputError` if the layer is given token numbers, which are names and not quantities."""
    if given.tokens:
        raise InputError(
            f"{layer} is given token numbers (B, T), expected numbers (B, T, I); "
            "put Embedding(input_dim, output_dim) before it"
        )
