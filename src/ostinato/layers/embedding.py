"""Token numbers to learned vectors."""

from typing import Any

import numpy as np
import torch

from ostinato._core.errors import InputError, ShapeError
from ostinato.layers.layer import Arrays, Layer, Shape, positive, to_numpy
from ostinato.nn import Embedding as Vectors


class Embedding(Layer):
    """A vector for each token; the first layer of a model of texts.

    Args:
        input_dim: V, the vocabulary's size; tokens are 0 … V-1.
        output_dim: numbers a vector.
        mask_zero: token 0 is padding: zeros at a row's beginning and end are taken away before anything is computed.
            `False`, as in Keras: zeros are tokens like others.
        name: shown in the summary.
        input_length: taken, as Keras' programs give it, and not used: rows may have any length.

    Source: starts uniform in ±0.05, as Keras' `Embedding`.

    Example:
        >>> from ostinato.layers import Sequential
        >>> Sequential([Embedding(10_000, 128)]).count_params()
        1280000
    """

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        mask_zero: bool = False,
        name: str | None = None,
        *,
        input_length: int | None = None,
    ) -> None:
        super().__init__(name=name)
        self.input_dim = positive("input_dim", input_dim)
        self.output_dim = positive("output_dim", output_dim)
        self.mask_zero = mask_zero

    def first(self) -> Shape:
        """Token numbers."""
        return Shape(0, True)

    def shape(self, given: Shape, after: str) -> Shape:
        """(B, T) → (B, T, output_dim)."""
        if not given.tokens:
            raise InputError(f"Embedding stands after {after}, expected as the first layer; move it to the front")
        return Shape(self.output_dim, True)

    def build(self, given: Shape) -> Vectors:
        """Draw the table."""
        module = Vectors(self.input_dim, self.output_dim)
        torch.nn.init.uniform_(module.weight, -0.05, 0.05)
        return module

    def to_keras(self, module: Any) -> Arrays:
        """[(V, output_dim)]."""
        return [to_numpy(module.weight)]

    def from_keras(self, module: Any, arrays: Arrays) -> None:
        """Set the table."""
        (table,) = arrays
        if table.shape != tuple(module.weight.shape):
            raise ShapeError(f"embeddings have shape {table.shape}, expected {tuple(module.weight.shape)}; transpose?")
        with torch.no_grad():
            module.weight.copy_(torch.from_numpy(np.asarray(table)))
