"""How much each row counts."""

from typing import Any

import numpy as np
from sklearn.utils.class_weight import compute_class_weight

from ostinato._core.errors import InputError
from ostinato.tasks.labels import Labels, listed


def row_weights(
    codes: np.ndarray, labels: Labels, class_weight: Any, sample_weight: Any, rows: int
) -> np.ndarray | None:
    """Multiply class weights and sample weights to one weight a row.

    Args:
        codes: what `Labels.encode` gave, of the B rows.
        labels: the classes.
        class_weight: `None`, "balanced" (a class weighs B / (C × its rows)), or class -> weight.
        sample_weight: `None`, or B weights from 0 up.
        rows: B.

    Returns:
        Float64 (B,), or `None` where all rows weigh the same.

    Raises:
        InputError: weights of a wrong shape, below 0, not finite, all 0, or of an unknown class.
    """
    weights = None if sample_weight is None else checked_weights(sample_weight, rows)
    if class_weight is None:
        return weights
    if labels.form == "multilabel":
        raise InputError("class_weight is given with multi-label y, expected None; use sample_weight instead")
    if class_weight != "balanced" and not isinstance(class_weight, dict):
        raise InputError(f"class_weight={class_weight!r}, expected None, 'balanced' or a dict; choose one")
    known = labels.classes.tolist()
    for label in class_weight if isinstance(class_weight, dict) else ():
        if label not in known:
            raise InputError(f"class_weight names {label!r}, expected one of {listed(labels.classes)}; correct it")
    if isinstance(class_weight, dict):  # scikit-learn refuses a class that these rows lack; a held-out part may lack it
        numbers = np.array([float(class_weight.get(label, 1.0)) for label in known])
    else:
        present, numbers = np.unique(codes), np.ones(len(known))
        numbers[present] = compute_class_weight("balanced", classes=labels.classes[present], y=labels.classes[codes])
    return np.asarray(numbers[codes] if weights is None else weights * numbers[codes])


def checked_weights(sample_weight: Any, rows: int) -> np.ndarray:
    """One weight a row, float64 (B,).

    Raises:
        InputError: weights of a wrong shape, below 0, not finite or all 0.
    """
    weights = np.asarray(sample_weight, dtype=np.float64)
    if weights.ndim == 0:
        weights = np.full(rows, float(weights))
    if weights.shape != (rows,):
        raise InputError(f"sample_weight has shape {weights.shape}, expected ({rows},), one weight a row; reshape it")
    if not np.isfinite(weights).all() or (weights < 0).any():
        row = int(np.argmax(~(np.isfinite(weights) & (weights >= 0))))
        raise InputError(f"sample_weight[{row}] is {weights[row]}, expected a finite number from 0 up; correct it")
    if not weights.any():
        raise InputError("sample_weight is zero in every row, expected a positive one; drop the argument")
    return weights
