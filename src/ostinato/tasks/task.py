"""What all classifiers of sequences share: scikit-learn's manners."""

from abc import abstractmethod
from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin

from ostinato.tasks.inputs import Sequences
from ostinato.tasks.labels import Form, Labels
from ostinato.tasks.row_task import RowTask


class Task(ClassifierMixin, RowTask):
    """Base of the classifiers.

    A subclass names its `task` (the key in `TASKS`) and the `inputs` it takes, and writes `fit`, `_logits`, `_learned`
    and `_restore`; the rest is here, in `RowTask` and in `Estimator`.

    Attributes:
        classes_: the classes, sorted, (C,); of multi-label targets the column numbers.
        form_: "binary", "multiclass" or "multilabel".
    """

    classes_: np.ndarray
    form_: Form

    @abstractmethod
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from rows and their labels."""

    @abstractmethod
    def _logits(self, read: Sequences) -> np.ndarray:
        """Compute logits of checked rows, (B,) for two classes, else (B, C)."""

    def decision_function(self, X: Any) -> np.ndarray:
        """Compute logits.

        Args:
            X: B rows, as in `fit`.

        Returns:
            Float64: (B,) for two classes, above 0 meaning `classes_[1]`; else (B, C).
        """
        return self._logits(self._read(X))

    def predict(self, X: Any) -> np.ndarray:
        """Predict a label for each row.

        Args:
            X: B rows, as in `fit`.

        Returns:
            (B,) labels as `fit` saw them; of multi-label an int64 indicator (B, C).
        """
        logits = self.decision_function(X)
        return self._labels.decide(logits)

    def predict_proba(self, X: Any) -> np.ndarray:
        """Predict the probability of each class for each row.

        Args:
            X: B rows, as in `fit`.

        Returns:
            Float64 (B, C), columns as `classes_`. Rows sum to 1; of multi-label each column stands for itself.
        """
        logits = self.decision_function(X)
        return self._labels.probabilities(logits)

    def _common(self) -> dict[str, Any]:
        return {
            "classes": {"dtype": self.classes_.dtype.str, "values": self.classes_.tolist()},
            "form": self.form_,
            **super()._common(),
        }

    def _restore_common(self, learned: dict[str, Any]) -> None:
        super()._restore_common(learned)
        self.classes_ = np.asarray(learned["classes"]["values"], dtype=np.dtype(learned["classes"]["dtype"]))
        self.form_ = learned["form"]

    @property
    def _labels(self) -> Labels:
        return Labels(self.form_, self.classes_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
