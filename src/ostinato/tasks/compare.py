"""Several classifiers on the same rows: how well, how fast, how large."""

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from sklearn.base import clone

from ostinato._core.errors import InputError
from ostinato.tasks.evaluate import measure
from ostinato.tasks.held_out import hold_out
from ostinato.tasks.labels import check_lengths, read_labels
from ostinato.tasks.saving import size_bytes

# Called with the name of what is about to be fitted, and ", seed 3" behind it where there are several seeds.
Announce = Callable[[str], object]
# Called with the name of what has been fitted and measured, and with the fitted estimator.
Keep = Callable[[str, Any], object]


def compare(
    X: Any,
    y: Any,
    estimators: Mapping[str, Any],
    *,
    X_test: Any = None,
    y_test: Any = None,
    test_fraction: float = 0.2,
    random_state: int = 0,
    seeds: Iterable[int] | None = None,
    announce: Announce | None = None,
    keep: Keep | None = None,
) -> list[dict[str, Any]]:
    """Fit each estimator on the same rows and measure it on the same others.

    Use it to see whether a network is worth its cost: put `BagOfWords` or `SummaryBaseline` beside it.

    Args:
        X: rows to learn from; an estimator that needs a held-out part takes it from these.
        y: their labels.
        estimators: name -> classifier, of ours or scikit-learn's; each is cloned, so that yours stay as they are.
        X_test: rows to measure on, used once a fitted estimator; `None` cuts them from X.
        y_test: their labels.
        test_fraction: share of X to measure on, classes in proportion, where `X_test` is not given.
        random_state: seed of that cut.
        seeds: one run each, with this `random_state` of the estimators; `None` runs them once, as they are.
        announce: called with a name before it is fitted.
        keep: called with a name and the fitted estimator, once a run; the `setdefault` of a dict keeps the first.

    Returns:
        A dict an estimator, in the order given: `name`, `accuracy`, `log_loss_nats`, `train_seconds`,
        `predict_ms_a_row`, and of our own estimators `parameters`, `nonzero_parameters` (what a lasso kept) and
        `size_bytes` of the saved folder (`None` of others). With several seeds the means, and `accuracy_spread`, the
        sample standard deviation.

    Raises:
        InputError: no estimators, no seeds, or too few rows to hold any out.

    Example:
        >>> from ostinato.tasks import BagOfWords
        >>> rows = compare(["good fun", "so bad"] * 20, [1, 0] * 20, {"lasso": BagOfWords(C=100.0)})
        >>> rows[0]["name"], rows[0]["accuracy"]
        ('lasso', 1.0)
    """
    numbers = [None] if seeds is None else list(seeds)
    for what, given, form in (("estimators", estimators, "{name: estimator}"), ("seeds", numbers, "range(3)")):
        if not given:
            raise InputError(f"{what} is empty, expected at least one; give {form}")
    check_lengths(len(X), y)
    if X_test is None:
        labels = read_labels(y, "compare")
        train, test = hold_out(labels.encode(y), test_fraction, random_state)
        if not len(test):
            raise InputError(f"X has {len(X)} rows, of which a share of {test_fraction} is none; give more, or X_test")
        X, X_test, y, y_test = _take(X, train), _take(X, test), _take(y, train), _take(y, test)
    rows = []
    for name, estimator in estimators.items():
        runs = []
        for seed in numbers:
            if announce is not None:
                announce(name if len(numbers) == 1 else f"{name}, seed {seed}")
            fresh = seeded(clone(estimator), seed)
            runs.append(_measured(fresh, X, y, X_test, y_test))
            if keep is not None:
                keep(name, fresh)
        rows.append({"name": name, **together(runs)})
    return rows


def seeded(estimator: Any, seed: int | None) -> Any:
    """Set each `random_state`, of the parts of a pipeline too; an estimator that draws nothing has none."""
    names = [] if seed is None else [name for name in estimator.get_params() if name.endswith("random_state")]
    return estimator.set_params(**dict.fromkeys(names, seed))


def _measured(estimator: Any, X: Any, y: Any, X_test: Any, y_test: Any) -> dict[str, Any]:
    began = perf_counter()
    estimator.fit(X, y)
    fitted = perf_counter()
    probabilities = estimator.predict_proba(X_test)
    predicted = perf_counter()
    found = measure(y_test, probabilities, estimator.classes_, "y_test").summary
    ours = hasattr(estimator, "parameters_")
    return {
        "accuracy": found["accuracy"],
        "log_loss_nats": found["log_loss_nats"],
        "train_seconds": fitted - began,
        "predict_ms_a_row": (predicted - fitted) * 1e3 / found["rows"],
        "parameters": estimator.parameters_ if ours else None,
        "nonzero_parameters": estimator.metrics_.get("nonzero_parameters") if ours else None,
        "size_bytes": saved_bytes(estimator) if hasattr(estimator, "save") else None,
    }


def saved_bytes(estimator: Any) -> int:
    """Bytes of the folder that an estimator is saved in."""
    with tempfile.TemporaryDirectory() as folder:
        return size_bytes(estimator.save(Path(folder) / "model"))


def together(runs: Sequence[Mapping[str, Any]], first: str = "accuracy") -> dict[str, Any]:
    """Take the means over the runs, and the spread of the `first` measure; what is counted stays a whole number."""
    if len(runs) == 1:
        return dict(runs[0])
    columns = {key: [run[key] for run in runs] for key in runs[0]}
    spread = float(np.std(columns[first], ddof=1))
    means = {key: _mean(values) for key, values in columns.items()}
    return {first: means.pop(first), f"{first}_spread": spread, **means}


def _mean(values: Sequence[Any]) -> Any:
    if None in values:
        return None
    mean = float(np.mean(values))
    return round(mean) if isinstance(values[0], int) else mean


def _take(rows: Any, numbers: np.ndarray) -> Any:
    if isinstance(rows, np.ndarray):
        return rows[numbers]
    return [rows[number] for number in numbers] if isinstance(rows, Sequence) else np.asarray(rows)[numbers]
