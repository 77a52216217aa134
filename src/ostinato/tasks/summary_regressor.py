"""Numbers from sequences summed up in one vector: what a recurrent regressor has to beat."""

from time import perf_counter
from typing import Any, Literal, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.linear_model import RidgeCV
from sklearn.neural_network import MLPRegressor

from ostinato._core.errors import InputError
from ostinato.tasks.dense import Dense
from ostinato.tasks.inputs import Kind
from ostinato.tasks.labels import check_lengths
from ostinato.tasks.row_task import RowTask
from ostinato.tasks.summing import Summing
from ostinato.tasks.targets import Targets, read_targets
from ostinato.tasks.weights import checked_weights

_ALPHAS = np.logspace(-4, 4, 17)
_EPOCHS = 200  # of the network


class SummaryRegressor(RegressorMixin, RowTask):
    """Predicts numbers from the last step of a sequence, its mean, or all its numbers side by side.

    Use it beside a recurrent regressor: where it does as well, the order of the steps tells nothing.

    Args:
        summary: "mean" of the steps, (I,); the "last" step, (I,); or "flat", all T × I numbers of sequences that are
            equally long.
        model: "ridge" regression, or a "network" of hidden ReLU layers.
        alpha: strength of the penalty; none has that of a ridge chosen by leaving one row out, and of a network is
            scikit-learn's.
        hidden: units of the network's hidden layers.
        random_state: seed of the network.

    Attributes:
        summing_: what makes one vector of a sequence.
        dense_: the learned layers.
        targets_: mean and scale of each target.

    Example:
        >>> rows = [np.full((2 + number % 3, 1), number) for number in range(12)]
        >>> SummaryRegressor().fit(rows, np.arange(12) * 3).predict([[[5.0]]]).round(1)
        array([15.])
    """

    task = "summary-regress"
    inputs = ("numeric",)
    _others: dict[Kind, str] = dict.fromkeys(("text", "tokens", "numeric"), "take SequenceRegressor")  # type: ignore[misc]

    def __init__(
        self,
        *,
        summary: Literal["mean", "last", "flat"] = "mean",
        model: Literal["ridge", "network"] = "ridge",
        alpha: float | None = None,
        hidden: tuple[int, ...] = (16, 16),
        random_state: int | None = None,
    ) -> None:
        self.summary = summary
        self.model = model
        self.alpha = alpha
        self.hidden = hidden
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from rows and their numbers.

        Args:
            X: B rows of numbers.
            y: (B,) or (B, K) numbers.
            sample_weight: B weights from 0 up, or `None`.

        Returns:
            The estimator.

        Raises:
            InputError: rows, numbers, weights or arguments that do not do; says which.
        """
        began = perf_counter()
        if y is None:
            raise InputError("y is None (requires y to be passed, but the target y is None), expected numbers; give y")
        read, columns = self._read(X, reset=True), read_targets(y)
        check_lengths(len(read), y)
        weights = None if sample_weight is None else checked_weights(sample_weight, len(read))
        self.seed_ = self._seed()
        self.input_ = read.kind
        self.summing_ = Summing.fit(self.summary, read, weights)
        self.targets_ = Targets.fit(columns, flat=np.asarray(y).ndim == 1, weights=weights)
        scaled = (columns - self.targets_.mean) / self.targets_.scale
        self.dense_, found = self._fitted(self.summing_(read), scaled, weights)
        self.metrics_ = {
            "rows": len(read),
            "train_seconds": perf_counter() - began,
            "parameters": self.parameters_,
            **found,
        }
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predict the numbers of each row.

        Args:
            X: B rows, as in `fit`.

        Returns:
            Float64 (B,), or (B, K) where `fit` was given (B, K).
        """
        read = self._read(X)
        return self.targets_.given_back(self.dense_(self.summing_(read)).reshape(len(read), -1))

    @property
    def parameters_(self) -> int:
        """Number of weights and biases."""
        return self.dense_.parameters

    def _fitted(
        self, features: np.ndarray, targets: np.ndarray, weights: np.ndarray | None
    ) -> tuple[Dense, dict[str, Any]]:
        if self.model == "ridge":
            alphas = _ALPHAS if self.alpha is None else np.asarray([self.alpha], np.float64)
            if alphas.min() <= 0:
                raise InputError(
                    f"alpha={self.alpha!r}, expected a number above 0, or None to have it chosen; correct it"
                )
            ridge = RidgeCV(alphas=alphas).fit(features, targets, sample_weight=weights)
            weight = np.asarray(ridge.coef_).reshape(targets.shape[1], -1).T
            return Dense((weight,), (np.asarray(ridge.intercept_).reshape(-1),)), {"alpha": float(ridge.alpha_)}
        if self.model != "network":
            raise InputError(f"model={self.model!r}, expected 'ridge' or 'network'; choose one")
        alpha = 1e-4 if self.alpha is None else self.alpha
        network = MLPRegressor(hidden_layer_sizes=self.hidden, alpha=alpha, random_state=self.seed_)
        network.set_params(batch_size=min(128, len(features)))
        for _ in range(_EPOCHS):  # epoch by epoch: `fit` would warn where it has not converged
            network.partial_fit(features, targets if targets.shape[1] > 1 else targets[:, 0], weights)
        return Dense(tuple(network.coefs_), tuple(network.intercepts_)), {"epochs": _EPOCHS}

    def _learned(self) -> tuple[dict[str, Any], dict[str, np.ndarray], str | None]:
        summing, arrays = self.summing_.stored()
        stored, of_targets = self.targets_.stored()
        return {**summing, **stored}, {**arrays, **of_targets, **self.dense_.tensors()}, None

    def _restore(self, learned: dict[str, Any], tensors: dict[str, np.ndarray], tokenizer: str | None) -> None:
        self.summing_ = Summing.restore(self.summary, learned, tensors)
        self.targets_ = Targets.restore(learned, tensors)
        self.dense_ = Dense.from_tensors(tensors, one_vs_rest=False)
