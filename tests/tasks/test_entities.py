"""Entity scores are conlleval's, to the digit; tests/golden/make_conlleval.py ran the original."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from ostinato._core.errors import InputError
from ostinato.tasks.entities import entity_scores

GOLDEN = Path(__file__).parents[1] / "golden"
PRINTED = json.loads((GOLDEN / "conlleval.json").read_text(encoding="utf-8"))


def _make() -> Any:
    spec = importlib.util.spec_from_file_location("make_conlleval", GOLDEN / "make_conlleval.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_random_tags_score_as_conlleval_says() -> None:
    assert entity_scores(*_make().pairs("random", Path())).conlleval() == PRINTED["random"]


@pytest.mark.data
@pytest.mark.parametrize("name", ["testa", "testb"])
def test_conll_2003_scores_as_conlleval_says(name: str, data_dir: Path) -> None:
    gold, predicted = _make().pairs(name, data_dir)
    assert entity_scores(gold, predicted).conlleval() == PRINTED[name]


def test_shares_are_conllevals_percentages() -> None:
    scores = entity_scores(*_make().pairs("random", Path()))
    line = PRINTED["random"].splitlines()[1]
    assert f"{100 * scores.f1:6.2f}" == line.rpartition("FB1: ")[2]
    assert f"{100 * scores.precision:6.2f}%" in line and f"{100 * scores.recall:6.2f}%" in line


def test_neighbours_of_one_type_are_two_in_bioes() -> None:
    scores = entity_scores([["S-PER", "S-PER"]], [["S-PER", "S-PER"]])
    assert scores.correct["PER"] == 2


def test_nothing_found_is_zero_not_an_error() -> None:
    scores = entity_scores([["B-PER"], []], [["O"], []])
    assert (scores.precision, scores.recall, scores.f1) == (0.0, 0.0, 0.0)
    assert entity_scores([], []).conlleval() == "processed 0 tokens with 0 phrases; found: 0 phrases; correct: 0.\n"


def test_unequal_lengths_are_named() -> None:
    with pytest.raises(InputError, match="row 1 has 1 predicted tags, expected 2"):
        entity_scores([["O"], ["O", "O"]], [["O"], ["O"]])
