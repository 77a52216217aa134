"""Signals: convolutions in front, other versions of rows in training, letters of DNA."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ostinato import load
from ostinato._core.errors import InputError
from ostinato.nn import pack
from ostinato.tasks import PRESETS, LanguageModel, SequenceClassifier
from ostinato.tasks.front import Front
from ostinato.testing.check_task import check_task

FRONT: dict[str, Any] = {"convolutions": 2, "convolution_size": 8, "kernel_size": 3, "stride": 2}
CHANGES: dict[str, Any] = {"jitter": 0.1, "crop": 0.1, "time_warp": 0.2, "amplitude": 0.1}
SMALL: dict[str, Any] = {"cell": "gru", "hidden_size": 8, "epochs": 10, "lr": 0.04, "batch_size": 12}


def small(**settings: Any) -> SequenceClassifier:
    return SequenceClassifier(**{**SMALL, "validation_fraction": None, "random_state": 0, **settings})


def bursts(B: int = 48, seed: int = 0) -> tuple[list[np.ndarray], list[str]]:
    """Noise with a burst early or late: an order that no mean tells."""
    draw, rows, labels = np.random.default_rng(seed), [], []
    for number in range(B):
        T = int(draw.integers(12, 30))
        row, late = draw.normal(0, 0.3, (T, 3)), number % 2
        row[2 + (T // 2) * late : 5 + (T // 2) * late] += 2.0
        rows.append(5.0 + 100.0 * row)
        labels.append("late" if late else "early")
    return rows, labels


@pytest.mark.parametrize(("rows", "stride"), [("ragged", 2), ("texts", 1)])
def test_contract_with_a_front(rows: str, stride: int) -> None:
    front = {**FRONT, "convolution_size": 16, "stride": stride, "dropout": 0.1}
    check_task(small(**front, embedding_dropout=0.0, word_dropout=0.0, embedding_size=8, epochs=15), rows)


def test_the_preset_learns_and_is_stored(tmp_path: Path) -> None:
    X, y = bursts()
    model = SequenceClassifier.from_preset("signals", **{**SMALL, "hidden_size": 16, "epochs": 20}, random_state=0)
    model.fit(X, y)
    X_new, y_new = bursts(seed=1)
    assert model.score(X_new, y_new) > 0.9
    again = load(model.save(tmp_path / "m"))
    np.testing.assert_array_equal(again.predict_proba(X_new), model.predict_proba(X_new))
    assert again.network_.front is not None


def test_the_front_is_convolution_and_relu() -> None:
    front = Front(3, 4, layers=2, kernel_size=3, stride=2, dropout=0.5).eval()
    row = torch.randn(9, 3)
    expected = row.T[None]
    for layer in front.layers:
        expected = torch.nn.functional.conv1d(expected, layer.weight, layer.bias, stride=2, padding=1).relu()
    torch.testing.assert_close(front(pack([row])).data, expected[0].T)


def test_rows_do_not_see_each_other() -> None:
    X, y = bursts()
    model = small(**FRONT).fit(X, y)
    alone = np.concatenate([model.predict_proba([row]) for row in X])
    np.testing.assert_allclose(alone, model.predict_proba(X), rtol=1e-5)


def test_changes_are_drawn_in_training_alone_and_again_by_the_seed() -> None:
    X, y = bursts()
    one, two = small(**CHANGES).fit(X, y), small(**CHANGES).fit(X, y)
    np.testing.assert_array_equal(one.predict_proba(X), two.predict_proba(X))
    np.testing.assert_array_equal(one.predict_proba(X), one.predict_proba(X))
    assert np.abs(one.predict_proba(X) - small().fit(X, y).predict_proba(X)).max() > 1e-3


def test_scaling_is_learned_on_the_training_part_alone() -> None:
    X, y = bursts()
    held = [row * 1000 for row in X[:8]]
    model = small(epochs=1).fit(X, y, X_valid=held, y_valid=y[:8])
    steps = np.concatenate(X)
    np.testing.assert_allclose(model.encoder_.standardiser.mean, steps.mean(axis=0), rtol=1e-9)
    np.testing.assert_allclose(model.encoder_.standardiser.scale, steps.std(axis=0), rtol=1e-9)


def test_resumed_training_draws_the_same_changes(tmp_path: Path) -> None:
    X, y = bursts()
    whole = small(**CHANGES, epochs=4, schedule=None).fit(X, y)
    folder = str(tmp_path / "c")
    small(**CHANGES, epochs=2, schedule=None, checkpoint=folder).fit(X, y)
    rest = small(**CHANGES, epochs=4, schedule=None, checkpoint=folder, resume=True).fit(X, y)
    np.testing.assert_array_equal(rest.predict_proba(X), whole.predict_proba(X))


def test_dna(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    X = ["".join(draw.choice(list("ACGT"), 20)) for _ in range(60)]
    y = ["site" if number % 2 else "none" for number in range(60)]
    X = [x[:8] + ("GTAAGT" if label == "site" else "CCCCCC") + x[14:] for x, label in zip(X, y, strict=True)]
    model = small(tokenizer="dna", convolutions=1, convolution_size=8, dropout=0.0, epochs=15).fit(X, y)
    assert model.score(X, y) > 0.95
    assert model.predict(["NNNNNNNNGTRAGTNNNNNN"]).tolist() == ["site"]
    again = load(model.save(tmp_path / "m"))
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    with pytest.raises(InputError, match=r"X\[1\] has 'J' at letter 3, expected A, C, G, T"):
        model.predict([X[0], "ACJT"])
    with pytest.raises(InputError, match=r"X\[59\] has 'J' at letter 3"):  # its number before rows are held out
        small(tokenizer="dna", validation_fraction=0.5).fit([*X[:-1], "ACJT"], y)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"kernel_size": 4, "convolutions": 1}, "kernel_size=4, expected an odd"),
        ({"convolutions": -1}, "convolutions=-1"),
        ({"crop": 1.5}, "crop=1.5, expected a number from 0 up, below 1"),
    ],
)
def test_wrong_arguments_are_named(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        small(**settings).fit(*bursts(8))


def test_texts_cannot_be_jittered() -> None:
    with pytest.raises(InputError, match=r"jitter=0.1.*made of tokens, expected numbers.*set all four to 0"):
        small(jitter=0.1).fit(["good", "bad"] * 4, [0, 1] * 4)


def test_a_language_model_lends_to_no_convolution() -> None:
    lender = LanguageModel(hidden_size=4, embedding_size=4)
    with pytest.raises(InputError, match="convolutions=1 and pretrained"):
        small(convolutions=1, pretrained=lender).fit(["good", "bad"] * 4, [0, 1] * 4)


def test_presets_are_arguments() -> None:
    known = set(SequenceClassifier().get_params())
    assert all(set(settings) <= known for settings in PRESETS.values())
