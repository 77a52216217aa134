"""Keras' layers with the problem's weights, on whichever backend the process was started with."""

import keras
import numpy as np
import torch

from kernels.problem import Problem
from ostinato.cells.convert import from_keras, to_keras

LAYERS = {
    "lstm": lambda H: keras.layers.LSTM(H, return_sequences=True, unroll=False),
    "gru": lambda H: keras.layers.GRU(H, return_sequences=True, unroll=False, reset_after=True),
    "gru_reset_before": lambda H: keras.layers.GRU(H, return_sequences=True, unroll=False, reset_after=False),
    "rnn_tanh": lambda H: keras.layers.SimpleRNN(H, return_sequences=True, unroll=False),
}


class Stack(keras.layers.Layer):
    """Recurrent layers one upon the other, each told what is padding."""

    def __init__(self, p: Problem) -> None:
        super().__init__()
        self.supports_masking = True
        s = p.shape
        self.stack = [LAYERS[p.cell](s.H) for _ in range(s.L)]
        if s.D == 2:
            self.stack = [keras.layers.Bidirectional(layer) for layer in self.stack]

    def build(self, shape: tuple[int, ...]) -> None:
        """Make the weights of all layers."""
        for layer in self.stack:
            layer.build(shape)
            shape = layer.compute_output_shape(shape)

    def call(self, x, mask=None):
        """Run all layers."""
        for layer in self.stack:
            x = layer(x, mask=mask)
        return x


def stack(p: Problem) -> Stack:
    """Build the layers with the problem's weights."""
    s = p.shape
    built = Stack(p)
    built.build((s.B, s.T, s.I))
    arrays = [a for w in p.weights for a in to_keras(p.cell, {n: torch.tensor(v) for n, v in w.items()})]
    built.set_weights([a.numpy() for a in arrays])
    return built


def flat(p: Problem, gradients: list[np.ndarray]) -> np.ndarray:
    """Put the gradients of Keras' arrays into torch's order: the matrices of all layers, one after the other."""
    parts = []
    for k in range(0, len(gradients), 3):
        theirs = from_keras(p.cell, [torch.tensor(g) for g in gradients[k : k + 3]])
        parts += [theirs["weight_ih"].numpy().ravel(), theirs["weight_hh"].numpy().ravel()]
    return np.concatenate(parts)


def batch_first(p: Problem) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Inputs and dy as Keras takes them, rows first, and what is real, where something is not."""
    x, dy = (np.ascontiguousarray(a.swapaxes(0, 1)) for a in (p.x, p.dy))
    return x, dy, np.ascontiguousarray(p.alive.T) if p.shape.ragged else None
