"""How good predicted probabilities are, row by row and together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, log_loss, precision_recall_fscore_support


@dataclass(frozen=True)
class Measures:
    """What `measure` found.

    Args:
        summary: rows, accuracy, log_loss_nats, macro_f1, and the accuracy of always naming the commonest class.
        classes: the class names, in the order of the probabilities' columns.
        per_class: a row a class: class, rows, precision, recall, f1.
        confusion: rows of each true class (down) by predicted class (across), shape (C, C).
        mistakes: the numbers of the wrongly predicted rows, the surest mistake first.
    """

    summary: dict[str, Any]
    classes: list[str]
    per_class: list[dict[str, Any]]
    confusion: NDArray[np.int64]
    mistakes: list[int] = field(default_factory=list)


def measure(labels: Sequence[Any], probabilities: NDArray[np.floating[Any]], classes: Sequence[Any]) -> Measures:
    """Measure predicted probabilities against the true labels.

    Args:
        labels: the true label of each row; each is one of `classes`.
        probabilities: shape (B, C).
        classes: C class labels in the order of the columns.

    Returns:
        accuracy, log-loss in nats and macro-averaged F1, then the same by class, and who is taken for whom.

    Example:
        >>> measure(["a", "b"], np.array([[0.8, 0.2], [0.6, 0.4]]), ["a", "b"]).summary["accuracy"]
        0.5
    """
    known = list(classes)
    columns = {label: column for column, label in enumerate(known)}
    truth = np.array([columns[label] for label in labels], dtype=np.int64)
    guess = probabilities.argmax(axis=1)
    numbers = list(range(len(known)))
    precision, recall, f1, rows = precision_recall_fscore_support(truth, guess, labels=numbers, zero_division=0)
    sure = np.clip(probabilities.astype(np.float64), 1e-15, None)
    wrong = np.flatnonzero(truth != guess)
    summary = {
        "rows": len(truth),
        "accuracy": float((truth == guess).mean()),
        "log_loss_nats": float(log_loss(truth, sure / sure.sum(axis=1, keepdims=True), labels=numbers)),
        "macro_f1": float(f1[rows > 0].mean()),
        "commonest_class_accuracy": float(rows.max() / len(truth)),
    }
    per_class = [
        {"class": str(c), "rows": int(n), "precision": float(p), "recall": float(r), "f1": float(f)}
        for c, n, p, r, f in zip(known, rows, precision, recall, f1, strict=True)
    ]
    surest = wrong[np.argsort(-probabilities[wrong, guess[wrong]], kind="stable")]
    return Measures(
        summary, [str(c) for c in known], per_class, confusion_matrix(truth, guess, labels=numbers), surest.tolist()
    )
