"""Measures against scikit-learn's, and where a class has no rows."""

import re

import numpy as np
import pytest
from sklearn import metrics
from sklearn.linear_model import LogisticRegression

from ostinato._core.errors import InputError
from ostinato.tasks import BagOfWords
from ostinato.tasks.evaluate import evaluate, measure


def _data(classes: int) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(0)
    y = draw.integers(0, classes, 150)
    return draw.normal(size=(150, 3)) + y[:, None] * 0.7, np.asarray(["a", "b", "c"])[y]


@pytest.mark.parametrize("classes", [2, 3])
def test_against_scikit_learn(classes: int) -> None:
    X, y = _data(classes)
    model = LogisticRegression().fit(X[:100], y[:100])
    found = evaluate(model, X[100:], y[100:].tolist())
    truth, guess, chance = y[100:], model.predict(X[100:]), model.predict_proba(X[100:])
    assert found["rows"] == 50
    assert found["accuracy"] == metrics.accuracy_score(truth, guess)
    assert found["log_loss_nats"] == pytest.approx(metrics.log_loss(truth, chance))
    assert found["macro_f1"] == pytest.approx(metrics.f1_score(truth, guess, average="macro"))
    assert found["confusion"] == metrics.confusion_matrix(truth, guess).tolist()
    assert found["roc_auc"] == (pytest.approx(metrics.roc_auc_score(truth, chance[:, 1])) if classes == 2 else None)
    report = metrics.classification_report(truth, guess, output_dict=True)
    for row in found["per_class"]:
        assert row["precision"] == pytest.approx(report[row["class"]]["precision"])
        assert row["rows"] == report[row["class"]]["support"]


def test_several_labels() -> None:
    texts = ["red round", "red", "round", "none"] * 10
    y = [[int("red" in text), int("round" in text), 0] for text in texts]
    model = BagOfWords(C=10.0).fit(texts, y)
    found = evaluate(model, texts, y)
    chance = model.predict_proba(texts)
    assert found["accuracy"] == 1.0 and found["roc_auc"] == 1.0 and found["confusion"] is None
    each = [metrics.log_loss(np.array(y)[:, c], chance[:, c], labels=[0, 1]) for c in range(3)]
    assert found["log_loss_nats"] == pytest.approx(np.mean(each))


def test_classes_that_do_not_occur_and_labels_that_are_unknown() -> None:
    X, y = _data(3)
    model = LogisticRegression().fit(X, y)
    found = evaluate(model, X[y == "a"], y[y == "a"])
    assert found["macro_f1"] == found["per_class"][0]["f1"] > 0  # classes without a row have no F1 to average
    assert [row["rows"] for row in found["per_class"]] == [int((y == "a").sum()), 0, 0]
    with pytest.raises(InputError, match=re.escape("y[1] is 'd', expected one of 'a', 'b', 'c'")):
        evaluate(model, X[:2], ["a", "d"])
    with pytest.raises(InputError, match="y has 1 rows, expected 2"):
        evaluate(model, X[:2], ["a"])


def drawn(rows: int, classes: list[str], seed: int) -> tuple[list[str], np.ndarray]:
    generator = np.random.default_rng(seed)
    probabilities = generator.dirichlet(np.ones(len(classes)), size=rows)
    return [classes[i] for i in generator.integers(0, len(classes), rows)], probabilities


@pytest.mark.parametrize("classes", [["neg", "pos"], ["b", "a", "c"]])
def test_classes_in_any_order(classes: list[str]) -> None:
    labels, probabilities = drawn(200, classes, seed=1)
    found = measure(labels, probabilities, classes)
    guess = [classes[i] for i in probabilities.argmax(axis=1)]
    theirs = metrics.classification_report(labels, guess, labels=classes, output_dict=True)
    assert found.summary["accuracy"] == pytest.approx(metrics.accuracy_score(labels, guess))
    assert found.summary["macro_f1"] == pytest.approx(theirs["macro avg"]["f1-score"])
    order = np.argsort(classes)  # scikit-learn sorts the names and the columns with them
    assert found.summary["log_loss_nats"] == pytest.approx(metrics.log_loss(labels, probabilities[:, order]))
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


def test_mistakes_of_several_labels_and_the_commonest_answer() -> None:
    y = [[1, 0], [1, 0], [0, 1], [1, 1]]
    probabilities = np.array([[0.9, 0.4], [0.95, 0.6], [0.2, 0.1], [0.7, 0.8]])
    found = measure(y, probabilities, [0, 1])
    assert found.mistakes == [2, 1]  # sure of a wrong "no" by 0.9, of a wrong "yes" by 0.6; 0.95 was right
    assert found.summary["accuracy"] == found.summary["commonest_class_accuracy"] == 0.5
    assert measure(["a", "a", "b"], np.full((3, 2), 0.5), ["a", "b"]).summary["commonest_class_accuracy"] == 2 / 3
