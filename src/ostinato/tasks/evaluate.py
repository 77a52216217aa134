"""How well predicted probabilities fit the true labels."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, log_loss, precision_recall_fscore_support, roc_auc_score

from ostinato.tasks.labels import Labels, check_lengths


@dataclass(frozen=True)
class Measures:
    """What `measure` found.

    Args:
        summary: rows, accuracy, log_loss_nats, macro_f1, commonest_class_accuracy and roc_auc, as `evaluate` says.
        classes: the classes, in the order of the probabilities' columns.
        per_class: a dict a class: class, rows, precision, recall, f1.
        confusion: rows of each true class (down) by predicted class (across), (C, C); of several labels (0, 0).
        mistakes: the numbers of the rows that were got wrong, the surest mistake first.
    """

    summary: dict[str, Any]
    classes: list[Any]
    per_class: list[dict[str, Any]]
    confusion: NDArray[np.int64]
    mistakes: list[int]


def evaluate(estimator: Any, X: Any, y: Any) -> dict[str, Any]:
    """Measure a fitted classifier on rows it has not seen.

    Any scikit-learn classifier with `predict_proba` will do.

    Args:
        estimator: fitted.
        X: B rows.
        y: their labels, or a 0/1 indicator (B, C).

    Returns:
        JSON-able:

            rows            B
            accuracy        of several labels a row: the share of rows with all of them right
            log_loss_nats   of several labels: the mean over them
            macro_f1        the mean over the classes that occur
            commonest_class_accuracy
                            the accuracy of always giving the commonest answer
            roc_auc         of two classes, both present; of several labels the mean over those with both values; else
                            `None`
            per_class       a dict a class: class, rows, precision, recall, f1
            confusion       rows of each true class (down) by predicted class (across); `None` of several labels
            mistakes        the numbers of the rows that were got wrong, the surest mistake first

    Raises:
        InputError: a label the estimator does not know; names its row. X and y of different lengths.

    Example:
        >>> from ostinato.tasks import BagOfWords
        >>> texts, labels = ["good fun", "so bad"] * 10, ["pos", "neg"] * 10
        >>> evaluate(BagOfWords(C=100.0).fit(texts, labels), texts, labels)["accuracy"]
        1.0
    """
    found = measure(y, estimator.predict_proba(X), estimator.classes_)
    return {
        **found.summary,
        "per_class": found.per_class,
        "confusion": found.confusion.tolist() or None,
        "mistakes": found.mistakes,
    }


def measure(y: Any, probabilities: Any, classes: Any, name: str = "y") -> Measures:
    """Measure predicted probabilities against the true labels.

    Use it where the probabilities are there already; `evaluate` asks an estimator for them.

    Args:
        y: B labels, or a 0/1 indicator (B, C).
        probabilities: (B, C).
        classes: C classes in the order of the columns.
        name: what the messages call y.

    Returns:
        Figures for all rows together, the same by class, who is taken for whom, and which rows were got wrong.

    Raises:
        InputError: a label that is none of the classes; names its row. y and probabilities of different lengths.

    Example:
        >>> measure(["a", "b"], [[0.8, 0.2], [0.6, 0.4]], ["a", "b"]).mistakes
        [1]
    """
    labels = _labels(y, np.asarray(classes))
    chances = np.asarray(probabilities, dtype=np.float64)
    check_lengths(len(chances), y, name)
    truth = labels.encode(y, name).astype(np.int64)
    several = labels.form == "multilabel"
    guess = (chances > 0.5).astype(np.int64) if several else chances.argmax(axis=1)
    numbers = np.arange(len(labels.classes))
    precision, recall, f1, rows = precision_recall_fscore_support(truth, guess, labels=numbers, zero_division=0)
    mistakes = _mistakes(truth, guess, chances)
    return Measures(
        summary={
            "rows": len(truth),
            "accuracy": (len(truth) - len(mistakes)) / len(truth),
            "log_loss_nats": _log_loss(truth, chances, several),
            "macro_f1": float(f1[rows > 0].mean()) if (rows > 0).any() else 0.0,
            "commonest_class_accuracy": float(np.unique(truth, axis=0, return_counts=True)[1].max() / len(truth)),
            "roc_auc": _roc_auc(labels, truth, chances),
        },
        classes=labels.classes.tolist(),
        per_class=[
            {"class": label, "rows": int(n), "precision": float(p), "recall": float(r), "f1": float(f)}
            for label, n, p, r, f in zip(labels.classes.tolist(), rows, precision, recall, f1, strict=True)
        ],
        confusion=np.empty((0, 0), np.int64) if several else confusion_matrix(truth, guess, labels=numbers),
        mistakes=mistakes,
    )


def _labels(y: Any, classes: np.ndarray) -> Labels:
    """Say how the rows of y relate to the classes."""
    if np.ndim(y) == 2 and np.shape(y)[1] > 1:
        return Labels("multilabel", classes)
    return Labels("binary" if len(classes) == 2 else "multiclass", classes)


def _mistakes(truth: np.ndarray, guess: np.ndarray, chances: np.ndarray) -> list[int]:
    """Order the wrong rows by the probability of the wrong guess; of several labels, of the surest wrong one."""
    if truth.ndim == 1:
        wrong, sure = truth != guess, chances.max(axis=1)
    else:
        wrong = (truth != guess).any(axis=1)
        sure = np.where(truth == guess, 0.0, np.maximum(chances, 1 - chances)).max(axis=1)
    numbers = np.flatnonzero(wrong)
    return [int(row) for row in numbers[np.argsort(-sure[numbers], kind="stable")]]


def _log_loss(truth: np.ndarray, chances: np.ndarray, several: bool) -> float:
    if several:  # of each label by itself, as it was trained; then the mean
        columns = zip(truth.T, chances.T, strict=True)
        return float(np.mean([log_loss(t, np.stack([1 - p, p], axis=1), labels=[0, 1]) for t, p in columns]))
    scaled = chances / chances.sum(axis=1, keepdims=True)
    return float(log_loss(truth, scaled, labels=np.arange(chances.shape[1])))


def _roc_auc(labels: Labels, truth: np.ndarray, chances: np.ndarray) -> float | None:
    if labels.form == "multiclass":
        return None
    columns = truth.T if labels.form == "multilabel" else [truth]
    scores = chances.T if labels.form == "multilabel" else [chances[:, 1]]
    areas = [roc_auc_score(t, p) for t, p in zip(columns, scores, strict=True) if t.min() < t.max()]
    return float(np.mean(areas)) if areas else None
