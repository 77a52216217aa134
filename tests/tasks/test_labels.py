"""Labels to numbers and back; weights of rows."""

import re
from typing import Any

import numpy as np
import pytest
from scipy.special import expit, softmax
from sklearn.utils.class_weight import compute_sample_weight

from ostinato._core.errors import InputError
from ostinato.tasks.labels import Labels, read_labels
from ostinato.tasks.weights import row_weights


@pytest.mark.parametrize(
    ("y", "form", "classes"),
    [
        (["b", "a", "b"], "binary", ["a", "b"]),
        ([3, 1, 2], "multiclass", [1, 2, 3]),
        ([True, False], "binary", [False, True]),
        ([[0, 1], [1, 1]], "multilabel", [0, 1]),
        (np.array(["ß", "日"], dtype=object), "binary", ["ß", "日"]),
    ],
)
def test_forms(y: Any, form: str, classes: list[Any]) -> None:
    labels = read_labels(y, "It")
    assert labels.form == form and labels.classes.tolist() == classes
    if form != "multilabel":
        assert labels.classes[labels.encode(y)].tolist() == list(y)
    assert labels.outputs == (1 if form == "binary" else len(classes))


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (None, "It requires y to be passed, but the target y is None"),
        (["a", "a"], "y holds 1 class, 'a', expected at least 2 classes"),
        (["a", None], "y[1] is None"),
        (["a", float("nan")], "y[1] is nan"),
        ([0.5, 1.5], "Unknown label type: continuous"),
        ([[1, 2], [3, 4]], "expected a label a row or a 0/1 indicator"),
        (np.array([b"a", b"b"]), "bytes is not supported"),
    ],
)
def test_refusals(y: Any, words: str) -> None:
    with pytest.raises(InputError, match=re.escape(words)):
        read_labels(y, "It")


def test_unknown_labels_are_named() -> None:
    labels = read_labels(["a", "b"], "It")
    with pytest.raises(InputError, match=re.escape("y[1] is 'c', expected one of 'a', 'b'")):
        labels.encode(["a", "c"])
    many = read_labels(list(range(50)) * 3, "It")
    with pytest.raises(InputError, match=re.escape("8, 9, ... (50 in all)")):
        many.encode([50])
    with pytest.raises(InputError, match=re.escape("expected a 0/1 indicator (B, 2)")):
        read_labels([[0, 1], [1, 0]], "It").encode([[0, 2]])


def test_probabilities_against_scipy() -> None:
    draw = np.random.default_rng(0)
    one, many = draw.normal(0, 300, 50), draw.normal(0, 2000, (50, 3))
    binary = Labels("binary", np.arange(2)).probabilities(one)
    np.testing.assert_allclose(binary, np.stack([expit(-one), expit(one)], axis=1), rtol=1e-12)
    np.testing.assert_allclose(
        Labels("multiclass", np.arange(3)).probabilities(many), softmax(many, axis=1), rtol=1e-12, atol=1e-300
    )
    np.testing.assert_allclose(
        Labels("multilabel", np.arange(3)).probabilities(many), expit(many), rtol=1e-12, atol=1e-300
    )


def test_weights_against_scikit_learn() -> None:
    y = ["a", "b", "b", "b", "c"]
    labels = read_labels(y, "It")
    sample = np.array([1.0, 2.0, 0.0, 1.0, 3.0])
    for class_weight in ("balanced", {"a": 2.0, "c": 0.5}):
        found = row_weights(labels.encode(y), labels, class_weight, sample, 5)
        expected = {"a": 2.0, "b": 1.0, "c": 0.5} if isinstance(class_weight, dict) else class_weight
        np.testing.assert_allclose(found, sample * compute_sample_weight(expected, y))
    assert row_weights(labels.encode(y), labels, None, None, 5) is None
    np.testing.assert_array_equal(row_weights(labels.encode(y), labels, None, 2.0, 5), np.full(5, 2.0))


@pytest.mark.parametrize(
    ("class_weight", "sample_weight", "words"),
    [
        ("equal", None, "class_weight='equal', expected None, 'balanced' or a dict"),
        ({"z": 1.0}, None, "class_weight names 'z', expected one of 'a', 'b'"),
        (None, [1.0], "sample_weight has shape (1,), expected (2,)"),
        (None, [1.0, -1.0], "sample_weight[1] is -1.0"),
        (None, [np.nan, 1.0], "sample_weight[0] is nan"),
        (None, [0.0, 0.0], "sample_weight is zero in every row"),
    ],
)
def test_weights_refused(class_weight: Any, sample_weight: Any, words: str) -> None:
    labels = read_labels(["a", "b"], "It")
    with pytest.raises(InputError, match=re.escape(words)):
        row_weights(labels.encode(["a", "b"]), labels, class_weight, sample_weight, 2)
