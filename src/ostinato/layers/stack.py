"""A list of layers and the network built from it."""

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, cast

from numpy.typing import NDArray
from torch import nn

from ostinato._core.errors import InputError, ShapeError
from ostinato._core.random import derive, seeded
from ostinato.layers import weights
from ostinato.layers.layer import Arrays, Layer, Shape
from ostinato.layers.network import Network
from ostinato.layers.summary import table


class Stack:
    """What a `Sequential` is before it is trained: layers, checked and built one by one, and their weights.

    Args:
        layers: the layers in order; more by `add`.
        name: shown in the summary.
        seed: of the starting weights; `None`: drawn from torch's generator.
    """

    def __init__(self, layers: Iterable[Layer] = (), name: str = "sequential", seed: int | None = None) -> None:
        self.name = name
        self.seed = seed
        self.layers: list[Layer] = []
        self.network: Network | None = None
        self._names: list[str] = []
        self._input: Shape | None = None
        self._shapes: list[Shape] = []  # of each layer's output, as far as built
        self._modules: dict[str, nn.Module] = {}
        for layer in layers:
            self.add(layer)

    def add(self, layer: Layer) -> None:
        """Put a layer at the end.

        Raises:
            InputError: it cannot stand there; says what to do.
        """
        if not isinstance(layer, Layer):
            raise InputError(
                f"{layer!r} is not a layer of ostinato.layers, expected Embedding, LSTM, GRU, SimpleRNN, "
                "Bidirectional, Dense or Dropout; make one with its parentheses"
            )
        if not self.layers:
            self._input = layer.first()
        self.layers.append(layer)
        self._names.append(self._fresh_name(layer))
        try:
            self._build()
        except InputError:
            self.layers.pop()
            self._names.pop()
            raise

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Draw the weights for rows of this shape: (None, I), (T, I) or (I,); done by `fit` if need be."""
        if self._input is None:
            self._input = Layer(input_shape=input_shape).first()
            self._build()

    def _fresh_name(self, layer: Layer) -> str:
        kind = type(layer).__name__
        plain = "simple_rnn" if kind == "SimpleRNN" else re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind).lower()
        name, count = layer.name or plain, 0
        while name in self._names:
            count += 1
            name = f"{layer.name or plain}_{count}"
        return name

    def _build(self) -> None:
        """Build the layers that are not built yet, if the input's shape is known."""
        if self._input is None:
            return
        for k in range(len(self._shapes), len(self.layers)):
            layer, given = self.layers[k], self._shapes[k - 1] if k else self._input
            shape = layer.shape(given, f"'{self._names[k - 1]}'" if k else "the input")
            with seeded(None if self.seed is None else derive(self.seed, k)):
                self._modules[self._names[k]] = layer.build(given)
            self._shapes.append(shape)
        self.network = Network(self._modules, rows=not self._input.steps)

    def _ready(self) -> tuple[Network, Shape]:
        """The network and what it gives."""
        if self.network is None or not self._shapes:
            raise InputError(
                "the model is not built: its input's shape is not known, expected an Embedding, Input((None, I)) or "
                "input_shape= in front; add one, call build, or fit it first"
            )
        return self.network, self._shapes[-1]

    def _given(self) -> Shape:
        """What the network takes."""
        self._ready()
        return cast(Shape, self._input)

    @property
    def output_shape(self) -> str:
        """What the model gives, as "(B, units)" or "(B, T, units)"."""
        return str(self._ready()[1])

    def count_params(self) -> int:
        """The number of parameters."""
        return sum(p.numel() for p in self._ready()[0].parameters())

    def summary(self, print_fn: Callable[[str], object] = print) -> None:
        """Print a table of the layers: name, type, output's shape (B rows, T steps), parameters.

        Args:
            print_fn: is given the table.
        """
        network, _ = self._ready()
        counts = [sum(p.numel() for p in module.parameters()) for module in network.layers.values()]
        rows = [
            (name, type(layer).__name__, str(shape), count)
            for name, layer, shape, count in zip(self._names, self.layers, self._shapes, counts, strict=True)
        ]
        print_fn(table(self.name, rows, sum(p.numel() for p in network.parameters() if not p.requires_grad)))

    def get_weights(self) -> Arrays:
        """All weights as Keras gives them: layer by layer, its shapes, its order of gates."""
        network, _ = self._ready()
        pairs = zip(self.layers, network.layers.values(), strict=True)
        return [array for layer, module in pairs for array in layer.to_keras(module)]

    def set_weights(self, arrays: Sequence[NDArray[Any]]) -> None:
        """Take all weights from Keras' arrays, as `keras_model.get_weights()` gives them.

        Raises:
            ShapeError: another number of arrays, or an array of another shape.
        """
        network, _ = self._ready()
        counts = [
            len(layer.to_keras(module)) for layer, module in zip(self.layers, network.layers.values(), strict=True)
        ]
        if len(arrays) != sum(counts):
            raise ShapeError(f"{len(arrays)} arrays given, expected {sum(counts)}; give those of the same model")
        left = list(arrays)
        for layer, module, count in zip(self.layers, network.layers.values(), counts, strict=True):
            layer.from_keras(module, left[:count])
            del left[:count]

    def save_weights(self, path: str | Path) -> None:
        """Write the weights to a safetensors file, whole or not at all."""
        weights.save(self._ready()[0], Path(path))

    def load_weights(self, path: str | Path) -> None:
        """Read what `save_weights` wrote.

        Raises:
            ModelFileError: the file is missing, damaged or of another model; names it.
        """
        weights.load(self._ready()[0], Path(path))
