"""What is particular to `SequenceRegressor`; what every regressor keeps is in test_contract."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.neural_network import MLPRegressor

from ostinato import InputError, SequenceRegressor, SummaryRegressor, load
from ostinato.tasks.targets import Targets, read_targets

SMALL: dict[str, Any] = {"cell": "gru", "hidden_size": 8, "dropout": 0.0, "epochs": 3, "lr": 0.02, "random_state": 0}


def _rows(count: int = 80) -> tuple[list[np.ndarray], np.ndarray]:
    """Sequences whose number is the difference of their first and last step: no mean tells it."""
    draw = np.random.default_rng(0)
    X = [draw.normal(size=(draw.integers(3, 9), 1)) for _ in range(count)]
    return X, np.array([40 + 10 * (row[0, 0] - row[-1, 0]) for row in X])


def test_order_is_learned_where_a_mean_cannot() -> None:
    X, y = _rows(300)
    network = SequenceRegressor(**{**SMALL, "epochs": 40}, batch_size=16, validation_fraction=None).fit(
        X[:200], y[:200]
    )
    baseline = SummaryRegressor(summary="mean").fit(X[:200], y[:200])
    assert network.score(X[200:], y[200:]) > 0.9 > 0.3 > baseline.score(X[200:], y[200:])


def test_scale_is_learned_from_the_training_part_alone() -> None:
    X, y = _rows()
    apart = np.where(np.arange(len(y)) < 60, y, 1e6)  # held-out numbers that would move any mean
    model = SequenceRegressor(**SMALL).fit(X[:60], y[:60], X_valid=X[60:], y_valid=apart[60:])
    np.testing.assert_allclose(model.targets_.mean, [y[:60].mean()])
    np.testing.assert_allclose(model.targets_.scale, [y[:60].std()])


def test_held_out_loss_is_that_of_standardised_targets() -> None:
    X, y = _rows()
    model = SequenceRegressor(**SMALL).fit(X[:60], y[:60], X_valid=X[60:], y_valid=y[60:])
    expected = np.mean((model.predict(X[60:]) - y[60:]) ** 2) / y[:60].var()
    assert model.history_[-1]["valid_loss"] == pytest.approx(expected, rel=1e-5)


def test_warm_start_goes_on() -> None:
    X, y = _rows()
    model = SequenceRegressor(**SMALL, warm_start=True, validation_fraction=None).fit(X, y)
    first = model.score(X, y)
    assert all(model.fit(X, y).score(X, y) > first for _ in range(2))
    with pytest.raises(InputError, match="y has 2 targets, expected 1 as before"):
        model.fit(X, np.stack([y, y], axis=1))


def test_ridge_is_scikit_learns() -> None:
    X, y = _rows()
    found = SummaryRegressor(summary="last", alpha=2.0).fit(X, y)
    last = np.stack([row[-1] for row in X])
    scaled = (last - last.mean(axis=0)) / last.std(axis=0)
    theirs = Ridge(alpha=2.0).fit(scaled, (y - y.mean()) / y.std()).predict(scaled) * y.std() + y.mean()
    np.testing.assert_allclose(found.predict(X), theirs, rtol=1e-10)


def test_network_is_scikit_learns() -> None:
    X, y = _rows()
    found = SummaryRegressor(summary="last", model="network", hidden=(5,), random_state=3).fit(X, y)
    last = np.stack([row[-1] for row in X])
    scaled, target = (last - last.mean(axis=0)) / last.std(axis=0), (y - y.mean()) / y.std()
    theirs = MLPRegressor(hidden_layer_sizes=(5,), random_state=3, batch_size=80)
    for _ in range(found.metrics_["epochs"]):
        theirs.partial_fit(scaled, target)
    np.testing.assert_allclose(found.predict(X), theirs.predict(scaled) * y.std() + y.mean(), rtol=1e-6)


def test_resume_is_exact(tmp_path: Path) -> None:
    X, y = _rows()
    whole = SequenceRegressor(**{**SMALL, "epochs": 4, "schedule": None}).fit(X, y)
    kept = {**SMALL, "schedule": None, "checkpoint": str(tmp_path / "kept")}
    SequenceRegressor(**{**kept, "epochs": 2}).fit(X, y)
    resumed = SequenceRegressor(**{**kept, "epochs": 4}, resume=True).fit(X, y)
    np.testing.assert_array_equal(resumed.predict(X), whole.predict(X))


FRONT: dict[str, Any] = {"convolutions": 1, "convolution_size": 16, "kernel_size": 3, "stride": 2}
CHANGES: dict[str, Any] = {"jitter": 0.1, "crop": 0.5, "time_warp": 0.2, "amplitude": 0.1}


def test_a_front_of_convolutions(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    edges = draw.integers(3, 25, 240)  # the answer: how long a signal with a sign that alternates stays high
    X = [np.where(np.arange(28) < edge, 2.0, -2.0)[:, None] * (-1.0) ** np.arange(28)[:, None] for edge in edges]
    y = edges.astype(float)
    model = SequenceRegressor(**{**SMALL, **FRONT, "epochs": 30}, batch_size=16, validation_fraction=None)
    assert model.fit(X[:200], y[:200]).score(X[200:], y[200:]) > 0.9
    assert model.network_.front is not None and len(model.network_.front.layers) == 1
    again = load(model.save(tmp_path / "m"))
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    alone = np.concatenate([model.predict([row]) for row in X[:20]])
    np.testing.assert_allclose(alone, model.predict(X[:20]), rtol=1e-4)


def test_rows_are_changed_in_training_alone_and_again_by_the_seed() -> None:
    X, y = _rows()
    one, two = (SequenceRegressor(**SMALL, **CHANGES).fit(X, y) for _ in range(2))
    np.testing.assert_array_equal(one.predict(X), two.predict(X))
    np.testing.assert_array_equal(one.predict(X), one.predict(X))
    for name, value in CHANGES.items():
        other = SequenceRegressor(**SMALL, **{**CHANGES, name: 0.0}).fit(X, y)
        assert np.abs(other.predict(X) - one.predict(X)).max() > 1e-3, f"{name}={value} changes nothing"
    with pytest.raises(InputError, match="made of tokens, expected numbers to change"):
        SequenceRegressor(**SMALL, jitter=0.1).fit(["good", "bad"] * 4, [0, 1] * 4)


def test_targets_undo_themselves() -> None:
    columns = read_targets([[1.0, 5.0], [3.0, 5.0]])
    targets = Targets.fit(columns, flat=False)
    np.testing.assert_array_equal(targets.scaled(columns), [[-1, 0], [1, 0]])
    np.testing.assert_array_equal(targets.given_back(targets.scaled(columns)), columns)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"alpha": -1.0}, "alpha=-1.0, expected a number above 0"),
        ({"model": "tree"}, "model='tree', expected 'ridge' or 'network'"),
        ({"summary": "sum"}, "summary='sum', expected one of"),
    ],
)
def test_wrong_arguments(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        SummaryRegressor(**arguments).fit(*_rows(5))


def test_texts_have_no_summary() -> None:
    with pytest.raises(InputError, match="take SequenceRegressor"):
        SummaryRegressor().fit(["a text"], [1.0])
