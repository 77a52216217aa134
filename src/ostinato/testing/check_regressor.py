"""The contract of a regressor: numbers in their own unit, and all that holds for every task."""

import copy
import pickle
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import r2_score

from ostinato._core.errors import InputError, NotFiniteError
from ostinato.tasks import load
from ostinato.testing.rows import ROWS, Rows
from ostinato.testing.trial import Trial, raises

_ROUNDING = 1e-5  # a float32 product's last digits depend on how many rows it has; a leak between rows is far larger


@dataclass(frozen=True)
class NumberedRows:
    """The easy rows of `ROWS` with a number each, far from 0 and of a unit far from 1.

    Args:
        rows: with three classes.
        X: the rows.
        y: (B,) numbers.
    """

    rows: Rows
    X: Any
    y: np.ndarray


def _numbered(name: str) -> NumberedRows:
    rows = ROWS[name]()
    levels = {"bad": 5000.0, "fine": 5100.0, "good": 5300.0}
    return NumberedRows(rows, rows.X, np.array([levels[label] for label in rows.three]))


NUMBERED_ROWS: dict[str, Callable[[], NumberedRows]] = {name: partial(_numbered, name) for name in ROWS}


def _clone_keeps_arguments(t: Trial) -> None:
    assert repr(clone(t.estimator).get_params()) == repr(t.estimator.get_params())
    assert repr(t.fitted.get_params()) == repr(t.fresh().get_params()), "fit changed an argument"


def _learns(t: Trial) -> None:
    guess = t.fitted.predict(t.rows.X)
    assert guess.shape == t.rows.y.shape and guess.dtype == np.float64
    assert r2_score(t.rows.y, guess) > 0.8
    assert t.fitted.score(t.rows.X, t.rows.y) == r2_score(t.rows.y, guess)
    assert t.fitted.parameters_ > 0


def _units_do_not_matter(t: Trial) -> None:
    guess = t.fitted.predict(t.rows.X)
    moved = t.fresh().fit(t.rows.X, t.rows.y * 1e-6 - 3.0).predict(t.rows.X)
    np.testing.assert_allclose((moved + 3.0) * 1e6, guess, rtol=1e-3)


def _several_targets(t: Trial) -> None:
    y = np.stack([t.rows.y, -1e-3 * t.rows.y, np.full(len(t.rows.y), 7.0)], axis=1)  # the third never changes
    estimator = t.fresh().fit(t.rows.X, y)
    guess = estimator.predict(t.rows.X)
    assert guess.shape == y.shape
    assert r2_score(y[:, :2], guess[:, :2]) > 0.7
    column = t.fresh().fit(t.rows.X, t.rows.y[:, None])
    assert column.predict(t.rows.X).shape == (len(y), 1)


def _one_row(t: Trial) -> None:
    assert t.fitted.predict(t.rows.X[:1]).shape == (1,)


def _no_rows(t: Trial) -> None:
    raises(InputError, "0 rows", lambda: t.fresh().fit([], []))
    raises(InputError, "0 rows", lambda: t.fitted.predict([]))


def _batch_mates_do_not_matter(t: Trial) -> None:
    together = t.fitted.predict(t.rows.X)
    alone = np.concatenate([t.fitted.predict(t.rows.X[b : b + 1]) for b in range(len(together))])
    np.testing.assert_allclose(alone, together, rtol=_ROUNDING)
    order = np.random.default_rng(0).permutation(len(together))
    np.testing.assert_allclose(t.fitted.predict(t.rows.rows.take(order)), together[order], rtol=_ROUNDING)


def _same_seed_same_result(t: Trial) -> None:
    np.testing.assert_array_equal(t.fresh().fit(t.rows.X, t.rows.y).predict(t.rows.X), t.fitted.predict(t.rows.X))


def _saved_is_loaded(t: Trial) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for y in (t.rows.y, np.stack([t.rows.y, -t.rows.y], axis=1)):
            estimator, path = t.fresh().fit(t.rows.X, y), Path(folder) / "model"
            estimator.save(path)
            for loaded in (load(path), type(estimator).load(path)):
                assert repr(loaded.get_params()) == repr(estimator.get_params())
                np.testing.assert_array_equal(loaded.predict(t.rows.X), estimator.predict(t.rows.X))
                assert loaded.parameters_ == estimator.parameters_


def _pickles(t: Trial) -> None:
    for copied in (pickle.loads(pickle.dumps(t.fitted)), copy.deepcopy(t.fitted)):
        np.testing.assert_array_equal(copied.predict(t.rows.X), t.fitted.predict(t.rows.X))


def _not_fitted(t: Trial) -> None:
    raises(NotFittedError, "not fitted", lambda: t.fresh().predict(t.rows.X))


def _bad_number_is_named(t: Trial) -> None:
    y = t.rows.y.copy()
    y[2] = np.nan
    raises(NotFiniteError, "y[2] is not finite", lambda: t.fresh().fit(t.rows.X, y))
    raises(InputError, "y[2] is no number", lambda: t.fresh().fit(t.rows.X, [*y[:2], "many", *y[3:]]))
    raises(InputError, "rows", lambda: t.fresh().fit(t.rows.X, t.rows.y[:-1]))


def _weight_zero_is_no_row(t: Trial) -> None:
    wrong = np.arange(len(t.rows.y)) % 5 < 2
    lies = np.where(wrong, 20_000.0 - t.rows.y, t.rows.y)
    estimator = t.fresh().fit(t.rows.X, lies, sample_weight=np.where(wrong, 0.0, 1.0))
    assert estimator.score(t.rows.X, t.rows.y) > 0.5, "rows of weight 0 were learned from"


def _nothing_else_changes(t: Trial) -> None:
    X, y = copy.deepcopy(t.rows.X), t.rows.y.copy()
    state = torch.random.get_rng_state(), repr(np.random.get_state())
    t.fresh().fit(X, y).predict(X)
    assert torch.equal(state[0], torch.random.get_rng_state()), "torch's generator was drawn from"
    assert state[1] == repr(np.random.get_state()), "numpy's generator was drawn from"
    assert (y == t.rows.y).all(), "y was changed"
    assert all(np.array_equal(a, b) for a, b in zip(X, t.rows.X, strict=True)), "X was changed"


REGRESSOR_CHECKS: dict[str, Callable[[Trial], None]] = {
    "clone keeps arguments": _clone_keeps_arguments,
    "learns": _learns,
    "units do not matter": _units_do_not_matter,
    "several targets": _several_targets,
    "one row": _one_row,
    "no rows": _no_rows,
    "batch mates do not matter": _batch_mates_do_not_matter,
    "same seed, same result": _same_seed_same_result,
    "saved is loaded": _saved_is_loaded,
    "pickles": _pickles,
    "not fitted": _not_fitted,
    "bad number is named": _bad_number_is_named,
    "weight 0 is no row": _weight_zero_is_no_row,
    "nothing else changes": _nothing_else_changes,
}
