"""The contract of a task: everything that holds for every line of `TASKS`, whatever the sequences are made of."""

import copy
import pickle
import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.base import RegressorMixin, clone
from sklearn.exceptions import NotFittedError

from ostinato._core.errors import InputError, NotFiniteError
from ostinato.tasks import Estimator, load
from ostinato.tasks.evaluate import evaluate
from ostinato.tasks.row_task import RowTask
from ostinato.tasks.tagging import Tagger
from ostinato.testing.check_regressor import NUMBERED_ROWS, REGRESSOR_CHECKS
from ostinato.testing.check_tagger import TAGGED_ROWS, TAGGER_CHECKS
from ostinato.testing.rows import ROWS
from ostinato.testing.trial import Trial, raises

_ROUNDING = 1e-5  # a float32 product's last digits depend on how many rows it has; a leak between rows is far larger


def check_task(estimator: Estimator, rows: str | None = None, check: str | None = None) -> None:
    """Check a task: what scikit-learn's `check_estimator` cannot ask, because it knows 2-D input alone.

    When to use: in the test of a new task; every one of `TASKS` passes.

    Args:
        estimator: not fitted, set so that it learns 60 easy rows in a moment; it is cloned, never fitted itself.
        rows: key of `ROWS` (of a tagger `TAGGED_ROWS`), a kind of rows to try; `None` tries all that the task takes.
        check: key of `CHECKS` (of a tagger `TAGGER_CHECKS`); `None` runs all.

    Raises:
        AssertionError: names the check and the rows.

    Example:
        >>> from ostinato.tasks import SummaryBaseline
        >>> check_task(SummaryBaseline(C=1.0), rows="ragged")
    """
    made, checks = _contract_of(estimator)
    for name in [rows] if rows else rows_for(estimator):
        for label in [check] if check else checks:
            trial = Trial(estimator, made[name]())
            try:
                checks[label](trial)
            except Exception as error:
                raise AssertionError(f"{type(estimator).__name__}, {label}, rows {name!r}: {error!r}") from error


def _contract_of(estimator: Estimator) -> tuple[dict[str, Callable[[], Any]], dict[str, Callable[[Trial], None]]]:
    """The rows and the checks of an estimator's kind."""
    if isinstance(estimator, Tagger):
        return {**TAGGED_ROWS}, TAGGER_CHECKS
    if isinstance(estimator, RegressorMixin):
        return {**NUMBERED_ROWS}, REGRESSOR_CHECKS
    return {**ROWS}, CHECKS


def rows_for(estimator: Estimator) -> list[str]:
    """The keys of `ROWS` that a task takes; of a tagger those of `TAGGED_ROWS`."""
    if not isinstance(estimator, RowTask):
        return list(TAGGED_ROWS)
    return [name for name, make in ROWS.items() if make().kind in estimator.inputs]


def _clone_keeps_arguments(t: Trial) -> None:
    copied = clone(t.estimator)
    assert copied is not t.estimator
    assert repr(copied.get_params()) == repr(t.estimator.get_params())
    before = repr(t.fitted.get_params())
    assert before == repr(t.fresh().get_params()), "fit changed an argument"


def _fit_returns_self(t: Trial) -> None:
    estimator = t.fresh()
    assert estimator.fit(t.rows.X, t.rows.y) is estimator


def _shapes(t: Trial) -> None:
    B = len(t.rows.y)
    assert t.fitted.predict(t.rows.X).shape == (B,)
    assert t.fitted.predict_proba(t.rows.X).shape == (B, 2)
    assert t.fitted.decision_function(t.rows.X).shape == (B,)
    assert t.fitted.parameters_ > 0


def _learns(t: Trial) -> None:
    accuracy = t.fitted.score(t.rows.X, t.rows.y)
    assert accuracy > 0.9, f"accuracy on its own rows {accuracy}"


def _probabilities_agree(t: Trial) -> None:
    chance, logits = t.fitted.predict_proba(t.rows.X), t.fitted.decision_function(t.rows.X)
    np.testing.assert_allclose(chance.sum(axis=1), 1.0, rtol=1e-12)
    np.testing.assert_array_equal(t.fitted.classes_[chance.argmax(axis=1)], t.fitted.predict(t.rows.X))
    np.testing.assert_array_equal(t.fitted.classes_[(logits > 0).astype(int)], t.fitted.predict(t.rows.X))


def _classes_sorted(t: Trial) -> None:
    assert t.fitted.classes_.tolist() == sorted(set(t.rows.y))


def _label_types(t: Trial) -> None:
    for pair in ((3, -7), (True, False), ("Ünï", "日本"), (0.0, 1.0)):
        y = np.asarray([pair[label == t.rows.y[0]] for label in t.rows.y])
        estimator = t.fresh().fit(t.rows.X, y)
        guess = estimator.predict(t.rows.X)
        assert guess.dtype == y.dtype and set(guess.tolist()) == set(pair), pair
        assert estimator.score(t.rows.X, y) > 0.9, pair


