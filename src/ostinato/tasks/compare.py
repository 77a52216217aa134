"""Several classifiers on the same rows: how well, how fast, how large."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from sklearn.base import clone

from ostinato._core.errors import InputError
from ostinato.tasks.evaluate import labels_of, measures
from ostinato.tasks.held_out import hold_out
from ostinato.tasks.labels import check_lengths, read_labels

# Called when an estimator is about to be fitted, with its name.
Announce = Callable[[str], object]


def compare(
    X: Any,
    y: Any,
    estimators: Mapping[str, Any],
    *,
    X_test: Any = None,
    y_test: Any = None,
    test_fraction: float = 0.2,
    random_state: int = 0,
    announce: Announce | None = None,
) -> list[dict[str, Any]]:
    """Fit each estimator on the same rows and measure it on the same others.

    Use it to see whether a network is worth its cost: put `BagOfWords` or `SummaryBaseline` beside it.

    Args:
        X: rows to learn from; an estimator that needs a held-out part takes it from these.
        y: their labels.
        estimators: name -> classifier, of ours or scikit-learn's; each is cloned, so that yours stay as they are.
        X_test: rows to measure on; `None` cuts them from X.
        y_test: their labels.
        test_fraction: share of X to measure on, classes in proportion, where `X_test` is not given.
        random_state: seed of that cut.
        announce: called with a name before it is fitted.

    Returns:
        A dict an estimator, in the order given: `name`, `accuracy`, `log_loss_nats`, `train_seconds`,
        `predict_ms_a_row`, and of our own estimators `parameters`, `nonzero_parameters` (what a lasso kept) and
        `size_bytes` of the saved folder (`None` of others).

    Raises:
        InputError: no estimators, or too few rows to hold any out.

    Example:
        >>> from ostinato.tasks import BagOfWords
        >>> rows = compare(["good fun", "so bad"] * 20, [1, 0] * 20, {"lasso": BagOfWords(C=100.0)})
        >>> rows[0]["name"], rows[0]["accuracy"]
        ('lasso', 1.0)
    """
    if not estimators:
        raise InputError("estimators is empty, expected at least one; give {name: estimator}")
    check_lengths(len(X), y)
    if X_test is None:
        labels = read_labels(y, "compare")
        train, test = hold_out(labels.encode(y), test_fraction, random_state)
        if not len(test):
            raise InputError(f"X has {len(X)} rows, of which a share of {test_fraction} is none; give more, or X_test")
        X, X_test, y, y_test = _take(X, train), _take(X, test), _take(y, train), _take(y, test)
    rows = []
    for name, estimator in estimators.items():
        if announce is not None:
            announce(name)
        rows.append({"name": name, **_measured(clone(estimator), X, y, X_test, y_test)})
    return rows


def size_bytes(estimator: Any) -> int:
    """Bytes of the folder that a fitted estimator of ours is saved to."""
    with tempfile.TemporaryDirectory() as folder:
        return sum(file.stat().st_size for file in estimator.save(Path(folder) / "model").iterdir())


def _measured(estimator: Any, X: Any, y: Any, X_test: Any, y_test: Any) -> dict[str, Any]:
    began = perf_counter()
    estimator.fit(X, y)
    fitted = perf_counter()
    probabilities = np.asarray(estimator.predict_proba(X_test), dtype=np.float64)
    predicted = perf_counter()
    labels = labels_of(estimator, y_test)
    found = measures(labels, labels.encode(y_test, "y_test"), probabilities)
    ours = hasattr(estimator, "parameters_")
    return {
        "accuracy": found["accuracy"],
        "log_loss_nats": found["log_loss_nats"],
        "train_seconds": fitted - began,
        "predict_ms_a_row": (predicted - fitted) * 1e3 / len(probabilities),
        "parameters": estimator.parameters_ if ours else None,
        "nonzero_parameters": estimator.metrics_.get("nonzero_parameters") if ours else None,
        "size_bytes": size_bytes(estimator) if hasattr(estimator, "save") else None,
    }


def _take(rows: Any, numbers: np.ndarray) -> Any:
    if isinstance(rows, np.ndarray):
        return rows[numbers]
    return [rows[number] for number in numbers] if isinstance(rows, Sequence) else np.asarray(rows)[numbers]
