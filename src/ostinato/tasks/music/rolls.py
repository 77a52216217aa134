"""Pieces of music to piano rolls and back: a row a step, a column a pitch."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato._core.errors import InputError

Roll = NDArray[np.float32]  # (T, P) of 0 and 1
PIANO = (21, 108)  # the 88 keys, as MIDI counts


def check_pitches(pitches: tuple[int, int]) -> tuple[int, int]:
    """The lowest and the highest pitch.

    Raises:
        InputError: not two whole numbers of MIDI in order.
    """
    try:
        lowest, highest = (int(pitch) for pitch in pitches)
    except (TypeError, ValueError):
        raise InputError(f"pitches={pitches!r}, expected two of MIDI's numbers; give {PIANO} for a piano's") from None
    if not 0 <= lowest <= highest <= 127:
        raise InputError(f"pitches={pitches!r}, expected the lowest and the highest from 0 to 127; give {PIANO}")
    return lowest, highest


def rolls_of(pieces: Iterable[Any], pitches: tuple[int, int], name: str = "pieces") -> list[Roll]:
    """Piano rolls of pieces.

    Args:
        pieces: each a list of steps, each a list of MIDI pitches; or a (T, P) array of 0 and 1, a column a pitch.
        pitches: the lowest and the highest one, P in all.
        name: what messages call the pieces.

    Raises:
        InputError: no piece, an empty one, a pitch out of range, or an array of another width or with other numbers.

    Example:
        >>> (roll,) = rolls_of([[[60, 64], []]], (60, 64))
        >>> roll
        array([[1., 0., 0., 0., 1.],
               [0., 0., 0., 0., 0.]], dtype=float32)
    """
    if isinstance(pieces, str | bytes) or not isinstance(pieces, Iterable):
        raise InputError(f"{name} is a {type(pieces).__name__}, expected a list of pieces; give lists of steps")
    rolls = [roll_of(piece, pitches, f"{name}[{number}]") for number, piece in enumerate(pieces)]
    if not rolls:
        raise InputError(f"{name} is empty, expected at least one piece; give some")
    return rolls


def roll_of(piece: Any, pitches: tuple[int, int], name: str = "piece", *, empty: bool = False) -> Roll:
    """The piano roll of one piece, which may be `empty` where that is said; see `rolls_of`."""
    lowest, highest = pitches
    width = highest - lowest + 1
    if isinstance(piece, np.ndarray):
        return _checked(piece, width, name)
    if isinstance(piece, str | bytes) or not isinstance(piece, Sequence):
        raise InputError(f"{name} is a {type(piece).__name__}, expected a list of steps; give lists of pitches")
    if not piece and not empty:
        raise InputError(f"{name} has no steps, expected at least one; leave the piece out")
    roll = np.zeros((len(piece), width), np.float32)
    for step, notes in enumerate(piece):
        if isinstance(notes, str | bytes) or not isinstance(notes, Iterable):
            raise InputError(f"{name}, step {step} is {notes!r}, expected a list of pitches; [] is silence")
        for pitch in notes:
            if isinstance(pitch, bool) or not isinstance(pitch, int | np.integer) or not lowest <= pitch <= highest:
                raise InputError(
                    f"{name}, step {step}: pitch {pitch!r}, expected a whole number from {lowest} to {highest}; "
                    "correct it, or widen pitches="
                )
            roll[step, int(pitch) - lowest] = 1
    return roll


def notes_of(roll: Iterable[NDArray[Any]], lowest: int) -> list[list[int]]:
    """The steps of a piano roll as lists of pitches, low to high.

    Example:
        >>> notes_of(np.array([[1, 0, 1], [0, 0, 0]]), lowest=60)
        [[60, 62], []]
    """
    return [[int(column) + lowest for column in np.flatnonzero(row)] for row in roll]


def _checked(roll: NDArray[Any], width: int, name: str) -> Roll:
    if roll.ndim != 2 or roll.shape[1] != width or not len(roll):
        raise InputError(
            f"{name} is an array of shape {roll.shape}, expected (steps, {width}), a column a pitch; or give lists"
        )
    if not np.isin(roll, (0, 1)).all():
        raise InputError(f"{name} holds other numbers than 0 and 1, expected whether a note sounds; binarise it")
    return roll.astype(np.float32)
