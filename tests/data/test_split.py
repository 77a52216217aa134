"""The held-out part: every row once, each class with its share, the same in every run."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato._core.errors import InputError
from ostinato.data import split


@settings(deadline=None)
@given(st.lists(st.sampled_from("abc"), min_size=2, max_size=60), st.floats(0.01, 0.99), st.integers(0, 5))
def test_parts(labels: list[str], fraction: float, seed: int) -> None:
    made = split(len(labels), fraction, labels=labels, seed=seed)
    assert sorted([*made.train, *made.held_out]) == list(range(len(labels)))
    assert len(made.train) >= 1
    assert len(made.held_out) == min(max(1, round(len(labels) * fraction)), len(labels) - 1)
    again = split(len(labels), fraction, labels=labels, seed=seed)
    assert made.held_out.tolist() == again.held_out.tolist()
    if made.note is None:
        everywhere = Counter(labels)
        for name, count in Counter(labels[row] for row in made.held_out).items():
            assert abs(count - everywhere[name] * len(made.held_out) / len(labels)) <= 1


@pytest.mark.parametrize("seed", range(5))
def test_each_class_has_its_share(seed: int) -> None:
    labels = ["rare"] * 100 + ["common"] * 900
    held_out = split(1000, 0.1, labels=labels, seed=seed).held_out
    assert Counter(labels[row] for row in held_out) == {"rare": 10, "common": 90}


def test_seed_matters() -> None:
    assert split(100, 0.2, seed=0).held_out.tolist() != split(100, 0.2, seed=1).held_out.tolist()


@pytest.mark.parametrize(
    ("labels", "fraction", "note"),
    [
        (["a"] * 9 + ["b"], 0.5, "class 'b' has one row"),
        (["a", "b"] * 5, 0.1, "1 rows in one part for 2 classes"),
        (["a", "b"] * 5, 0.9, "1 rows in one part for 2 classes"),
        (["a", "b"] * 5, 0.2, None),
        (np.array([0, 1] * 5), 0.2, None),
        (["a"] * 5, 0.2, None),
    ],
)
def test_reasons(labels, fraction: float, note: str | None) -> None:
    found = split(len(labels), fraction, labels=labels).note
    assert found is None if note is None else found is not None and found.startswith(note)


@pytest.mark.parametrize(
    ("rows", "fraction", "labels", "message"),
    [(1, 0.5, None, "1 rows"), (4, 0, None, "fraction 0"), (4, 1.0, None, "fraction 1.0"), (4, 0.5, ["a"], "1 labels")],
)
def test_errors(rows: int, fraction: float, labels: list[str] | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        split(rows, fraction, labels=labels)
