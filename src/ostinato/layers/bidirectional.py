"""A recurrent layer that reads each row from both ends."""

from typing import Any

from ostinato._core.errors import InputError
from ostinato.layers.layer import Arrays, Layer, Shape
from ostinato.layers.recurrent import RecurrentLayer, RecurrentModule
from ostinato.train.lookup import lookup

_MERGES = {"concat": "concat", "sum": "sum", "ave": "mean", "mul": "product"}  # Keras' names → the engine's


class Bidirectional(Layer):
    """Two copies of a recurrent layer, one reading forwards, one backwards, their outputs merged.

    Args:
        layer: a `SimpleRNN`, `LSTM` or `GRU`.
        merge_mode: "concat" (twice the features), "sum", "ave" or "mul".
        input_shape: (None, I) if it is the first layer and the model is to be built before it sees data.
        name: shown in the summary.

    Source: Schuster & Paliwal 1997.

    Example:
        >>> from ostinato.layers import LSTM, Embedding, Sequential
        >>> Sequential([Embedding(100, 16), Bidirectional(LSTM(8))]).output_shape
        '(B, 16)'
    """

    def __init__(
        self, layer: RecurrentLayer, merge_mode: str = "concat", input_shape: Any = None, name: str | None = None
    ) -> None:
        if not isinstance(layer, RecurrentLayer):
            raise InputError(
                f"Bidirectional is given {type(layer).__name__}, expected SimpleRNN, LSTM or GRU; wrap one of them"
            )
        super().__init__(input_shape=input_shape or layer.input_shape, name=name)
        self.layer = layer
        self.merge_mode = merge_mode
        self._merge = lookup(merge_mode, _MERGES, "merge_mode")

    def shape(self, given: Shape, after: str) -> Shape:
        """As the wrapped layer, with twice the features for "concat"."""
        one = self.layer.shape(given, after)
        return Shape(one.features * (2 if self.merge_mode == "concat" else 1), one.steps, remembers=True)

    def build(self, given: Shape) -> RecurrentModule:
        """The engine's layer with two directions."""
        return self.layer.make(given, bidirectional=True, merge=self._merge)

    def to_keras(self, module: Any) -> Arrays:
        """The forward direction's arrays, then the backward one's."""
        return self.layer.to_keras(module)

    def from_keras(self, module: Any, arrays: Arrays) -> None:
        """Set what `to_keras` gives."""
        self.layer.from_keras(module, arrays)
