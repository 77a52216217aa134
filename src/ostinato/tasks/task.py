"""What all classifiers of sequences share: scikit-learn's manners."""

from abc import abstractmethod
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from ostinato._core.errors import InputError
from ostinato.tasks.estimator import Estimator
from ostinato.tasks.inputs import NAMES, Kind, Sequences, is_table, read_sequences
from ostinato.tasks.labels import Form, Labels


class Task(ClassifierMixin, Estimator):
    """Base of the classifiers.

    A subclass names its `task` (the key in `TASKS`) and the `inputs` it takes, and writes `fit`, `_logits`, `_learned`
    and `_restore`; the rest is here and in `Estimator`.

    Attributes:
        classes_: the classes, sorted, (C,); of multi-label targets the column numbers.
        form_: "binary", "multiclass" or "multilabel".
        input_: "text", "tokens" or "numeric", what `fit` was given.
    """

    inputs: ClassVar[tuple[Kind, ...]]
    classes_: np.ndarray
    form_: Form
    input_: Kind

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
        common = {
            "classes": {"dtype": self.classes_.dtype.str, "values": self.classes_.tolist()},
            "form": self.form_,
            "input": self.input_,
        }
        for name in ("n_features_in", "feature_names_in"):
            if hasattr(self, f"{name}_"):
                common[name] = np.asarray(getattr(self, f"{name}_")).tolist()
        return common

    def _restore_common(self, learned: dict[str, Any]) -> None:
        self.classes_ = np.asarray(learned["classes"]["values"], dtype=np.dtype(learned["classes"]["dtype"]))
        self.form_, self.input_ = learned["form"], learned["input"]
        if "n_features_in" in learned:
            self.n_features_in_ = learned["n_features_in"]
        if "feature_names_in" in learned:
            self.feature_names_in_ = np.asarray(learned["feature_names_in"], dtype=object)

    @property
    def _labels(self) -> Labels:
        return Labels(self.form_, self.classes_)

    def _read(self, X: Any, reset: bool = False, check: bool = True) -> Sequences:
        """Check X; `reset` in `fit`, else against what `fit` saw."""
        if check and not reset:
            check_is_fitted(self)
        if is_table(X):
            X = validate_data(
                self, X, reset=reset, ensure_all_finite=False
            )  # finite is checked below, naming the place
        elif reset:
            for name in ("n_features_in_", "feature_names_in_"):
                self.__dict__.pop(name, None)
        read = read_sequences(X, None if reset else self.input_)
        if read.kind not in self.inputs:
            remedy = "take SummaryBaseline" if read.kind == "numeric" else "take BagOfWords"
            raise InputError(
                f"X is made of {NAMES[read.kind]}, expected {' or '.join(NAMES[kind] for kind in self.inputs)} "
                f"for {type(self).__name__}; {remedy} or SequenceClassifier"
            )
        return read

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = "numeric" in self.inputs
        tags.input_tags.three_d_array = "numeric" in self.inputs
        tags.input_tags.string = "text" in self.inputs
        tags.target_tags.multi_output = True
        tags.classifier_tags.multi_label = True
        return tags
