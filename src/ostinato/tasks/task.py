"""What all estimators share: scikit-learn's manners, and saving."""

import os
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from ostinato._core.errors import InputError, ModelFileError
from ostinato._core.random import fresh
from ostinato.tasks import arguments, saving
from ostinato.tasks.inputs import NAMES, Kind, Sequences, is_table, read_sequences
from ostinato.tasks.labels import Form, Labels


class Task(ClassifierMixin, BaseEstimator):
    """Base of the estimators: constructor arguments are the whole configuration, learned things end in `_`.

    A subclass names its `task` (the key in `TASKS`) and the `inputs` it takes, and writes `fit`, `_logits`, `_learned`
    and `_restore`; the rest is here.

    Attributes:
        classes_: the classes, sorted, (C,); of multi-label targets the column numbers.
        form_: "binary", "multiclass" or "multilabel".
        input_: "text", "tokens" or "numeric", what `fit` was given.
        seed_: the seed that `fit` used; `random_state=seed_` repeats it.
        metrics_: what was measured while training, JSON-able.
    """

    task: ClassVar[str]
    inputs: ClassVar[tuple[Kind, ...]]
    classes_: np.ndarray
    form_: Form
    input_: Kind
    seed_: int
    metrics_: dict[str, Any]

    @abstractmethod
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from rows and their labels."""

    @property
    @abstractmethod
    def parameters_(self) -> int:
        """Number of learned numbers."""

    @abstractmethod
    def _logits(self, read: Sequences) -> np.ndarray:
        """Compute logits of checked rows, (B,) for two classes, else (B, C)."""

    @abstractmethod
    def _learned(self) -> tuple[dict[str, Any], dict[str, np.ndarray], str | None]:
        """What was learned: JSON, arrays, and the text of `tokenizer.json`."""

    @abstractmethod
    def _restore(self, learned: dict[str, Any], tensors: dict[str, np.ndarray], tokenizer: str | None) -> None:
        """Undo `_learned`."""

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

    def save(self, path: str | os.PathLike[str], extra_files: Mapping[str, bytes | str] | None = None) -> Path:
        """Write the fitted estimator to a folder, whole or not at all; no pickle.

        Args:
            path: the folder; replaced if it holds a model of ours.
            extra_files: name -> content of further files to keep with it, `report.html` say.

        Returns:
            The path.

        Raises:
            InputError: the path cannot be written to, or an argument cannot be stored.
            NotFittedError: there is nothing to save yet.
        """
        check_is_fitted(self)
        stored, arrays = arguments.to_json(self.get_params(deep=False))
        learned, tensors, tokenizer = self._learned()
        common = {
            "classes": {"dtype": self.classes_.dtype.str, "values": self.classes_.tolist()},
            "form": self.form_,
            "input": self.input_,
            "seed": self.seed_,
        }
        for name in ("n_features_in", "feature_names_in"):
            if hasattr(self, f"{name}_"):
                common[name] = np.asarray(getattr(self, f"{name}_")).tolist()
        saved = saving.Saved(
            self.task, stored, {**common, **learned}, {**arrays, **tensors}, tokenizer, jsonable(self.metrics_)
        )
        return saving.write(path, saved, extra_files)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read an estimator that `save` wrote.

        Args:
            path: the folder.

        Returns:
            The estimator; it predicts as the saved one did, bit for bit on the same machine.

        Raises:
            ModelFileError: the folder is missing, damaged, of a newer format or of another task; names the file.
        """
        return cls._from_saved(saving.read(path), path)

    @classmethod
    def _from_saved(cls, saved: saving.Saved, path: str | os.PathLike[str]) -> Self:
        if saved.task != cls.task:
            raise ModelFileError(
                f"{str(path)!r} holds a model for {saved.task!r}, expected {cls.task!r}; read it with ostinato.load"
            )
        known = arguments.from_json(saved.arguments, saved.tensors)
        unknown = sorted(set(known) - set(cls._get_param_names()))
        if unknown:
            raise ModelFileError(f"{str(path)!r} has {unknown[0]!r}, unknown to {cls.__name__}; upgrade ostinato")
        estimator = cls(**known)
        common = saved.learned
        estimator.classes_ = np.asarray(common["classes"]["values"], dtype=np.dtype(common["classes"]["dtype"]))
        estimator.form_, estimator.input_, estimator.seed_ = common["form"], common["input"], common["seed"]
        estimator.metrics_ = saved.metrics
        if "n_features_in" in common:
            estimator.n_features_in_ = common["n_features_in"]
        if "feature_names_in" in common:
            estimator.feature_names_in_ = np.asarray(common["feature_names_in"], dtype=object)
        estimator._restore(common, saved.tensors, saved.tokenizer)
        return estimator

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

    def _seed(self) -> int:
        """The seed of this fit, from `random_state`."""
        state: Any = getattr(self, "random_state", None)
        if state is None:
            return fresh()
        if isinstance(state, np.random.RandomState):
            return int(state.randint(2**31 - 1))
        if isinstance(state, bool) or not isinstance(state, int | np.integer) or state < 0:
            raise InputError(f"random_state={state!r}, expected an integer from 0 up, a RandomState or None; give one")
        return int(state)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = "numeric" in self.inputs
        tags.input_tags.three_d_array = "numeric" in self.inputs
        tags.input_tags.string = "text" in self.inputs
        tags.target_tags.multi_output = True
        tags.classifier_tags.multi_label = True
        return tags


def jsonable(value: Any) -> Any:
    """Plain JSON of numbers measured: numpy's become Python's, NaN and infinity become `None`.

    Example:
        >>> jsonable({"loss": np.float32(0.5), "auc": float("nan")})
        {'loss': 0.5, 'auc': None}
    """
    if isinstance(value, Mapping):
        return {str(name): jsonable(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(part) for part in value]
    if isinstance(value, np.ndarray | np.generic):
        return jsonable(value.tolist())
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    return value
