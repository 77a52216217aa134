"""Easy labelled rows of every kind that a task may take, for `check_task`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ostinato.tasks.inputs import Kind

_B = 60


@dataclass(frozen=True)
class Rows:
    """B rows, told apart by anything that looks at their middle or their end.

    Args:
        kind: what they are made of.
        X: the rows.
        y: two classes.
        three: three classes.
    """

    kind: Kind
    X: Any
    y: list[str]
    three: list[str]

    def take(self, numbers: np.ndarray) -> Any:
        """Rows of these numbers."""
        return self.X[numbers] if isinstance(self.X, np.ndarray) else [self.X[number] for number in numbers]


def _texts() -> Rows:
    words = {"bad": "awful dull näff", "fine": "decent okay 中", "good": "lovely superb 🎵"}
    draw, three = np.random.default_rng(0), _three()
    X = []
    for label in three:
        telling = draw.choice(words[label].split(), size=2)
        X.append(" ".join([*draw.choice(["the", "film", "was", "and"], size=draw.integers(0, 4)), *telling]))
    return Rows("text", X, _two(three), three)


def _tokens() -> Rows:
    draw, three = np.random.default_rng(1), _three()
    first = {"bad": 10, "fine": 13, "good": 16}
    X = [np.append(draw.integers(0, 10, draw.integers(0, 4)), first[c] + draw.integers(0, 3, 2)) for c in three]
    return Rows("tokens", X, _two(three), three)


def _ragged(low: int = 3, high: int = 9) -> Rows:
    draw, three = np.random.default_rng(2), _three()
    level = {"bad": (-3.0, 0.0), "fine": (0.0, 3.0), "good": (3.0, 0.0)}
    # offset and unit far from 0 and 1: a task that does not standardise has a hard time
    X = [1000 + 50 * (draw.normal(0, 0.5, (draw.integers(low, high), 2)) + level[label]) for label in three]
    return Rows("numeric", X, _two(three), three)


def _array() -> Rows:
    rows = _ragged(5, 6)
    return Rows("numeric", np.stack(rows.X), rows.y, rows.three)


ROWS: dict[str, Callable[[], Rows]] = {"texts": _texts, "tokens": _tokens, "ragged": _ragged, "array": _array}


def _three() -> list[str]:
    return [("bad", "fine", "good")[row % 3] for row in range(_B)]


def _two(three: list[str]) -> list[str]:
    return ["bad" if label == "bad" else "good" for label in three]
