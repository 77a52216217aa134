"""What the user calls X, checked: texts, token sequences or numeric sequences."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ostinato._core.errors import InputError, NotFiniteError, ShapeError

Kind = Literal["text", "tokens", "numeric"]
NAMES: dict[Kind, str] = {"text": "texts", "tokens": "integer tokens", "numeric": "numbers"}
_EXPECTED = "expected a list of texts, of integer token sequences, or of (T, I) arrays of numbers"


@dataclass(frozen=True)
class Sequences:
    """B checked sequences.

    Args:
        kind: what they are made of.
        values: B texts; or B token sequences, int64 (T,); or B numeric sequences, float64 (T, I).
    """

    kind: Kind
    values: list[Any]

    def __len__(self) -> int:
        return len(self.values)

    @property
    def channels(self) -> int:
        """Numbers a step, I; 0 for texts and tokens."""
        return int(self.values[0].shape[1]) if self.kind == "numeric" else 0

    def take(self, rows: np.ndarray) -> "Sequences":
        """The sequences of these row numbers."""
        return Sequences(self.kind, [self.values[row] for row in rows])


def read_sequences(X: Any, expected: Kind | None = None) -> Sequences:
    """Find out what X is made of, and check each row of it.

    Args:
        X: B rows: texts; 1-D sequences of integers, each a token; 1-D sequences of numbers with a fraction, each a
            step of one channel; (T, I) arrays. Or one array, (B, T) or (B, T, I), of numbers.
        expected: what the estimator was fitted on; integers then count as numbers if it was fitted on numbers.

    Returns:
        The sequences.

    Raises:
        InputError: no rows, an empty row, a row of another kind than the first; names the row.
        ShapeError: rows that differ in channels.
        NotFiniteError: NaN or infinity; names row and step.

    Example:
        >>> read_sequences([[3, 1], [2]]).kind, read_sequences(["a text"]).kind, read_sequences([[0.5], [1, 2]]).kind
        ('tokens', 'text', 'numeric')
    """
    if isinstance(X, str | bytes):
        raise InputError(f"X is one {type(X).__name__}, {_EXPECTED}; put it into a list: [X]")
    rows = _rows(X)
    if len(rows) == 0:
        raise InputError(f"X has 0 rows, {_EXPECTED}; give at least one row")
    if any(isinstance(row, str) for row in rows):
        read = _read_texts(rows)
    else:
        read = _read_arrays(rows, expected, whole=getattr(X, "ndim", 1) > 1)
    if expected is not None and read.kind != expected:
        raise InputError(
            f"X is made of {NAMES[read.kind]}, expected {NAMES[expected]} as in fit; convert it, or fit on such rows"
        )
    return read


def is_table(X: Any) -> bool:
    """Say whether X is a 2-D array of numbers: B rows of T scalars, what scikit-learn's own estimators take.

    A nested list counts where its rows are lists of one length with a fraction among the numbers; integers alone would
    be tokens. So do a sparse matrix and a 1-D array of numbers, for scikit-learn to refuse them in its words.

    Example:
        >>> is_table(np.zeros((2, 3))), is_table([[1.0, 2.0], [3.0, 4.0]]), is_table([[1, 2], [3, 4]])
        (True, True, False)
    """
    if hasattr(X, "toarray"):
        return True
    if hasattr(X, "__array__"):
        array = np.asarray(X)
        if array.ndim == 2 and array.size and isinstance(array.flat[0], str):
            raise InputError(f"X is a {array.shape} array of texts, expected one axis, (B,); give one column, X[:, 0]")
        return array.ndim == 2 or (array.ndim == 1 and array.dtype.kind in "iufbc")
    if not isinstance(X, list) or not X or not all(isinstance(row, list | tuple) for row in X):
        return False
    return len({len(row) for row in X}) == 1 and any(isinstance(part, float) for row in X for part in row)


def _rows(X: Any) -> Sequence[Any]:
    if hasattr(X, "ndim") and hasattr(X, "__array__"):
        array = np.asarray(X)
        if array.ndim == 0:
            raise InputError(f"X is the single value {X!r}, {_EXPECTED}; put it into a list")
        if array.ndim > 3:
            raise ShapeError(f"X has {array.ndim} axes, shape {array.shape}, expected (B, T) or (B, T, I); reshape it")
        return list(array)
    try:
        return list(X)
    except TypeError:
        raise InputError(f"X is a {type(X).__name__}, {_EXPECTED}; convert it") from None


def _read_texts(rows: Sequence[Any]) -> Sequences:
    for number, row in enumerate(rows):
        if not isinstance(row, str):
            raise InputError(
                f"X[{number}] is {_short(row)}, expected a text as in other rows; drop the row or write '' for no text"
            )
    return Sequences("text", [str(row) for row in rows])


def _read_arrays(rows: Sequence[Any], expected: Kind | None, whole: bool) -> Sequences:
    arrays = [_array(row, number) for number, row in enumerate(rows)]
    axes = arrays[0].ndim
    for number, array in enumerate(arrays):
        if array.ndim != axes:
            raise ShapeError(
                f"X[{number}] has shape {array.shape}, expected {axes} axes as X[0] of shape {arrays[0].shape}; "
                "reshape it: (T,) for tokens or one channel, (T, I) for I channels"
            )
    tokens = axes == 1 and not whole and all(array.dtype.kind in "iu" for array in arrays) and expected != "numeric"
    if tokens:
        return Sequences("tokens", [_tokens(array, number) for number, array in enumerate(arrays)])
    numeric = [np.asarray(array, dtype=np.float64).reshape(len(array), -1) for array in arrays]
    channels = numeric[0].shape[1]
    for number, array in enumerate(numeric):
        if array.shape[1] != channels:
            raise ShapeError(
                f"X[{number}] has {array.shape[1]} numbers a step, expected {channels} as X[0]; make them alike"
            )
        check_finite(array, number)
    return Sequences("numeric", numeric)


def check_finite(array: np.ndarray, row: int) -> None:
    """Raise if a (T, I) array holds NaN or infinity, naming the place.

    Raises:
        NotFiniteError: names row, step and channel.
    """
    finite = np.isfinite(array)
    if finite.all():
        return
    step, channel = (int(place) for place in np.argwhere(~finite)[0])
    value = "NaN" if np.isnan(array[step, channel]) else "inf"
    raise NotFiniteError(
        f"X[{row}] holds {value} at step {step}, channel {channel}, expected a finite number; fill it or drop the row"
    )


def _array(row: Any, number: int) -> np.ndarray:
    if row is None or isinstance(row, dict | bytes):
        raise InputError(f"X[{number}] is {_short(row)}, {_EXPECTED}; drop the row or convert it")
    try:
        array = np.asarray(row)
        if array.dtype.kind == "O":
            array = array.astype(np.float64)
    except (TypeError, ValueError):
        raise InputError(f"X[{number}] is {_short(row)}, expected as many numbers at each step; convert it") from None
    if array.dtype.kind not in "iufb":
        kind = "complex numbers" if array.dtype.kind == "c" else f"values of type {array.dtype}"
        raise InputError(f"X[{number}] holds {kind}, expected real numbers; convert it")
    if array.ndim not in (1, 2):
        raise ShapeError(f"X[{number}] has shape {array.shape}, expected (T,) or (T, I); wrap or reshape it")
    if array.size == 0:
        raise InputError(f"X[{number}] is empty, shape {array.shape}, expected at least one step; drop the row")
    return array


def _tokens(array: np.ndarray, number: int) -> np.ndarray:
    if array.min() < 0:
        step = int(np.argmax(array < 0))
        raise InputError(f"X[{number}] holds token {array[step]} at step {step}, expected tokens from 0 up; renumber")
    return array.astype(np.int64)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
