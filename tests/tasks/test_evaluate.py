"""Measures against scikit-learn's, and the comparison of several estimators."""

import re

import numpy as np
import pytest
from sklearn import metrics
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression

from ostinato._core.errors import InputError
from ostinato.tasks import BagOfWords
from ostinato.tasks.compare import compare
from ostinato.tasks.evaluate import evaluate


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


def test_compare() -> None:
    texts, y = ["good fun", "so bad", "bad film", "good film"] * 20, ["pos", "neg", "neg", "pos"] * 20
    lasso, told = BagOfWords(C=10.0), []
    rows = compare(
        texts,
        y,
        {"lasso": lasso, "network": BagOfWords(model="network"), "chance": DummyClassifier()},
        announce=told.append,
    )
    assert told == [row["name"] for row in rows] == ["lasso", "network", "chance"]
    assert not hasattr(lasso, "dense_")  # the caller's estimator stays as it was
    assert rows[0]["accuracy"] == 1.0 and rows[2]["accuracy"] == 0.5
    assert rows[2]["log_loss_nats"] == pytest.approx(np.log(2))
    assert rows[0]["nonzero_parameters"] < rows[0]["parameters"] and rows[0]["size_bytes"] > 500
    assert rows[2]["parameters"] is rows[2]["size_bytes"] is None
    assert all(row["train_seconds"] > 0 and row["predict_ms_a_row"] > 0 for row in rows)


def test_compare_on_given_rows() -> None:
    X, y = _data(2)
    (row,) = compare(X[:100], y[:100], {"it": LogisticRegression()}, X_test=X[100:], y_test=y[100:])
    assert row["accuracy"] == LogisticRegression().fit(X[:100], y[:100]).score(X[100:], y[100:])
    with pytest.raises(InputError, match="estimators is empty"):
        compare(X, y, {})
    with pytest.raises(InputError, match=r"of which a share of 0\.2 is none"):
        compare(X[:2], ["a", "b"], {"it": LogisticRegression()})
