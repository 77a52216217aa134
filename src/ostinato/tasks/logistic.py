"""Logistic regression with lasso, ridge or elastic-net penalty, its strength chosen on a held-out part."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.svm import l1_min_c

from ostinato.tasks.dense import Dense
from ostinato.tasks.held_out import hold_out
from ostinato.tasks.labels import Labels

_STEP, _VALUES, _PATIENCE = 2.0, 20, 3
_LEAST = 1e-4  # nats: a gain below this is not worth a weaker penalty


def fit_logistic(
    features: Any,
    codes: np.ndarray,
    labels: Labels,
    weights: np.ndarray | None,
    l1_ratio: float,
    C: float | None,
    seed: int,
) -> tuple[Dense, dict[str, Any]]:
    """Fit a logistic regression.

    Args:
        features: (B, F), dense or CSR.
        codes: class numbers (B,), or an indicator (B, C).
        labels: the classes.
        weights: (B,) or `None`.
        l1_ratio: 1 lasso, 0 ridge, between: elastic net.
        C: inverse strength of the penalty; `None`: chosen. Then values from strong to weak, each twice the last, are
            fitted on most of the rows, each from the last one's solution where the solver can, until the
            log-loss on the rest has three times not got better; the best is fitted anew on all rows.
        seed: of the held-out part and of the solvers.

    Returns:
        The fitted layer, and what was found: `C` and the path of held-out log-losses.
    """
    found: dict[str, Any] = {}
    if C is None:
        train, held = hold_out(codes, share_to_choose_by(len(codes)), seed)
        if len(held) < 2:
            C = 1.0  # too few rows to choose by: scikit-learn's default
        else:
            C, found["path"] = _choose(features, codes, labels, weights, l1_ratio, seed, train, held)
    solver = _solver(labels, l1_ratio, seed)
    found["C"] = C
    return _fit(solver, features, codes, labels, weights, C), found


def share_to_choose_by(rows: int) -> float:
    """Share of the rows to hold out: a tenth, of few rows more, so that 200 of them, or a third, have a say.

    Example:
        >>> [share_to_choose_by(rows) for rows in (25_000, 1_000)]
        [0.1, 0.2]
    """
    return max(0.1, min(1 / 3, 200 / rows))


def log_loss(logits: np.ndarray, codes: np.ndarray, labels: Labels, weights: np.ndarray | None) -> float:
    """Mean negative log-likelihood, in nats, of class numbers or of an indicator (mean over its columns too)."""
    chance = np.clip(labels.probabilities(logits), 1e-15, 1.0)
    if labels.form == "multilabel":
        each = -(codes * np.log(chance) + (1 - codes) * np.log(np.clip(1 - chance, 1e-15, 1))).mean(axis=1)
    else:
        each = -np.log(chance[np.arange(len(codes)), codes])
    return float(each.mean() if weights is None else np.average(each, weights=weights) if weights.any() else 0.0)


def _choose(
    features: Any,
    codes: np.ndarray,
    labels: Labels,
    weights: np.ndarray | None,
    l1_ratio: float,
    seed: int,
    train: np.ndarray,
    held: np.ndarray,
) -> tuple[float, list[dict[str, float]]]:
    solver = _solver(labels, l1_ratio, seed)
    of = (None, None) if weights is None else (weights[train], weights[held])
    path: list[dict[str, float]] = []
    best, waited = np.inf, 0
    for C in _grid(features[train], codes[train], l1_ratio):
        dense = _fit(solver, features[train], codes[train], labels, of[0], C)
        loss = log_loss(dense(features[held]), codes[held], labels, of[1])
        path.append({"C": C, "log_loss": loss})
        waited = 0 if loss < best - _LEAST else waited + 1
        best = min(best, loss)
        if waited >= _PATIENCE:
            break
    return min(path, key=lambda point: point["log_loss"])["C"], path


def _grid(features: Any, codes: np.ndarray, l1_ratio: float) -> Iterator[float]:
    """Values of C from strong to weak.

    The lasso begins at the strength that leaves no weight but the intercept, which scales with the features as the
    answer does. A ridge has no such point; its best C lies below the lasso's, and so does its beginning.
    """
    one = codes if codes.ndim == 1 else codes[:, int(np.argmin(np.abs(codes.mean(axis=0) - 0.5)))]
    lowest = _lowest(features, one)
    start = lowest / max(l1_ratio, 1.0 / 64)
    if l1_ratio == 0:
        start = lowest / 64
    return iter([start * _STEP**power for power in range(1, _VALUES + 1)])


def _lowest(features: Any, codes: np.ndarray) -> float:
    """The C below which a lasso keeps no weight, 1e-3 where there is none: one class, or features that tell nothing."""
    if len(np.unique(codes)) < 2:
        return 1e-3
    try:
        lowest = float(l1_min_c(features, codes, loss="log"))
    except ValueError:  # as many of each class, and no feature goes with any: each C leaves all weights at nought
        return 1e-3
    rounding = 1e-12 * max(float(abs(features).sum(axis=0).max()), len(codes))
    return lowest if 2 / lowest > rounding else 1e-3  # l1_min_c is 2 over the largest sum of a feature with its signs


def _solver(labels: Labels, l1_ratio: float, seed: int) -> LogisticRegression:
    if l1_ratio == 1:
        # coordinate descent is several times faster than saga on sparse text, but knows two classes only
        return LogisticRegression(l1_ratio=1, solver="liblinear", max_iter=100, random_state=seed)
    warm = labels.form != "multilabel"  # there, one solver fits a label after the other
    if l1_ratio == 0:
        return LogisticRegression(l1_ratio=0, solver="lbfgs", max_iter=300, warm_start=warm)
    return LogisticRegression(
        l1_ratio=l1_ratio, solver="saga", max_iter=100, tol=1e-3, random_state=seed, warm_start=warm
    )


def _fit(
    solver: LogisticRegression, features: Any, codes: np.ndarray, labels: Labels, weights: np.ndarray | None, C: float
) -> Dense:
    solver.set_params(C=C)
    one_vs_rest = labels.form == "multiclass" and solver.solver == "liblinear"
    columns = codes if codes.ndim == 2 else np.eye(len(labels.classes))[codes] if one_vs_rest else None
    with warnings.catch_warnings():
        # a path's loosest values may stop before convergence; the held-out loss judges what they came to
        warnings.simplefilter("ignore", ConvergenceWarning)
        if columns is None:
            solver.fit(features, codes, sample_weight=weights)
            return Dense((solver.coef_.T.copy(),), (solver.intercept_.copy(),))
        fitted = [_column(solver, features, column, weights) for column in columns.T]
    weight, bias = (np.stack(parts, axis=-1) for parts in zip(*fitted, strict=True))
    return Dense((weight,), (bias,), one_vs_rest)


def _column(
    solver: LogisticRegression, features: Any, column: np.ndarray, weights: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    if column.min() == column.max():  # a label that all rows have, or none: its odds, by the rule of succession
        odds = np.log((column.sum() + 1.0) / (len(column) - column.sum() + 1.0))
        return np.zeros(features.shape[1]), np.asarray(odds)
    solver.fit(features, column, sample_weight=weights)
    return solver.coef_[0].copy(), np.asarray(solver.intercept_[0])
