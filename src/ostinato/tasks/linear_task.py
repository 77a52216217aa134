"""What the baselines share: features to a matrix, the matrix to dense layers."""

from abc import abstractmethod
from time import perf_counter
from typing import Any, Self

import numpy as np

from ostinato._core.errors import InputError
from ostinato.tasks.dense import Dense
from ostinato.tasks.inputs import Sequences
from ostinato.tasks.labels import Labels, check_lengths, read_labels
from ostinato.tasks.logistic import fit_logistic
from ostinato.tasks.perceptron import fit_perceptron
from ostinato.tasks.task import Task
from ostinato.tasks.weights import row_weights

_L1_RATIO = {"l1": 1.0, "l2": 0.0, "elasticnet": 0.5}
_ALPHA = 1e-4  # scikit-learn's L2 penalty of a network


class LinearTask(Task):
    """Base of the baselines. A subclass turns sequences into features: `_fit_features` and `_features`."""

    model: str
    penalty: str
    C: float | None
    hidden: tuple[int, ...]
    class_weight: Any
    random_state: Any
    dense_: Dense

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from rows and their labels.

        Args:
            X: B rows.
            y: B labels, or a 0/1 indicator (B, C).
            sample_weight: B weights from 0 up, or `None`.

        Returns:
            The estimator.

        Raises:
            InputError: rows, labels, weights or arguments that do not do; says which.
        """
        began = perf_counter()
        read = self._read(X, reset=True)
        labels = read_labels(y, type(self).__name__)
        check_lengths(len(read), y)
        codes = labels.encode(y)
        weights = row_weights(codes, labels, self.class_weight, sample_weight, len(read))
        self.seed_ = self._seed()
        self.input_, self.form_, self.classes_ = read.kind, labels.form, labels.classes
        features = self._fit_features(read, weights)
        self.dense_, found = self._fit_dense(features, codes, labels, weights)
        self.metrics_ = {
            "rows": len(read),
            "train_seconds": perf_counter() - began,
            "parameters": self.parameters_,
            "nonzero_parameters": self.dense_.nonzero,
            **found,
        }
        return self

    @property
    def parameters_(self) -> int:
        """Number of weights and biases; `metrics_["nonzero_parameters"]` says how many a lasso kept."""
        return self.dense_.parameters

    @abstractmethod
    def _fit_features(self, read: Sequences, weights: np.ndarray | None) -> Any:
        """Learn what features need, and return them, (B, F)."""

    @abstractmethod
    def _features(self, read: Sequences) -> Any:
        """Features of checked rows, (B, F)."""

    def _logits(self, read: Sequences) -> np.ndarray:
        return self.dense_(self._features(read))

    def _fit_dense(
        self, features: Any, codes: np.ndarray, labels: Labels, weights: np.ndarray | None
    ) -> tuple[Dense, dict[str, Any]]:
        one_of("model", self.model, ("logistic", "network"))
        one_of("penalty", self.penalty, tuple(_L1_RATIO))
        C, hidden = self.C, self.hidden
        if C is not None and not (isinstance(C, int | float) and C > 0):
            raise InputError(f"C={C!r}, expected a number above 0, or None to have it chosen; correct it")
        if self.model == "logistic":
            return fit_logistic(features, codes, labels, weights, _L1_RATIO[self.penalty], C, self.seed_)
        if not hidden or any(not isinstance(units, int | np.integer) or units < 1 for units in hidden):
            raise InputError(f"hidden={hidden!r}, expected units of each hidden layer, as (16, 16); correct it")
        penalty = _ALPHA if C is None else 1.0 / C
        return fit_perceptron(features, codes, labels, weights, tuple(hidden), penalty, self.seed_)

    def _learned(self) -> tuple[dict[str, Any], dict[str, np.ndarray], str | None]:
        return {"one_vs_rest": self.dense_.one_vs_rest}, self.dense_.tensors(), None

    def _restore(self, learned: dict[str, Any], tensors: dict[str, np.ndarray], tokenizer: str | None) -> None:
        self.dense_ = Dense.from_tensors(tensors, learned["one_vs_rest"])


def one_of(name: str, value: Any, known: tuple[str, ...]) -> None:
    """Raise if an argument is not one of the known words.

    Raises:
        InputError: names the words.
    """
    if value not in known:
        raise InputError(f"{name}={value!r}, expected one of {', '.join(map(repr, known))}; choose one")
