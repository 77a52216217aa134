"""The comparison of several estimators: the same rows for each, each seed once, mean and spread."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ostinato._core.errors import InputError
from ostinato.tasks import BagOfWords
from ostinato.tasks.compare import compare


class Coin(BaseEstimator):
    """Is right on as many of ten rows as its seed says."""

    parameters_ = 7
    metrics_: dict[str, Any] = {}  # noqa: RUF012
    classes_ = np.array(["a", "b"])
    given: list[Any] = []  # noqa: RUF012

    def __init__(self, random_state: int = 0) -> None:
        self.random_state = random_state

    def fit(self, X: list[int], y: list[str]) -> None:
        self.given.append((self.random_state, X, y))

    def predict_proba(self, X: list[int]) -> np.ndarray:
        right = np.arange(len(X)) < self.random_state
        return np.stack([np.where(right, 0.8, 0.4), np.where(right, 0.2, 0.6)], axis=1)

    def save(self, path: Path) -> Path:
        path.mkdir()
        (path / "model").write_bytes(b"x" * 2_000_000)
        return path


def _data() -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(0)
    y = draw.integers(0, 2, 150)
    return draw.normal(size=(150, 3)) + y[:, None] * 0.7, np.asarray(["a", "b"])[y]


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
    X, y = _data()
    (row,) = compare(X[:100], y[:100], {"it": LogisticRegression()}, X_test=X[100:], y_test=y[100:])
    assert row["accuracy"] == LogisticRegression().fit(X[:100], y[:100]).score(X[100:], y[100:])
    with pytest.raises(InputError, match="estimators is empty"):
        compare(X, y, {})
    with pytest.raises(InputError, match=r"of which a share of 0\.2 is none"):
        compare(X[:2], ["a", "b"], {"it": LogisticRegression()})
    with pytest.raises(InputError, match="seeds is empty"):
        compare(X, y, {"it": LogisticRegression()}, seeds=[])


def test_mean_and_spread_over_seeds() -> None:
    Coin.given.clear()
    told: list[str] = []
    fitted: dict[str, Any] = {}
    (row,) = compare(
        [1],
        ["a"],
        {"coin": Coin()},
        X_test=list(range(10)),
        y_test=["a"] * 10,
        seeds=[6, 9],
        announce=told.append,
        keep=fitted.setdefault,
    )
    assert row["accuracy"] == pytest.approx(0.75)
    assert row["accuracy_spread"] == pytest.approx(np.std([0.6, 0.9], ddof=1))
    losses = [-(6 * np.log(0.8) + 4 * np.log(0.4)) / 10, -(9 * np.log(0.8) + np.log(0.4)) / 10]
    assert row["log_loss_nats"] == pytest.approx(np.mean(losses))
    assert (row["parameters"], row["nonzero_parameters"], row["size_bytes"]) == (7, None, 2_000_000)
    assert isinstance(row["parameters"], int)
    assert Coin.given == [(6, [1], ["a"]), (9, [1], ["a"])]
    assert told == ["coin, seed 6", "coin, seed 9"]
    assert fitted["coin"].random_state == 6


def test_a_seed_reaches_into_a_pipeline_and_passes_by_what_draws_nothing() -> None:
    X, y = _data()
    fitted: dict[str, Any] = {}
    compare(
        X,
        y,
        {"pipeline": make_pipeline(StandardScaler(), SGDClassifier(loss="log_loss")), "bayes": GaussianNB()},
        seeds=[5],
        keep=fitted.setdefault,
    )
    assert fitted["pipeline"][-1].random_state == 5
    assert fitted["bayes"].classes_.tolist() == ["a", "b"]
