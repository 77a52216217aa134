"""Users' arrays and lists to rows for `data.Batches`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ostinato._core.errors import InputError, ShapeError
from ostinato.data import as_sequences, as_tokens
from ostinato.layers.layer import Shape


@dataclass(frozen=True)
class Rows:
    """Rows without their padding, and where they stood.

    Attributes:
        rows: B arrays, int64 (T,) or float32 (T, I).
        starts: (B,) the step of the user's row that became step 0.
        steps: T of the user's array; `None` if a list was given.
    """

    rows: list[NDArray[Any]]
    starts: NDArray[np.int64]
    steps: int | None


def infer(x: Any) -> Shape:
    """The shape of a row, from the data alone, for a model whose first layer does not say."""
    first = _plain(x[0]) if len(x) else np.zeros(0)
    if first.ndim == 2:
        return Shape(first.shape[1], True)
    if isinstance(x, np.ndarray | Tensor) and first.ndim == 1 and first.dtype.kind == "f":
        return Shape(len(first), False)
    return Shape(0, True)


def rows_of(x: Any, shape: Shape, *, vocabulary: int | None, mask_zero: bool) -> Rows:
    """Check the inputs and take the padding off.

    Args:
        x: tokens: (B, T) integers or a list of (T,); numbers: (B, T, I) or a list of (T, I); rows: (B, I).
        shape: what the model is built for.
        vocabulary: V if they are tokens.
        mask_zero: whether zeros at the ends of token rows are padding.

    Raises:
        InputError, ShapeError: what is wrong with which row.
    """
    if isinstance(x, str) or not hasattr(x, "__len__"):
        raise InputError(f"x is {type(x).__name__}, expected an array or a list of sequences; encode it first")
    if len(x) == 0:
        raise InputError("x has 0 rows, expected at least 1; give it rows")
    array = _plain(x) if not isinstance(x, list | tuple) else None
    steps = None if array is None or array.ndim < 2 else array.shape[1]
    if shape.tokens:
        tokens = [_whole(_plain(row), number) for number, row in enumerate(x)]
        starts = np.zeros(len(tokens), np.int64)
        if mask_zero:
            ends = [_ends(row) for row in tokens]
            starts = np.array([first for first, _ in ends])
            tokens = [row[first:last] for row, (first, last) in zip(tokens, ends, strict=True)]
        return Rows(list(as_tokens(tokens, size=vocabulary)), starts, steps)
    if not shape.steps:
        if array is None:
            array = np.asarray(x)
        if array.shape[1:] != (shape.features,):
            raise ShapeError(
                f"x has shape {array.shape}, expected (rows, {shape.features}); the first layer takes these"
            )
        return Rows(list(as_sequences(array[:, None, :])), np.zeros(len(array), np.int64), None)
    if array is not None and array.ndim != 3:
        raise ShapeError(
            f"x has shape {array.shape}, expected (rows, steps, {shape.features}); "
            "for one number a step use x[..., None], for token numbers put an Embedding first"
        )
    return Rows(list(as_sequences(x, width=shape.features)), np.zeros(len(x), np.int64), steps)


def _plain(values: Any) -> NDArray[Any]:
    return values.detach().cpu().numpy() if isinstance(values, Tensor) else np.asarray(values)


def _whole(row: NDArray[Any], number: int) -> NDArray[Any]:
    """Token numbers; floats that are whole (a padded array is often made by np.zeros) are taken as such."""
    if row.dtype.kind == "f":
        if not np.array_equal(row, np.trunc(row)):
            raise InputError(
                f"row {number} of x holds {row[row != np.trunc(row)].flat[0]}, expected whole token numbers; "
                "encode the texts, or leave the Embedding out for numbers"
            )
        return row.astype(np.int64)
    return row


def _ends(row: NDArray[Any]) -> tuple[int, int]:
    """Where a row begins and ends without its outer zeros; a row of zeros alone keeps its first step."""
    (real,) = np.nonzero(row)
    return (int(real[0]), int(real[-1]) + 1) if len(real) else (0, 1)


def aligned(values: Any, rows: Rows, name: str) -> NDArray[Any]:
    """Targets with one entry a step → (B, T, …), each row moved as its inputs were, zeros behind its end.

    Args:
        values: (B, T) or (B, T, ·), or a list of (T,) or (T, ·).
        rows: the inputs.
        name: for the messages.
    """
    if len(values) != len(rows.rows):
        raise ShapeError(f"{name} has {len(values)} rows, expected {len(rows.rows)} as x has; give one a row")
    parts = [_plain(value) for value in values]
    longest = max(len(row) for row in rows.rows)
    result = np.zeros((len(parts), longest, *parts[0].shape[1:]), parts[0].dtype)
    for number, (part, row, start) in enumerate(zip(parts, rows.rows, rows.starts, strict=True)):
        wanted = len(row) if rows.steps is None else rows.steps
        if part.ndim == 0 or len(part) < start + len(row) or (rows.steps is None and len(part) != wanted):
            raise ShapeError(
                f"row {number} of {name} has shape {part.shape}, expected {wanted} steps as x has; the model gives an "
                "output for every step: give a target a step, or return_sequences=False on the last recurrent layer"
            )
        result[number, : len(row)] = part[start : start + len(row)]
    return result


def spread(outputs: Sequence[Tensor], rows: Rows) -> list[NDArray[Any]] | NDArray[Any]:
    """Per-step outputs back into the user's form: a list, or (B, T, ·) with zeros where padding stood."""
    if rows.steps is None:
        return [output.numpy() for output in outputs]
    result = np.zeros((len(outputs), rows.steps, outputs[0].shape[-1]), outputs[0].numpy().dtype)
    for number, (output, start) in enumerate(zip(outputs, rows.starts, strict=True)):
        result[number, start : start + len(output)] = output.numpy()
    return result
