"""Pen strokes to the steps of a sequence: how far the pen moved, and where it was lifted."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato._core.errors import InputError

_LEAST = 1e-3  # of the drawing's size: a finer one makes sequences that nobody wants to wait for


@dataclass(frozen=True)
class Strokes:
    """Turns the strokes of a drawing into steps (dx, dy, up), or (dx, dy, dt, up) where the points have a time.

    Use it for handwriting and drawings that were recorded as the pen moved. Lengths are in units of the larger side of
    the drawing, so that its size and its place do not matter; `up` is 1 at the last point of each stroke.

    Args:
        spacing: distance between points along a stroke, in units of the larger side; `None` keeps the points that were
            recorded, whose distances say how fast the pen was. A stroke's last point is kept in any case.
        columns: whether a stroke is lists of coordinates, [[x, ...], [y, ...]] and perhaps [t, ...], as Quick, Draw!
            has them; else it is a list of points, [[x, y], ...] or [[x, y, t], ...].

    Raises:
        InputError: a spacing below 0.001.

    Source: Graves 2013, "Generating sequences with recurrent neural networks" (arXiv 1308.0850), section 4, for offsets
    and the bit at a stroke's end; Ha and Eck 2017 (arXiv 1704.03477), whose stroke-3 these are.

    Example:
        >>> Strokes()([[[0, 0], [2, 0]], [[2, 4]]]).tolist()  # a line to the right and a dot below
        [[0.0, 0.0, 0.0], [0.5, 0.0, 1.0], [0.0, 1.0, 1.0]]
        >>> len(Strokes(spacing=0.1)([[[0, 0], [2, 0]], [[2, 4]]]))
        7
    """

    spacing: float | None = None
    columns: bool = False

    def __post_init__(self) -> None:
        if self.spacing is not None and not _LEAST <= self.spacing < math.inf:
            raise InputError(f"spacing={self.spacing!r}, expected a number from {_LEAST} up or None; 0.05 is usual")

    def __call__(self, strokes: Sequence[Any]) -> NDArray[np.float32]:
        """Turn one drawing into steps.

        Args:
            strokes: S strokes, each (T, 2) or (T, 3) numbers; where `columns`, (2, T) or (3, T).

        Returns:
            (T, 3) float32, or (T, 4) of points with a time; T the points of all strokes. The first step does not move.

        Raises:
            InputError: no strokes, one without points, points of another width, a time that runs backwards, NaN; names
                the stroke and the point.
        """
        drawn = self._checked(strokes)
        points = np.concatenate(drawn)
        sides = points[:, :2].max(axis=0) - points[:, :2].min(axis=0)
        size = float(sides.max()) or 1.0  # a dot has no size
        drawn = [np.concatenate([stroke[:, :2] / size, stroke[:, 2:]], axis=1) for stroke in drawn]
        if self.spacing is not None:
            drawn = [_evenly(stroke, self.spacing) for stroke in drawn]
        points = np.concatenate(drawn)
        moved = np.diff(points, axis=0, prepend=points[:1])
        up = np.zeros((len(points), 1))
        up[np.cumsum([len(stroke) for stroke in drawn]) - 1] = 1.0
        return np.concatenate([moved, up], axis=1).astype(np.float32)

    def _checked(self, strokes: Sequence[Any]) -> list[NDArray[np.float64]]:
        if not isinstance(strokes, list | tuple | np.ndarray) or len(strokes) == 0:
            raise InputError("no strokes, expected at least one; leave the drawing out")
        drawn = [self._stroke(stroke, f"stroke {number}") for number, stroke in enumerate(strokes, 1)]
        width = drawn[0].shape[1]
        for number, stroke in enumerate(drawn, 1):
            if stroke.shape[1] != width:
                raise InputError(
                    f"stroke {number} has points of {stroke.shape[1]} numbers, expected {width} as in stroke 1; "
                    "give all points a time, or none"
                )
        times = np.concatenate([stroke[:, 2:] for stroke in drawn])
        back = np.flatnonzero(np.diff(times[:, 0]) < 0) if width == 3 else np.zeros(0, int)
        if back.size:
            ends = np.cumsum([len(stroke) for stroke in drawn])
            number = int(np.searchsorted(ends, back[0] + 1, side="right"))
            raise InputError(
                f"stroke {number + 1} has the time {times[back[0] + 1, 0]:g} after {times[back[0], 0]:g}, expected "
                "times that do not fall; put strokes and points in order, or leave the time out"
            )
        return drawn

    def _stroke(self, stroke: Any, name: str) -> NDArray[np.float64]:
        """Check one stroke: (T, 2) or (T, 3)."""
        if not isinstance(stroke, list | tuple | np.ndarray) or len(stroke) == 0:
            raise InputError(f"{name} has no points, expected at least one; leave it out")
        try:
            points = np.array(stroke, dtype=np.float64)
        except (TypeError, ValueError):
            raise InputError(f"{name} is {_short(stroke)}, {self._form()}; correct it") from None
        if self.columns and points.ndim == 2:
            points = points.T
        if points.ndim != 2 or points.shape[1] not in (2, 3):
            other = "points" if self.columns else "columns"
            raise InputError(f"{name} is {_short(stroke)}, {self._form()}; correct it, or say that strokes are {other}")
        if len(points) == 0:
            raise InputError(f"{name} has no points, expected at least one; leave it out")
        wrong = np.argwhere(~np.isfinite(points))
        if wrong.size:
            point, part = (int(place) for place in wrong[0])
            raise InputError(
                f"{name}, point {point + 1}, {'xyt'[part]} is {points[point, part]}, expected a finite number; leave "
                "the point out"
            )
        return points

    def _form(self) -> str:
        return "expected [[x, ...], [y, ...]]" if self.columns else "expected points [[x, y], ...]"


def stroked(name: str) -> tuple[str, Strokes]:
    """Cut what is said of strokes off a column's name.

    Args:
        name: "drawing", "drawing@0.05" (the spacing), "drawing@columns", or "drawing@columns@0.05".

    Returns:
        The name alone, and how its strokes are read.

    Example:
        >>> stroked("drawing@columns@0.05")
        ('drawing', Strokes(spacing=0.05, columns=True))
        >>> stroked("user@host")
        ('user@host', Strokes(spacing=None, columns=False))
    """
    spacing, columns = None, False
    while True:
        rest, at, option = name.rpartition("@")
        if at and option == "columns":
            columns = True
        elif at and (number := _number(option)) is not None:
            spacing = number
        else:
            return name, Strokes(spacing, columns)
        name = rest


def are_strokes(cell: Any) -> bool:
    """Say whether a cell holds strokes: lists of lists of lists, one deeper than steps of numbers.

    Example:
        >>> are_strokes([[[0, 1], [2, 3]]]), are_strokes([[0, 1], [2, 3]])
        (True, False)
    """
    if not isinstance(cell, list | tuple) or not cell:
        return False
    return any(
        isinstance(point, list | tuple) for stroke in cell if isinstance(stroke, list | tuple) for point in stroke
    )


def _evenly(stroke: NDArray[np.float64], spacing: float) -> NDArray[np.float64]:
    """Points at even distances along a stroke, and its last one."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(stroke[:, :2], axis=0).T))])
    whole = along[-1]
    if whole == 0:
        return stroke[-1:]
    count = math.ceil(whole / spacing * (1 - 1e-9))  # a last step that is nothing but rounding is none
    places = np.append(np.arange(count) * spacing, whole)
    return np.stack([np.interp(places, along, column) for column in stroke.T], axis=1)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
