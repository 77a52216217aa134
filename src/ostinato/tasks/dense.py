"""Dense layers on a matrix of features: what the baselines learn, and all they need to predict."""

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Dense:
    """Logits = f(... relu(features · W₁ + b₁) ... · W_n + b_n); with one layer, a logistic regression.

    Kept as plain arrays, and not as scikit-learn's fitted objects, because those can only be stored by pickle.

    Args:
        weights: matrices, (features, units) each.
        biases: vectors, (units,) each.
        one_vs_rest: each class was fitted against the others; the logits are then log-sigmoids, so that their softmax
            is the sigmoids, scaled to sum to 1.
    """

    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    one_vs_rest: bool = False

    def __call__(self, features: Any) -> np.ndarray:
        """Compute logits of features (B, F), dense or sparse: (B,) if there is one, else (B, C)."""
        value = features
        for number, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            value = np.asarray(value @ weight) + bias
            if number < len(self.weights) - 1:
                value = np.maximum(value, 0.0)
        if self.one_vs_rest:
            value = -np.logaddexp(0.0, -value)
        return np.asarray(value[:, 0] if value.shape[1] == 1 else value)

    @property
    def parameters(self) -> int:
        """Number of weights and biases."""
        return sum(array.size for array in (*self.weights, *self.biases))

    @property
    def nonzero(self) -> int:
        """Number of weights and biases that are not 0: what a lasso keeps."""
        return sum(int(np.count_nonzero(array)) for array in (*self.weights, *self.biases))

    def tensors(self) -> dict[str, np.ndarray]:
        """Arrays by name, to be saved."""
        named: dict[str, np.ndarray] = {}
        for number, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            named |= {f"dense.{number}.weight": weight, f"dense.{number}.bias": bias}
        return named

    @classmethod
    def from_tensors(cls, tensors: dict[str, np.ndarray], one_vs_rest: bool) -> "Dense":
        """Undo `tensors`."""
        count = sum(name.startswith("dense.") for name in tensors) // 2
        weights = tuple(tensors[f"dense.{number}.weight"] for number in range(count))
        return cls(weights, tuple(tensors[f"dense.{number}.bias"] for number in range(count)), one_vs_rest)
