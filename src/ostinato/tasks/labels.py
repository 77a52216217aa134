"""What the user calls y: labels to class numbers and back."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from ostinato._core.errors import InputError, NotFiniteError

Form = Literal["binary", "multiclass", "multilabel"]


@dataclass(frozen=True)
class Labels:
    """The classes, and how a row relates to them.

    Args:
        form: two classes, more classes, or any number of C labels a row.
        classes: (C,) sorted; of multi-label targets the column numbers.
    """

    form: Form
    classes: np.ndarray

    @property
    def outputs(self) -> int:
        """Logits a row: one where there are two classes, else C."""
        return 1 if self.form == "binary" else len(self.classes)

    def encode(self, y: Any, name: str = "y") -> np.ndarray:
        """Turn labels into class numbers, int64 (B,), or an indicator, float32 (B, C).

        Raises:
            InputError: an unknown label; names its row.
        """
        if self.form == "multilabel":
            return self._encode_indicator(y, name)
        labels = flat_labels(y, name)
        numbers = {label: number for number, label in enumerate(self.classes.tolist())}
        found = [numbers.get(label, -1) for label in labels.tolist()]
        codes = np.asarray(found, dtype=np.int64)
        if (codes < 0).any():
            row = int(np.argmax(codes < 0))
            raise InputError(
                f"{name}[{row}] is {labels.tolist()[row]!r}, expected one of {listed(self.classes)}; "
                "drop the row, or fit on rows that have the label"
            )
        return codes

    def probabilities(self, logits: np.ndarray) -> np.ndarray:
        """Turn logits, (B,) or (B, C), into float64 probabilities (B, C)."""
        logits = logits.astype(np.float64)
        if self.form == "binary":
            positive = _sigmoid(logits)
            return np.stack([_sigmoid(-logits), positive], axis=1)
        if self.form == "multilabel":
            return _sigmoid(logits)
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))

    def decide(self, logits: np.ndarray) -> np.ndarray:
        """Turn logits, (B,) or (B, C), into labels (B,), or an int64 indicator (B, C)."""
        if self.form == "multilabel":
            return (logits > 0).astype(np.int64)
        chosen = (logits > 0).astype(np.int64) if self.form == "binary" else logits.argmax(axis=1)
        return np.asarray(self.classes[chosen])

    def _encode_indicator(self, y: Any, name: str) -> np.ndarray:
        indicator = np.asarray(y)
        if indicator.ndim != 2 or indicator.shape[1] != len(self.classes) or not np.isin(indicator, (0, 1)).all():
            raise InputError(
                f"{name} has shape {indicator.shape}, expected a 0/1 indicator (B, {len(self.classes)}) as in fit; "
                "give one column a label"
            )
        return indicator.astype(np.float32)


def read_labels(y: Any, estimator: str, classes: Any = None) -> Labels:
    """Find the classes of y.

    Args:
        y: B labels (texts, integers, booleans), or a 0/1 indicator (B, C) of any number of labels a row.
        estimator: its name, for the message.
        classes: all classes there will be, where y need not show each of them (`partial_fit`).

    Returns:
        The classes and their form.

    Raises:
        InputError: y missing, not labels, or of one class only.

    Example:
        >>> read_labels(["pos", "neg", "pos"], "SequenceClassifier").classes.tolist()
        ['neg', 'pos']
    """
    if y is None:
        raise InputError(
            f"{estimator} requires y to be passed, but the target y is None; expected one label a row; give them"
        )
    check_missing(y)
    try:
        kind = type_of_target(y, input_name="y")
        check_classification_targets(y)
    except (ValueError, TypeError) as error:
        raise InputError(f"{error} Expected a label a row, or a 0/1 indicator of labels; convert y") from None
    if kind == "multilabel-indicator":
        columns = np.asarray(y.toarray() if hasattr(y, "toarray") else y).shape[1]
        return Labels("multilabel", np.arange(columns))
    if kind == "multiclass-multioutput":
        raise InputError(
            "y has several columns of classes, expected a label a row or a 0/1 indicator; fit one a column"
        )
    try:
        found = np.unique(flat_labels(y) if classes is None else np.asarray(classes))
    except TypeError:
        raise InputError("y mixes labels that do not compare, expected all texts or all numbers; convert y") from None
    if found.dtype.kind not in "biufU" and not all(isinstance(label, str) for label in found):
        raise InputError(f"y holds labels like {found[0]!r}, expected texts, numbers or booleans; convert y")
    if len(found) < 2:
        raise InputError(f"y holds 1 class, {listed(found)}, expected at least 2 classes; add rows of another class")
    return Labels("binary" if len(found) == 2 else "multiclass", found)


def flat_labels(y: Any, name: str = "y") -> np.ndarray:
    """Labels as a 1-D array; a column (B, 1) is flattened with scikit-learn's warning."""
    check_missing(y, name)
    try:
        return np.asarray(column_or_1d(np.asarray(y), warn=True))
    except ValueError as error:
        raise InputError(f"{error} Expected one label a row in {name}; reshape it") from None


def check_missing(y: Any, name: str = "y") -> None:
    """Raise if a label is `None` or NaN, naming its row.

    Raises:
        InputError: names the row.
    """
    if hasattr(y, "toarray"):
        return
    values = np.asarray(y) if hasattr(y, "__array__") else np.asarray(y, dtype=object)
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        row = int(np.argwhere(~np.isfinite(values))[0][0])
        # the words in brackets are those that scikit-learn's checks look for
        raise NotFiniteError(
            f"{name}[{row}] is not finite (Input {name} contains {'NaN' if np.isnan(values).any() else 'infinity'}), "
            "expected a label; drop the row or give it a label"
        )
    if values.dtype.kind == "O" and values.ndim == 1:
        for row, label in enumerate(values):
            if label is None or (isinstance(label, float) and label != label):
                raise InputError(f"{name}[{row}] is {label}, expected a label; drop the row or give it a label")


def check_lengths(rows: int, targets: Any, name: str = "y") -> None:
    """Raise if X and y differ in rows.

    Raises:
        InputError: names both counts.
    """
    count = targets.shape[0] if hasattr(targets, "toarray") else np.asarray(targets, dtype=object).shape[0]
    if count != rows:
        raise InputError(f"{name} has {count} rows, expected {rows} as X; give one {name} a row of X")


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.exp(-np.logaddexp(0.0, -x)))


def listed(classes: np.ndarray) -> str:
    """Write the first ten classes out, for a message."""
    names = [repr(label) for label in classes.tolist()]
    return ", ".join(names) if len(names) <= 10 else f"{', '.join(names[:10])}, ... ({len(names)} in all)"
