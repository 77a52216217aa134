"""One cell of a file to a text, a label or a sequence; None where it is missing."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato._core.errors import InputError
from ostinato.data.sequences import as_sequences
from ostinato.data.strokes import Strokes, are_strokes


class UnfitError(ValueError):
    """A cell holds something else; the message says what was expected. The reader adds the place."""


def to_text(cell: Any) -> str | None:
    """Take a text as it is and a number as its digits.

    Args:
        cell: what the reader found.

    Returns:
        The text, which may be empty; None for a missing value.

    Raises:
        UnfitError: it is no text.
    """
    if isinstance(cell, str):
        if not cell.isascii() and _half_surrogate(cell):
            raise UnfitError(f"{cell[:30]!r} holds half of a surrogate pair: expected valid Unicode; write it again")
        return cell
    if _is_missing(cell):
        return None
    if isinstance(cell, bytes):
        try:
            return cell.decode()
        except UnicodeDecodeError:
            raise UnfitError(f"bytes {cell[:10]!r}: not UTF-8; store the column as text") from None
    if isinstance(cell, list | dict):
        raise UnfitError(
            f"a {type(cell).__name__}: expected a text; name another column, or pass sequence= for numbers"
        )
    return str(cell)


def to_label(cell: Any) -> str | None:
    """Take any scalar as the name of a class.

    Args:
        cell: what the reader found.

    Returns:
        The name; None where the label is missing or empty.

    Raises:
        UnfitError: it is no scalar.
    """
    if isinstance(cell, list | dict):
        raise UnfitError(f"a {type(cell).__name__}: expected one label, a text or a number; name another column")
    label = to_text(cell)
    return label if label and not label.isspace() else None


def to_sequence(cell: Any) -> NDArray[np.float32] | None:
    """Take T lists of I numbers, or T numbers, as a sequence.

    Args:
        cell: what the reader found.

    Returns:
        float32 array (T, I), I = 1 for plain numbers; None for a missing value.

    Raises:
        UnfitError: no numbers, no steps, steps of unequal width, NaN or infinity (step and input are named).
    """
    if _is_missing(cell):
        return None
    if not isinstance(cell, list | np.ndarray):
        raise UnfitError(
            f"{str(cell)[:30]!r}: expected a list of numbers, or of lists of numbers; "
            f"keep sequences in JSON lines or Parquet"
        )
    numbers = isinstance(cell, np.ndarray) and cell.dtype.kind in "iuf"  # checked for being finite below
    for step, inputs in enumerate([] if numbers else cell):
        for column, number in enumerate(inputs if isinstance(inputs, list) else [inputs]):
            if not isinstance(number, int | float):
                shown = "null" if number is None else repr(number)
                raise UnfitError(
                    f"step {step}, input {column}: {shown}: expected a number; fill it in or leave the step out"
                )
    try:
        (row,) = as_sequences([cell])
    except InputError as error:
        raise UnfitError(str(error).removeprefix("row 0").lstrip(":, ")) from None
    return row


def to_steps(cell: Any, strokes: Strokes) -> NDArray[np.float32] | None:
    """Take strokes of a pen, or a sequence as `to_sequence` does.

    Args:
        cell: what the reader found.
        strokes: how strokes are read.

    Returns:
        float32 array (T, I); None for a missing value.

    Raises:
        UnfitError: as `to_sequence`; strokes that are wrong, or that are asked for and are none.
    """
    if not are_strokes(cell):
        if strokes != Strokes() and not _is_missing(cell):
            raise UnfitError(
                f"{str(cell)[:30]!r}: expected strokes, lists of points [[x, y], ...]; name another column"
            )
        return to_sequence(cell)
    try:
        return strokes(cell)
    except InputError as error:
        raise UnfitError(str(error)) from None


def _is_missing(cell: Any) -> bool:
    return cell is None or (isinstance(cell, float) and math.isnan(cell))


def _half_surrogate(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