def _three_classes(t: Trial) -> None:
    estimator = t.fresh().fit(t.rows.X, t.rows.three)
    chance = estimator.predict_proba(t.rows.X)
    assert chance.shape == estimator.decision_function(t.rows.X).shape == (len(t.rows.y), 3)
    np.testing.assert_allclose(chance.sum(axis=1), 1.0, rtol=1e-12)
    assert estimator.score(t.rows.X, t.rows.three) > 0.8


def _several_labels(t: Trial) -> None:
    three = np.asarray(t.rows.three)
    y = np.stack([three == label for label in sorted(set(t.rows.three))[:2]], axis=1).astype(int)  # third: no label
    estimator = t.fresh().fit(t.rows.X, y)
    guess = estimator.predict(t.rows.X)
    assert guess.shape == y.shape and guess.dtype.kind == "i"
    assert (guess == y).mean() > 0.8
    assert evaluate(estimator, t.rows.X, y)["per_class"][0]["class"] == 0


def _one_row(t: Trial) -> None:
    assert t.fitted.predict(t.rows.X[:1]).shape == (1,)
    assert t.fitted.predict_proba(t.rows.X[:1]).shape == (1, 2)


def _no_rows(t: Trial) -> None:
    raises(InputError, "0 rows", lambda: t.fresh().fit([], []))
    raises(InputError, "0 rows", lambda: t.fitted.predict([]))


def _batch_mates_do_not_matter(t: Trial) -> None:
    together = t.fitted.decision_function(t.rows.X)
    alone = np.concatenate([t.fitted.decision_function(t.rows.X[b : b + 1]) for b in range(len(t.rows.y))])
    np.testing.assert_allclose(alone, together, rtol=_ROUNDING, atol=_ROUNDING)


def _row_order_does_not_matter(t: Trial) -> None:
    order = np.random.default_rng(0).permutation(len(t.rows.y))
    moved = t.fitted.decision_function(t.rows.take(order))
    np.testing.assert_allclose(moved, t.fitted.decision_function(t.rows.X)[order], rtol=_ROUNDING, atol=_ROUNDING)


def _same_seed_same_result(t: Trial) -> None:
    again = t.fresh().fit(t.rows.X, t.rows.y)
    np.testing.assert_array_equal(again.predict_proba(t.rows.X), t.fitted.predict_proba(t.rows.X))


def _saved_is_loaded(t: Trial) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for estimator, y in ((t.fitted, t.rows.y), (t.fresh().fit(t.rows.X, t.rows.three), t.rows.three)):
            path = Path(folder) / "model"
            estimator.save(path)
            for loaded in (load(path), type(estimator).load(path)):
                assert type(loaded) is type(estimator)
                assert repr(loaded.get_params()) == repr(estimator.get_params())
                assert loaded.classes_.dtype == estimator.classes_.dtype
                np.testing.assert_array_equal(loaded.predict_proba(t.rows.X), estimator.predict_proba(t.rows.X))
                assert loaded.score(t.rows.X, y) == estimator.score(t.rows.X, y)
                assert loaded.parameters_ == estimator.parameters_


def _pickles(t: Trial) -> None:
    for copied in (pickle.loads(pickle.dumps(t.fitted)), copy.deepcopy(t.fitted)):
        np.testing.assert_array_equal(copied.predict_proba(t.rows.X), t.fitted.predict_proba(t.rows.X))


def _not_fitted(t: Trial) -> None:
    estimator = t.fresh()
    for ask in (estimator.predict, estimator.predict_proba, estimator.decision_function):
        raises(NotFittedError, "not fitted", lambda ask=ask: ask(t.rows.X))  # type: ignore[misc]
    with tempfile.TemporaryDirectory() as folder:
        raises(NotFittedError, "not fitted", lambda: estimator.save(Path(folder) / "model"))


def _bad_row_is_named(t: Trial) -> None:
    spoilt = list(t.rows.X)
    if t.rows.kind == "numeric":
        spoilt[3] = np.array(spoilt[3], dtype=float)
        spoilt[3][1, 0] = np.nan
        place = "X[3] holds NaN at step 1"
    else:
        spoilt[3], place = None, "X[3] is None"
    error = NotFiniteError if t.rows.kind == "numeric" else InputError
    raises(error, place, lambda: t.fresh().fit(spoilt, t.rows.y))
    raises(error, place, lambda: t.fitted.predict(spoilt))


def _wrong_width(t: Trial) -> None:
    if t.rows.kind == "numeric":
        wide = [np.concatenate([row, row], axis=1) for row in t.rows.X]
        raises(InputError, "in fit", lambda: t.fitted.predict(wide))


