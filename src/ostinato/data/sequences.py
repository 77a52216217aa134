"""Arrays and lists to rows that can be packed, each checked and, if wrong, named."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from ostinato._core.errors import InputError, NotFiniteError, ShapeError

Rows = list[NDArray[np.int64]] | list[NDArray[np.float32]]


def as_sequences(
    values: ArrayLike | Sequence[ArrayLike], *, lengths: ArrayLike | None = None, width: int | None = None
) -> list[NDArray[np.float32]]:
    """Turn numeric data of any usual form into a list of sequences.

    Args:
        values: (B, T, I) array; (B, T) array, each row a sequence of scalars; list of B arrays (T, I) or (T,) of
            unequal length. Any real dtype; torch tensors and nested lists too.
        lengths: (B,) steps that are real, for arrays padded at the end; None takes all T.
        width: number of inputs I that each row must have; None takes that of row 0.

    Returns:
        B float32 arrays of shape (T, I), I = 1 for scalars.

    Raises:
        ShapeError: a row has another width, no steps, or is ragged; names the row.
        NotFiniteError: NaN or infinity; names row and step.
        InputError: no rows; values that are no numbers; lengths out of range.

    Example:
        >>> [row.shape for row in as_sequences([[1, 2, 3], [4.5]])]
        [(3, 1), (1, 1)]
    """
    rows = [_numeric(row, number) for number, row in enumerate(_listed(values))]
    if lengths is not None:
        rows = _shortened(rows, np.asarray(lengths))
    for number, row in enumerate(rows):
        wanted = rows[0].shape[1] if width is None else width
        if row.shape[1] != wanted:
            raise ShapeError(f"row {number}: {row.shape[1]} inputs a step: expected {wanted}; give each row as many")
        check_steps(row, f"row {number}")
    return rows


def as_tokens(values: Sequence[ArrayLike], *, size: int | None = None) -> list[NDArray[np.int64]]:
    """Turn token ids into a list of sequences.

    Args:
        values: list of B integer arrays (T,), or a (B, T) integer array.
        size: vocabulary size V, or None; ids must be from 0 up to V - 1.

    Returns:
        B int64 arrays of shape (T,).

    Raises:
        ShapeError: a row has more than one dimension or no steps; names the row.
        InputError: no rows; a row of another dtype, or an id out of range; names row and step.

    Example:
        >>> as_tokens([[4, 2], [7]])
        [array([4, 2]), array([7])]
    """
    rows = []
    for number, value in enumerate(_listed(values)):
        row = _array(value, number)
        if row.ndim != 1:
            raise ShapeError(f"row {number}: shape {row.shape}: expected (T,) token ids; give one id a step")
        _not_empty(row, f"row {number}")
        if row.dtype.kind not in "iu":
            raise InputError(f"row {number}: dtype {row.dtype}: expected integer token ids; convert with .astype(int)")
        top = np.iinfo(np.int64).max if size is None else size - 1
        wrong = np.flatnonzero((row < 0) | (row > top))
        if wrong.size:
            expected = "0 or more" if size is None else f"0 to {top}"
            raise InputError(
                f"row {number}, step {wrong[0]}: id {row[wrong[0]]}: expected {expected}; use the same tokenizer"
            )
        rows.append(row.astype(np.int64, copy=False))
    return rows


def as_rows(values: Sequence[Any]) -> Rows:
    """Take token ids as they are and everything else as numbers: the kind of row 0 decides.

    Args:
        values: as `as_tokens` (integer rows of one dimension) or `as_sequences` take them.

    Returns:
        B arrays, all int64 (T,) or all float32 (T, I).

    Raises:
        InputError: as these two.

    Example:
        >>> as_rows([[4, 2], [7]])[0].dtype, as_rows([[0.5, 2.0], [7.0]])[0].dtype
        (dtype('int64'), dtype('float32'))
    """
    rows = _listed(values)
    first = _array(rows[0], 0)
    return as_tokens(rows) if first.ndim == 1 and first.dtype.kind in "iu" else as_sequences(rows)


def check_steps(row: NDArray[np.float32], place: str) -> None:
    """Raise if a sequence has no steps or a step is not finite.

    Args:
        row: (T, I).
        place: what to call the row in the message.

    Raises:
        ShapeError: T is 0.
        NotFiniteError: NaN or infinity; names the step and the input.
    """
    _not_empty(row, place)
    if not np.isfinite(row).all():
        step, column = (int(index) for index in np.argwhere(~np.isfinite(row))[0])
        raise NotFiniteError(
            f"{place}, step {step}, input {column}: {row[step, column]}: expected a finite number; "
            f"fill it in or leave the step out"
        )


def _listed(values: Any) -> list[Any]:
    if isinstance(values, str | bytes):
        raise InputError(f"a single text {values[:20]!r}: expected sequences of numbers; encode texts first")
    if isinstance(values, torch.Tensor):
        values = values.detach().cpu().numpy()
    if isinstance(values, np.ndarray) and values.ndim not in (2, 3) and values.dtype != object:
        raise ShapeError(f"array of shape {values.shape}: expected (B, T, I) or (B, T); add the missing dimension")
    rows = list(values)
    if not rows:
        raise InputError("0 rows: expected at least one sequence; pass more")
    return rows


def _array(value: Any, number: int) -> NDArray[Any]:
    if isinstance(value, torch.Tensor):
        return np.asarray(value.detach().cpu().numpy())
    if isinstance(value, str | bytes):
        raise InputError(f"row {number}: text {value[:20]!r}: expected numbers; encode texts first")
    try:
        return np.asarray(value)
    except ValueError:  # numpy's word for lists of unequal lengths
        raise ShapeError(
            f"row {number}: steps of unequal width: expected (T, I); give each step as many numbers"
        ) from None


def _numeric(value: Any, number: int) -> NDArray[np.float32]:
    row = _array(value, number)
    if row.dtype.kind not in "biuf" and row.size:
        raise InputError(f"row {number}: dtype {row.dtype}: expected real numbers; convert with .astype(float)")
    if row.ndim not in (1, 2):
        raise ShapeError(f"row {number}: shape {row.shape}: expected (T, I), or (T,) for scalars; reshape it")
    with np.errstate(over="ignore"):  # a number too large for float32 becomes infinite and is named as such
        row = row.astype(np.float32, copy=False)
    return row[:, None] if row.ndim == 1 else row


def _shortened(rows: list[NDArray[np.float32]], lengths: NDArray[Any]) -> list[NDArray[np.float32]]:
    if lengths.shape != (len(rows),) or lengths.dtype.kind not in "iu":
        raise ShapeError(
            f"lengths of shape {lengths.shape}, dtype {lengths.dtype}: expected ({len(rows)},) integers; one a row"
        )
    for number, (row, length) in enumerate(zip(rows, lengths, strict=True)):
        if not 1 <= length <= len(row):
            raise InputError(f"row {number}: length {length}: expected 1 to {len(row)}; correct it")
    return [row[:length] for row, length in zip(rows, lengths, strict=True)]


def _not_empty(row: NDArray[Any], place: str) -> None:
    if len(row) == 0:
        raise ShapeError(f"{place}: 0 steps: expected at least one; leave the row out")
