"""Who is entered, and what a comparison shows of them."""

import numpy as np
import pytest

from ostinato.cli.contest import contest
from ostinato.cli.entrants import entrants

CHANCE = "always the commonest class"


@pytest.mark.parametrize("numeric", [True, False])
def test_chance_knows_the_training_rows_alone(numeric: bool) -> None:
    models = entrants(numeric=numeric, settings={})
    learned, measured = (["x"] * 4, ["a", "a", "a", "b"]), (["x"] * 2, ["a", "b"])
    (row,), _ = contest({CHANCE: models[CHANCE]}, learned, measured, [0])
    assert row["model"] == CHANCE
    assert row["accuracy"] == 0.5
    assert row["log_loss"] == pytest.approx(-(np.log(0.75) + np.log(0.25)) / 2)
    assert row["parameters"] is row["size_mb"] is None


def test_each_seed_is_said_and_the_first_model_kept(capsys: pytest.CaptureFixture[str]) -> None:
    lasso = entrants(numeric=False, settings={})["bag of words, lasso"].set_params(C=10.0)
    rows = ["good fun", "so bad"] * 10, ["pos", "neg"] * 10
    (row,), fitted = contest({"lasso": lasso}, rows, rows, [6, 9])
    assert capsys.readouterr().err == "fitting lasso, seed 6\nfitting lasso, seed 9\n"
    assert fitted["lasso"].random_state == 6
    assert (row["accuracy"], row["accuracy_spread"]) == (1.0, 0.0)
    assert 0 < row["size_mb"] < 0.1 and row["predict_ms"] > 0


def test_letters() -> None:
    models = entrants(numeric=False, settings={}, letters=True)
    assert models["bag of letters, ridge"].tokenizer == "char"
