"""A part of the rows held out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ostinato._core.errors import InputError


@dataclass(frozen=True)
class Split:
    """Which rows are trained on and which are held out.

    Attributes:
        train: int64 row numbers, rising.
        held_out: int64 row numbers, rising.
        note: None, or why the classes could not be given their share in both parts.
    """

    train: NDArray[np.int64]
    held_out: NDArray[np.int64]
    note: str | None = None


def split(rows: int, fraction: float, *, labels: Sequence[Any] | ArrayLike | None = None, seed: int = 0) -> Split:
    """Hold out a part of the rows, each class with its share where labels are given.

    Args:
        rows: number of rows B, at least 2.
        fraction: share to hold out, between 0 and 1 (at least one row stays in either part).
        labels: (B,) classes, or None.
        seed: any integer from 0 up; equal seeds give equal parts.

    Returns:
        The split. Where a class is too small to be in both parts, classes are not minded and `note` says why.

    Raises:
        InputError: fewer than 2 rows, a fraction out of range, or another number of labels.

    Source: scikit-learn's `train_test_split`.

    Example:
        >>> split(4, 0.5, labels=["a", "a", "b", "b"]).note is None
        True
        >>> split(3, 0.5, labels=["a", "a", "b"]).note
        "class 'b' has one row: held-out rows are drawn without regard to class"
    """
    from sklearn.model_selection import train_test_split  # costs a second to import; most readers never split

    if rows < 2:
        raise InputError(f"{rows} rows: expected at least 2 to hold some out; pass more, or hold none out")
    if not 0 < fraction < 1:
        raise InputError(f"fraction {fraction}: expected between 0 and 1, as 0.1; pass a share of the rows")
    held = min(max(1, round(rows * fraction)), rows - 1)
    classes, note = None, None
    if labels is not None:
        classes = [str(label) for label in np.asarray(labels).tolist()]
        if len(classes) != rows:
            raise InputError(f"{len(classes)} labels: expected {rows}, one a row; pass as many")
        note = _why_not(Counter(classes), held, rows - held)
    train, held_out = train_test_split(
        np.arange(rows), test_size=held, random_state=seed, stratify=classes if note is None else None
    )
    return Split(np.sort(train), np.sort(held_out), note)


def _why_not(counts: Counter[str], held: int, kept: int) -> str | None:
    otherwise = "held-out rows are drawn without regard to class"
    name, least = min(counts.items(), key=lambda entry: (entry[1], entry[0]))
    if least < 2:
        return f"class {name!r} has one row: {otherwise}"
    if min(held, kept) < len(counts):
        return f"{min(held, kept)} rows in one part for {len(counts)} classes: {otherwise}"
    return None