def _other_kind(t: Trial) -> None:
    other: Any = [[1, 2]] if t.rows.kind == "text" else ["a text"]
    raises(InputError, "expected", lambda: t.fitted.predict(other))


def _unknown_label(t: Trial) -> None:
    y = [*t.rows.y[:-1], "never seen"]
    raises(InputError, f"y[{len(y) - 1}] is 'never seen'", lambda: evaluate(t.fitted, t.rows.X, y))


def _one_class(t: Trial) -> None:
    raises(InputError, "1 class", lambda: t.fresh().fit(t.rows.X, ["same"] * len(t.rows.y)))


def _missing_label(t: Trial) -> None:
    raises(InputError, "y[2] is None", lambda: t.fresh().fit(t.rows.X, [*t.rows.y[:2], None, *t.rows.y[3:]]))


def _lengths_differ(t: Trial) -> None:
    raises(InputError, "rows", lambda: t.fresh().fit(t.rows.X, t.rows.y[:-1]))


def _weight_zero_is_no_row(t: Trial) -> None:
    wrong = np.arange(len(t.rows.y)) % 5 < 3  # most rows: who reads them learns the opposite
    lies = [_other(label, t.rows.y) if lie else label for label, lie in zip(t.rows.y, wrong, strict=True)]
    estimator = t.fresh().fit(t.rows.X, lies, sample_weight=np.where(wrong, 0.0, 1.0))
    assert estimator.score(t.rows.X, t.rows.y) > 0.9, "rows of weight 0 were learned from"


def _class_weight(t: Trial) -> None:
    rare, common = sorted(set(t.rows.y))
    t.fresh(class_weight="balanced").fit(t.rows.X, t.rows.y)
    pulled = t.fresh(class_weight={rare: 1e-3, common: 1.0}).fit(t.rows.X, t.rows.y).predict_proba(t.rows.X)
    assert pulled[:, 1].mean() > t.fitted.predict_proba(t.rows.X)[:, 1].mean()
    raises(InputError, "'nobody'", lambda: t.fresh(class_weight={"nobody": 1.0}).fit(t.rows.X, t.rows.y))


def _nothing_else_changes(t: Trial) -> None:
    X, y = copy.deepcopy(t.rows.X), copy.deepcopy(t.rows.y)
    state = torch.random.get_rng_state(), repr(np.random.get_state()), random.getstate(), torch.get_num_threads()
    t.fresh().fit(X, y).predict(X)
    clone(t.estimator).set_params(random_state=None).fit(X, y)
    assert torch.equal(state[0], torch.random.get_rng_state()), "torch's generator was drawn from"
    assert state[1] == repr(np.random.get_state()), "numpy's generator was drawn from"
    assert state[2] == random.getstate(), "Python's generator was drawn from"
    assert state[3] == torch.get_num_threads(), "torch's threads were changed"
    assert y == t.rows.y, "y was changed"
    assert all(np.array_equal(a, b) for a, b in zip(X, t.rows.X, strict=True)), "X was changed"


def _any_unicode(t: Trial) -> None:
    if t.rows.kind == "text":
        odd = ["", " ", "\x85", "<br />", "<pad> <unk> <eos>", "🎵" * 50, "a\u0301", "\u202eabc", "\x00", "日本語"]
        chance = t.fitted.predict_proba(odd)
        assert chance.shape == (len(odd), 2) and np.isfinite(chance).all()


CHECKS: dict[str, Callable[[Trial], None]] = {
    "clone keeps arguments": _clone_keeps_arguments,
    "fit returns self": _fit_returns_self,
    "shapes": _shapes,
    "learns": _learns,
    "probabilities agree": _probabilities_agree,
    "classes sorted": _classes_sorted,
    "label types": _label_types,
    "three classes": _three_classes,
    "several labels": _several_labels,
    "one row": _one_row,
    "no rows": _no_rows,
    "batch mates do not matter": _batch_mates_do_not_matter,
    "row order does not matter": _row_order_does_not_matter,
    "same seed, same result": _same_seed_same_result,
    "saved is loaded": _saved_is_loaded,
    "pickles": _pickles,
    "not fitted": _not_fitted,
    "bad row is named": _bad_row_is_named,
    "wrong width": _wrong_width,
    "other kind": _other_kind,
    "unknown label": _unknown_label,
    "one class": _one_class,
    "missing label": _missing_label,
    "lengths differ": _lengths_differ,
    "weight 0 is no row": _weight_zero_is_no_row,
    "class weight": _class_weight,
    "nothing else changes": _nothing_else_changes,
    "any Unicode": _any_unicode,
}


def _other(label: str, labels: list[str]) -> str:
    return next(other for other in labels if other != label)
