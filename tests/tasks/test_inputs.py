"""What X may be, and what is said about what it may not be."""

import re
from typing import Any

import numpy as np
import pytest
import torch

from ostinato._core.errors import InputError, NotFiniteError, ShapeError
from ostinato.tasks.inputs import is_table, read_sequences


@pytest.mark.parametrize(
    ("X", "kind", "shape"),
    [
        (["a", ""], "text", None),
        (np.array(["a", "b"]), "text", None),
        (np.array(["a", "b"], dtype=object), "text", None),
        ([[1, 2], [3]], "tokens", (2,)),
        ([np.array([1, 2], dtype=np.int32), np.array([3], dtype=np.uint8)], "tokens", (2,)),
        ([torch.tensor([1, 2])], "tokens", (2,)),
        ([[0.5, 1], [3]], "numeric", (2, 1)),
        ([np.ones((4, 3)), np.ones((2, 3))], "numeric", (4, 3)),
        ([[[1, 2], [3, 4], [5, 6]]], "numeric", (3, 2)),
        (np.ones((5, 4, 3)), "numeric", (4, 3)),
        (np.ones((5, 4), dtype=int), "numeric", (4, 1)),
        (torch.ones(5, 4, 3), "numeric", (4, 3)),
        ([np.array([True, False])], "numeric", (2, 1)),
    ],
)
def test_kinds(X: Any, kind: str, shape: tuple[int, ...] | None) -> None:
    read = read_sequences(X)
    assert read.kind == kind and len(read) == len(X)
    if shape is not None:
        assert read.values[0].shape == shape
        assert read.values[0].dtype == (np.int64 if kind == "tokens" else np.float64)


def test_integers_are_numbers_for_a_task_of_numbers() -> None:
    assert read_sequences([[1, 2], [3]], expected="numeric").kind == "numeric"


@pytest.mark.parametrize(
    ("X", "error", "words"),
    [
        ("a text", InputError, "X is one str, expected a list of texts"),
        (b"a text", InputError, "X is one bytes"),
        ([], InputError, "X has 0 rows"),
        (np.empty((0, 3, 2)), InputError, "X has 0 rows"),
        (7, InputError, "X is a int"),
        (["a", None, "b"], InputError, "X[1] is None, expected a text"),
        (["a", float("nan")], InputError, "X[1] is nan, expected a text"),
        (["a", b"b"], InputError, "X[1] is b'b', expected a text"),
        ([[1, 2], "a"], InputError, "X[0] is [1, 2], expected a text"),
        ([[1, 2], []], InputError, "X[1] is empty"),
        ([[1.0], None], InputError, "X[1] is None"),
        ([[1, -2]], InputError, "X[0] holds token -2 at step 1"),
        ([[1.0, float("nan")]], NotFiniteError, "X[0] holds NaN at step 1, channel 0"),
        ([np.ones((2, 2)), np.array([[1, 2], [3, np.inf]])], NotFiniteError, "X[1] holds inf at step 1, channel 1"),
        ([np.ones((2, 2)), np.ones((2, 3))], ShapeError, "X[1] has 3 numbers a step, expected 2"),
        ([np.ones((2, 2)), np.ones(2)], ShapeError, "X[1] has shape (2,), expected 2 axes"),
        ([[[1, 2], [3]]], InputError, "X[0] is [[1, 2], [3]], expected as many numbers at each step"),
        ([1, 2], ShapeError, "X[0] has shape ()"),
        (np.ones((2, 2, 2, 2)), ShapeError, "X has 4 axes"),
        ([{"a": 1}], InputError, "X[0] is {'a': 1}"),
        ([[1j, 2j]], InputError, "X[0] holds complex numbers"),
    ],
)
def test_refusals(X: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=re.escape(words)) as raised:
        read_sequences(X)
    assert "\n" not in str(raised.value) and ";" in str(raised.value)  # one line, with a remedy


def test_a_column_of_texts_is_refused_with_the_remedy() -> None:
    with pytest.raises(InputError, match=re.escape("give one column, X[:, 0]")):
        is_table(np.array([["a"], ["b"]], dtype=object))
