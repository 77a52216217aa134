"""What every runner is given: one cell and shape, the same numbers for everybody."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ostinato.cells import CELLS

Array = np.ndarray


@dataclass(frozen=True)
class Shape:
    """Sizes of a problem; `ragged`: 15 to 500 steps, mean 223, as film reviews are."""

    B: int
    T: int
    I: int  # noqa: E741  (the field's letter)
    H: int
    ragged: bool = False
    L: int = 1
    D: int = 1


SHAPES = {
    "imdb": Shape(32, 500, 128, 128),
    "small": Shape(32, 200, 32, 32),
    "ner": Shape(32, 30, 100, 200),
    "lm-650": Shape(20, 35, 650, 650),
    "wide": Shape(64, 100, 512, 512),
    "forecast": Shape(64, 24, 3, 12),
    "one": Shape(1, 500, 128, 128),
    "ragged": Shape(32, 500, 128, 128, ragged=True),
    "ragged-both": Shape(32, 500, 128, 128, ragged=True, D=2),
    "ragged-deep": Shape(32, 500, 128, 128, ragged=True, L=3),
}
KINDS = ("train", "infer")


@dataclass(frozen=True)
class Problem:
    """One cell, shape and kind. Equal for equal arguments, in every process."""

    cell: str
    shape: Shape
    kind: str  # "train": forward and backward, the gradient of the input too; "infer"

    @cached_property
    def lengths(self) -> Array:
        """Steps of each row, (B,), descending."""
        s = self.shape
        if not s.ragged:
            return np.full(s.B, s.T)
        return np.round(15 + 485 * np.linspace(1, 0, s.B) ** 1.33).astype(np.int64)

    @cached_property
    def alive(self) -> Array:
        """Which steps are real, (T, B)."""
        return np.arange(self.shape.T)[:, None] < self.lengths

    @cached_property
    def x(self) -> Array:
        """Inputs, (T, B, I), zeros behind a row's end."""
        return self._normal(0, self.shape.I) * self.alive[..., None]

    @cached_property
    def dy(self) -> Array:
        """Gradient of the outputs, (T, B, D*H), zeros behind a row's end."""
        return self._normal(1, self.shape.D * self.shape.H) * self.alive[..., None]

    @cached_property
    def weights(self) -> list[dict[str, Array]]:
        """Parameters of each layer and direction, in torch's order and under torch's names."""
        s, draw = self.shape, np.random.default_rng(2)
        GH = len(CELLS[self.cell].gates) * s.H
        found = []
        for layer in range(s.L):
            I = s.I if layer == 0 else s.D * s.H  # noqa: E741  (the field's letter)
            sizes = {"weight_ih": (GH, I), "weight_hh": (GH, s.H), "bias_ih": (GH,), "bias_hh": (GH,)}
            for _ in range(s.D):
                bound = s.H**-0.5
                found.append({n: draw.uniform(-bound, bound, size).astype(np.float32) for n, size in sizes.items()})
        return found

    @property
    def operations(self) -> float:
        """Counted floating-point operations: 2 G H (I + H) a real token, three times that in training."""
        forward = sum(2.0 * w["weight_ih"].size + 2.0 * w["weight_hh"].size for w in self.weights)
        return forward * float(self.lengths.sum()) * (3 if self.kind == "train" else 1)

    def _normal(self, seed: int, size: int) -> Array:
        drawn = np.random.default_rng(seed).standard_normal((self.shape.T, self.shape.B, size))
        return drawn.astype(np.float32)
