"""A weighted sum of the inputs and an activation."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from ostinato._core.errors import InputError, ShapeError
from ostinato.layers.activations import ACTIVATIONS
from ostinato.layers.flow import Flow, tokenwise
from ostinato.layers.layer import Arrays, Layer, Shape, no_tokens, positive, to_numpy
from ostinato.train.lookup import lookup


class Dense(Layer):
    """activation(x W + b), of a row's vector or of every step's.

    Args:
        units: numbers out.
        activation: "sigmoid", "tanh", "relu", "softmax", "linear" or `None`, which is "linear". Where the last layer
            has the sigmoid or softmax that the loss wants, training works on the sums before it, so that no
            logarithm of 0 is taken.
        use_bias: whether there is b.
        input_shape: (I,) or (None, I) if it is the first layer and the model is to be built before it sees data.
        name: shown in the summary.

    Source: W starts Glorot uniform (Glorot & Bengio 2010), b at 0, as in Keras.

    Example:
        >>> from ostinato.layers import Input, Sequential
        >>> Sequential([Input((128,)), Dense(1, activation="sigmoid")]).count_params()
        129
    """

    def __init__(
        self,
        units: int,
        activation: str | None = None,
        use_bias: bool = True,
        input_shape: Sequence[int | None] | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(input_shape=input_shape, name=name)
        self.units = positive("units", units)
        self.activation = activation or "linear"
        lookup(self.activation, ACTIVATIONS, "activation")
        self.use_bias = use_bias

    def shape(self, given: Shape, after: str) -> Shape:
        """(…, I) → (…, units)."""
        no_tokens("Dense", given)
        if given.steps and not given.remembers:
            raise InputError(
                f"Dense is given a vector a step {given} by {after}, expected a recurrent layer in between; "
                "put LSTM, GRU or SimpleRNN before it"
            )
        return Shape(self.units, given.steps, given.remembers)

    def build(self, given: Shape) -> "DenseModule":
        """Draw W."""
        return DenseModule(given.features, self.units, self.use_bias, self.activation)

    def to_keras(self, module: Any) -> Arrays:
        """[(I, units), (units,)]."""
        bias = [] if module.linear.bias is None else [to_numpy(module.linear.bias)]
        return [to_numpy(module.linear.weight.T), *bias]

    def from_keras(self, module: Any, arrays: Arrays) -> None:
        """Set W and b."""
        shapes = [array.shape for array in self.to_keras(module)]
        if [np.shape(array) for array in arrays] != shapes:
            raise ShapeError(
                f"Dense weights have shapes {[np.shape(a) for a in arrays]}, expected {shapes}; transpose?"
            )
        with torch.no_grad():
            module.linear.weight.copy_(torch.as_tensor(np.asarray(arrays[0])).T)
            if module.linear.bias is not None:
                module.linear.bias.copy_(torch.as_tensor(np.asarray(arrays[1])))


class DenseModule(nn.Module):
    """`logits` is the sum before the activation."""

    def __init__(self, inputs: int, units: int, bias: bool, activation: str) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, units, bias)
        nn.init.xavier_uniform_(self.linear.weight)
        if bias:
            nn.init.zeros_(self.linear.bias)
        self.activation = activation

    def logits(self, x: Flow) -> Flow:
        """(…, I) → (…, units), before the activation."""
        return tokenwise(self.linear, x)

    def forward(self, x: Flow) -> Flow:
        """(…, I) → (…, units)."""
        return tokenwise(ACTIVATIONS[self.activation], self.logits(x))
