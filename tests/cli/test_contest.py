"""A contest gives every model the same rows, each seed once, and says mean and spread."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ostinato.cli.contest import contest
from ostinato.cli.entrants import chance


class Coin:
    """Is right on as many of ten rows as its seed says."""

    parameters_ = 7
    classes_ = np.array(["a", "b"])
    given: list[Any] = []  # noqa: RUF012

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def fit(self, X: list[int], y: list[str]) -> None:
        self.given.append((self.seed, X, y))

    def predict_proba(self, X: list[int]) -> np.ndarray:
        right = np.arange(len(X)) < self.seed
        return np.stack([np.where(right, 0.8, 0.4), np.where(right, 0.2, 0.6)], axis=1)

    def save(self, path: Path) -> None:
        path.mkdir()
        (path / "model").write_bytes(b"x" * 2_000_000)


def test_mean_and_spread_over_seeds() -> None:
    Coin.given.clear()
    rows, fitted = contest({"coin": Coin}, ([1], ["a"]), (list(range(10)), ["a"] * 10), [6, 9])
    (row,) = rows
    assert row["accuracy"] == pytest.approx(0.75)
    assert row["accuracy_spread"] == pytest.approx(np.std([0.6, 0.9], ddof=1))
    losses = [-(6 * np.log(0.8) + 4 * np.log(0.4)) / 10, -(9 * np.log(0.8) + np.log(0.4)) / 10]
    assert row["log_loss"] == pytest.approx(np.mean(losses))
    assert (row["parameters"], row["size_mb"]) == (7, pytest.approx(2.0))
    assert Coin.given == [(6, [1], ["a"]), (9, [1], ["a"])]
    assert fitted["coin"].seed == 6


def test_chance_knows_the_training_rows_alone() -> None:
    row = chance(["a", "a", "a", "b"], ["a", "b"])
    assert row["accuracy"] == 0.5
    assert row["log_loss"] == pytest.approx(-(np.log(0.75) + np.log(0.25)) / 2)
