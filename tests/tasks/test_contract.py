"""Every task keeps the contract: our own `check_task`, and scikit-learn's `check_estimator`."""

import pytest
from sklearn.utils.estimator_checks import check_estimator

from ostinato.tasks import (
    TASKS,
    BagOfWords,
    Estimator,
    MostFrequentTag,
    SequenceClassifier,
    SequenceRegressor,
    SequenceTagger,
    SummaryBaseline,
    SummaryRegressor,
    WindowTagger,
)
from ostinato.testing.check_task import check_task, rows_for

SMALL: dict[str, Estimator] = {
    "classify": SequenceClassifier(
        cell="gru", hidden_size=8, embedding_size=8, epochs=10, lr=0.04, batch_size=12, validation_fraction=None
    ),
    "bag-of-words": BagOfWords(),
    "summary": SummaryBaseline(),
    "regress": SequenceRegressor(
        cell="gru",
        hidden_size=8,
        embedding_size=8,
        dropout=0.0,
        embedding_dropout=0.0,
        epochs=30,
        lr=0.03,
        batch_size=12,
        validation_fraction=None,
    ),
    "summary-regress": SummaryRegressor(summary="mean", model="network", random_state=0),
    "tag": SequenceTagger(
        hidden_size=8,
        embedding_size=12,
        character_features=8,
        dropout=0.1,
        input_dropout=0.0,
        word_dropout=0.1,
        epochs=12,
        lr=0.03,
        batch_size=12,
        validation_fraction=None,
    ),
    "window-tags": WindowTagger(C=10.0),
    "word-tags": MostFrequentTag(inner_scheme="iob1"),
}
CASES = [(task, rows) for task in SMALL for rows in rows_for(SMALL[task])]


def test_every_task_is_here() -> None:
    # they answer with texts, notes or series: tests/tasks/language, music, translation, captioning, speech, forecasting
    others = {"lm", "music", "translate", "caption", "transcribe", "forecast", "forecast-baseline"}
    assert set(SMALL) == set(TASKS) - others
    assert all(name == task.task for name, task in TASKS.items())


@pytest.mark.parametrize(("task", "rows"), CASES)
def test_contract(task: str, rows: str) -> None:
    check_task(SMALL[task], rows)


# A row of weight 2 and a row that stands there twice are not the same draw: batches, held-out rows and dropout differ.
STOCHASTIC = {"check_sample_weight_equivalence_on_dense_data": "rows are drawn into batches at random"}
# scikit-learn asks for 1e-7; a float32 product's last digits depend on its number of rows. `check_task` asks for 1e-5.
FLOAT32 = {"check_methods_subset_invariance": "float32 rounding depends on the number of rows in a product"}


def _check(estimator: Estimator, expected: dict[str, str]) -> None:
    results = check_estimator(estimator, expected_failed_checks=expected, on_fail=None, on_skip=None)
    failed = {r["check_name"]: repr(r["exception"]) for r in results if r["status"] == "failed"}
    assert not failed
    assert sum(r["status"] == "passed" for r in results) > 50


def test_scikit_learn_classifier() -> None:
    small = SequenceClassifier(
        hidden_size=8,
        epochs=20,
        lr=0.05,
        patience=None,
        validation_fraction=None,
        dropout=0.0,
        input_dropout=0.0,
        random_state=0,
    )
    _check(small, STOCHASTIC | FLOAT32)


def test_scikit_learn_summary() -> None:
    _check(SummaryBaseline(summary="flat", C=1.0, random_state=0), {})


def test_scikit_learn_summary_chosen_penalty() -> None:
    _check(
        SummaryBaseline(summary="flat", random_state=0),
        {"check_sample_weight_equivalence_on_dense_data": "held-out rows are drawn"},
    )


def test_scikit_learn_regressor() -> None:
    small = SequenceRegressor(
        hidden_size=8, epochs=40, lr=0.05, validation_fraction=None, dropout=0.0, batch_size=16, random_state=0
    )
    _check(small, STOCHASTIC | FLOAT32)


def test_scikit_learn_summary_regressor() -> None:
    _check(SummaryRegressor(summary="flat", alpha=1.0), {})
