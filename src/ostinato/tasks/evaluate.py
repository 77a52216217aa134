"""How well a fitted classifier does on labelled rows."""

from typing import Any

import numpy as np
from sklearn.metrics import confusion_matrix, log_loss, precision_recall_fscore_support, roc_auc_score

from ostinato.tasks.labels import Labels, check_lengths


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
            roc_auc         of two classes, both present; of several labels the mean over those with both values; else
                            `None`
            per_class       a dict a class: class, rows, precision, recall, f1
            confusion       rows of each true class (down) by predicted class (across); `None` of several labels

    Raises:
        InputError: a label the estimator does not know; names its row. X and y of different lengths.

    Example:
        >>> from ostinato.tasks import BagOfWords
        >>> texts, labels = ["good fun", "so bad"] * 10, ["pos", "neg"] * 10
        >>> evaluate(BagOfWords(C=100.0).fit(texts, labels), texts, labels)["accuracy"]
        1.0
    """
    labels = labels_of(estimator, y)
    probabilities = np.asarray(estimator.predict_proba(X), dtype=np.float64)
    check_lengths(len(probabilities), y)
    return measures(labels, labels.encode(y), probabilities)


def labels_of(estimator: Any, y: Any) -> Labels:
    """Say how the rows of y relate to the classes of a fitted classifier."""
    classes = np.asarray(estimator.classes_)
    if np.ndim(y) == 2 and np.shape(y)[1] > 1:
        return Labels("multilabel", classes)
    return Labels("binary" if len(classes) == 2 else "multiclass", classes)


def measures(labels: Labels, codes: np.ndarray, probabilities: np.ndarray) -> dict[str, Any]:
    """Measure probabilities (B, C) against class numbers (B,), or against an indicator (B, C); see `evaluate`."""
    several = labels.form == "multilabel"
    truth = codes.astype(np.int64)
    guess = (probabilities > 0.5).astype(np.int64) if several else probabilities.argmax(axis=1)
    right = (truth == guess).all(axis=1) if several else truth == guess
    numbers = np.arange(len(labels.classes))
    precision, recall, f1, rows = precision_recall_fscore_support(truth, guess, labels=numbers, zero_division=0)
    return {
        "rows": len(truth),
        "accuracy": float(right.mean()),
        "log_loss_nats": _log_loss(truth, probabilities, several),
        "macro_f1": float(f1[rows > 0].mean()) if (rows > 0).any() else 0.0,
        "roc_auc": _roc_auc(labels, truth, probabilities),
        "per_class": [
            {"class": label, "rows": int(n), "precision": float(p), "recall": float(r), "f1": float(f)}
            for label, n, p, r, f in zip(labels.classes.tolist(), rows, precision, recall, f1, strict=True)
        ],
        "confusion": None if several else confusion_matrix(truth, guess, labels=numbers).tolist(),
    }


def _log_loss(truth: np.ndarray, probabilities: np.ndarray, several: bool) -> float:
    if several:  # of each label by itself, as it was trained; then the mean
        columns = zip(truth.T, probabilities.T, strict=True)
        return float(np.mean([log_loss(t, np.stack([1 - p, p], axis=1), labels=[0, 1]) for t, p in columns]))
    scaled = probabilities / probabilities.sum(axis=1, keepdims=True)
    return float(log_loss(truth, scaled, labels=np.arange(probabilities.shape[1])))


def _roc_auc(labels: Labels, truth: np.ndarray, probabilities: np.ndarray) -> float | None:
    if labels.form == "multiclass":
        return None
    columns = truth.T if labels.form == "multilabel" else [truth]
    chances = probabilities.T if labels.form == "multilabel" else [probabilities[:, 1]]
    areas = [roc_auc_score(t, p) for t, p in zip(columns, chances, strict=True) if t.min() < t.max()]
    return float(np.mean(areas)) if areas else None
