"""The measures against scikit-learn's own report, and where a class has no rows."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, classification_report, log_loss

from ostinato.report.measures import measure


def drawn(rows: int, classes: list[str], seed: int) -> tuple[list[str], np.ndarray]:
    generator = np.random.default_rng(seed)
    probabilities = generator.dirichlet(np.ones(len(classes)), size=rows)
    return [classes[i] for i in generator.integers(0, len(classes), rows)], probabilities


@pytest.mark.parametrize("classes", [["neg", "pos"], ["b", "a", "c"]])
def test_against_scikit_learn(classes: list[str]) -> None:
    labels, probabilities = drawn(200, classes, seed=1)
    found = measure(labels, probabilities, classes)
    guess = [classes[i] for i in probabilities.argmax(axis=1)]
    theirs = classification_report(labels, guess, labels=classes, output_dict=True)
    assert found.summary["accuracy"] == pytest.approx(accuracy_score(labels, guess))
    assert found.summary["macro_f1"] == pytest.approx(theirs["macro avg"]["f1-score"])
    order = np.argsort(classes)  # scikit-learn sorts the names and the columns with them
    assert found.summary["log_loss_nats"] == pytest.approx(log_loss(labels, probabilities[:, order]))
    for row in found.per_class:
        assert row["recall"] == pytest.approx(theirs[row["class"]]["recall"])
        assert row["rows"] == theirs[row["class"]]["support"]
    assert found.confusion.sum() == 200
    assert found.confusion[0, 1] == sum(a == classes[0] and b == classes[1] for a, b in zip(labels, guess, strict=True))


def test_the_surest_mistake_is_first() -> None:
    probabilities = np.array([[0.6, 0.4], [0.9, 0.1], [0.2, 0.8]])
    assert measure(["b", "b", "b"], probabilities, ["a", "b"]).mistakes == [1, 0]


def test_a_class_without_rows_and_a_probability_of_zero() -> None:
    found = measure(["a", "a"], np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]), ["a", "b", "c"])
    assert found.summary["accuracy"] == 0.5
    assert np.isfinite(found.summary["log_loss_nats"])
    assert [row["rows"] for row in found.per_class] == [2, 0, 0]
