"""What all estimators of whole sequences share: rows are read, checked and remembered alike."""

from typing import Any, ClassVar

import numpy as np
from sklearn.utils.validation import check_is_fitted, validate_data

from ostinato._core.errors import InputError
from ostinato.tasks.estimator import Estimator
from ostinato.tasks.inputs import NAMES, Kind, Sequences, is_table, read_sequences


class RowTask(Estimator):
    """Base of the estimators that give each sequence one answer. A subclass names the `inputs` it takes.

    Attributes:
        input_: "text", "tokens" or "numeric", what `fit` was given.
    """

    inputs: ClassVar[tuple[Kind, ...]]
    _others: ClassVar[dict[Kind, str]] = {  # what to take instead, for rows of these kinds
        "numeric": "take SummaryBaseline or SequenceClassifier",
        "text": "take BagOfWords or SequenceClassifier",
        "tokens": "take BagOfWords or SequenceClassifier",
    }
    input_: Kind

    def _common(self) -> dict[str, Any]:
        common: dict[str, Any] = {"input": self.input_}
        for name in ("n_features_in", "feature_names_in"):
            if hasattr(self, f"{name}_"):
                common[name] = np.asarray(getattr(self, f"{name}_")).tolist()
        return common

    def _restore_common(self, learned: dict[str, Any]) -> None:
        self.input_ = learned["input"]
        if "n_features_in" in learned:
            self.n_features_in_ = learned["n_features_in"]
        if "feature_names_in" in learned:
            self.feature_names_in_ = np.asarray(learned["feature_names_in"], dtype=object)

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
            raise InputError(
                f"X is made of {NAMES[read.kind]}, expected {' or '.join(NAMES[kind] for kind in self.inputs)} "
                f"for {type(self).__name__}; {self._others[read.kind]}"
            )
        return read

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = "numeric" in self.inputs
        tags.input_tags.three_d_array = "numeric" in self.inputs
        tags.input_tags.string = "text" in self.inputs
        tags.target_tags.multi_output = True
        return tags
