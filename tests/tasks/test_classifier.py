"""What `SequenceClassifier` does beyond the contract that every task keeps."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from ostinato import load
from ostinato._core.errors import InputError, ShapeError
from ostinato.tasks import PRESETS, SequenceClassifier, fitting
from ostinato.text import Tokenizer

Make = Callable[..., SequenceClassifier]
Texts = tuple[list[str], list[str]]


def _numbers(B: int = 40, seed: int = 0) -> tuple[list[np.ndarray], list[int]]:
    draw = np.random.default_rng(seed)
    y = [b % 2 for b in range(B)]
    return [draw.normal(3.0 * label, 1.0, (draw.integers(2, 6), 2)) for label in y], y


def test_cross_validation_search_and_pipeline(small: Make, texts: Texts) -> None:
    assert cross_val_score(small(epochs=6), *texts, cv=2).min() > 0.9
    lower = FunctionTransformer(lambda X: [text.lower() for text in X])
    pipeline = Pipeline([("lower", lower), ("classify", small(epochs=6))])
    search = GridSearchCV(pipeline, {"classify__hidden_size": [2, 4]}, cv=2).fit(*texts)
    assert search.best_score_ > 0.9 and search.predict(["GOOD"]).tolist() == ["pos"]


def test_held_out_part_stops_early_and_keeps_the_best(small: Make) -> None:
    draw = np.random.default_rng(0)
    X, y = draw.normal(size=(60, 4, 2)), draw.integers(0, 2, 60)  # noise: the held-out loss soon rises
    model = small(epochs=60, patience=2, validation_fraction=0.25).fit(X, y)
    losses = model.history_.column("valid_loss")
    assert len(losses) < 60 and len(losses) == model.history_.best_epoch + 2
    assert model.metrics_["best_epoch"] == np.argmin(losses) + 1
    assert model.metrics_["valid_loss"] == min(losses)
    assert (model.metrics_["train_rows"], model.metrics_["valid_rows"]) == (45, 15)


def test_the_best_epoch_is_the_one_that_predicts(small: Make) -> None:
    X, y = _numbers()
    draw = np.random.default_rng(1)
    lies = draw.integers(0, 2, 30).tolist()
    X_valid = [draw.normal(size=(3, 2)) for _ in lies]
    model = small(epochs=12, patience=12).fit(X, y, X_valid=X_valid, y_valid=lies)
    chance = np.clip(model.predict_proba(X_valid)[np.arange(30), lies], 1e-12, 1)
    assert -np.log(chance).mean() == pytest.approx(model.metrics_["valid_loss"], rel=1e-5)
    assert model.score(X_valid, lies) == pytest.approx(model.metrics_["valid_accuracy"])


def test_without_patience_the_last_weights_are_kept(small: Make) -> None:
    draw = np.random.default_rng(0)
    X, y = draw.normal(size=(60, 4, 2)), draw.integers(0, 2, 60)  # noise: the held-out loss is lowest early
    model = small(epochs=30, patience=None, validation_fraction=0.25).fit(X, y)
    losses = model.history_.column("valid_loss")
    assert len(losses) == 30 and np.argmin(losses) < 29
    assert model.metrics_["best_epoch"] == 30 and model.metrics_["valid_loss"] == losses[-1]


def test_given_validation_rows_are_checked(small: Make, texts: Texts) -> None:
    with pytest.raises(InputError, match="expected both or neither"):
        small().fit(*texts, X_valid=["good"])
    with pytest.raises(InputError, match=r"y_valid\[0\] is 'neutral'"):
        small().fit(*texts, X_valid=["good"], y_valid=["neutral"])
    with pytest.raises(InputError, match="y_valid has 2 rows, expected 1"):
        small().fit(*texts, X_valid=["good"], y_valid=["pos", "neg"])
    with pytest.raises(InputError, match="expected texts as in fit"):
        small().fit(*texts, X_valid=[[0.5]], y_valid=["pos"])


def test_standardised_by_the_training_part_alone(small: Make) -> None:
    X, y = _numbers()
    model = small(epochs=1).fit(X, y, X_valid=[row + 1e6 for row in X], y_valid=y)
    steps = np.concatenate(X)
    np.testing.assert_allclose(model.encoder_.standardiser.mean, steps.mean(axis=0))
    np.testing.assert_allclose(model.encoder_.standardiser.scale, steps.std(axis=0))


def test_units_do_not_matter(small: Make) -> None:
    X, y = _numbers()
    plain, scaled = small().fit(X, y), small().fit([row * 1e9 + 1e12 for row in X], y)
    np.testing.assert_allclose(scaled.predict_proba([row * 1e9 + 1e12 for row in X]), plain.predict_proba(X), atol=1e-2)


def test_vocabulary_is_of_the_training_part_alone(small: Make, texts: Texts) -> None:
    model = small(epochs=1).fit(*texts, X_valid=["unheard"], y_valid=["pos"])
    assert "unheard" not in model.tokenizer_.vocabulary and "good" in model.tokenizer_.vocabulary


def test_partial_fit(small: Make, texts: Texts) -> None:
    X, y = texts
    model = small()
    with pytest.raises(InputError, match="classes=None in the first partial_fit"):
        model.partial_fit(X, y)
    for _ in range(6):
        model.partial_fit(X[:15], y[:15], classes=["neg", "pos", "unseen"])
        model.partial_fit(X[15:], y[15:])
    assert model.score(X, y) > 0.9 and model.classes_.tolist() == ["neg", "pos", "unseen"]
    assert model.history_.column("epoch") == list(range(1, 13)) and model.metrics_["rows"] == 180
    with pytest.raises(InputError, match="'never'"):
        model.partial_fit(["a"], ["never"])


def test_each_pass_of_partial_fit_draws_anew(small: Make, texts: Texts, monkeypatch: pytest.MonkeyPatch) -> None:
    seeds, train = [], fitting.train
    monkeypatch.setattr(fitting, "train", lambda *a: seeds.append(a[-1]) or train(*a))  # type: ignore[func-returns-value]
    model = small()
    for _ in range(3):
        model.partial_fit(*texts, classes=["neg", "pos"])
    assert len(set(seeds)) == 3


def test_the_seed_draws_the_first_weights(small: Make, texts: Texts) -> None:
    first, again, other = (small(epochs=0, random_state=seed).fit(*texts).network_ for seed in (0, 0, 1))
    weights = [torch.nn.utils.parameters_to_vector(network.parameters()) for network in (first, again, other)]
    assert torch.equal(weights[0], weights[1]) and not torch.equal(weights[0], weights[2])


def test_label_smoothing_is_of_training_alone(small: Make) -> None:
    X, y = _numbers(60)
    for target in (y, [b % 3 for b in range(60)], [[b % 2, b % 3 == 0] for b in range(60)]):
        plain, smooth = (
            small(label_smoothing=share, epochs=1, validation_fraction=0.2, lr=1e-9, dropout=0.0, input_dropout=0.0)
            .fit(X, np.asarray(target, dtype=int))
            .history_[0]
            for share in (0.0, 0.9)
        )
        assert smooth["valid_loss"] == pytest.approx(plain["valid_loss"], rel=1e-5)
        assert smooth["train_loss"] != pytest.approx(plain["train_loss"], rel=1e-3)


def test_warm_start_goes_on(small: Make, texts: Texts) -> None:
    model = small(epochs=2, warm_start=True, lr=0.01).fit(*texts)
    first = model.history_.column("train_loss")
    network = model.network_
    second = model.fit(*texts).history_.column("train_loss")
    assert model.network_ is network and second[0] < first[0]
    cold = small(epochs=2, lr=0.01).fit(*texts)
    assert cold.history_.column("train_loss") == cold.fit(*texts).history_.column("train_loss") == first


def test_interrupted_and_resumed_is_as_if_never_interrupted(small: Make, texts: Texts, tmp_path: Path) -> None:
    settings: dict[str, Any] = {"epochs": 6, "dropout": 0.3, "word_dropout": 0.1, "validation_fraction": 0.2}
    whole = small(**settings).fit(*texts)
    folder = str(tmp_path / "state")
    small(**{**settings, "epochs": 2}, checkpoint=folder).fit(*texts)
    # no seed is given: it has to come from the checkpoint, with the split and the vocabulary that it drew
    resumed = small(**settings, checkpoint=folder, resume=True).set_params(random_state=None).fit(*texts)
    np.testing.assert_array_equal(resumed.predict_proba(texts[0]), whole.predict_proba(texts[0]))
    assert resumed.seed_ == 0


def test_tokens_never_seen_are_one_unknown(small: Make) -> None:
    X, y = [[1, 2, 3], [4, 5]] * 10, [0, 1] * 10
    model = small(epochs=2, word_dropout=0.2).fit(X, y)
    assert model.network_.embedding.num_embeddings == 7  # ids 0 to 5, and one for all others
    np.testing.assert_array_equal(model.predict_proba([[1, 6]]), model.predict_proba([[1, 10**12]]))
    with pytest.raises(InputError, match="number them from 0"):
        small().fit([[10**12], [1]], [0, 1])


@pytest.mark.parametrize(("keep", "kept"), [("last", [3, 4]), ("first", [1, 2])])
def test_long_sequences_are_cut(small: Make, keep: str, kept: list[int]) -> None:
    model = small(epochs=1, max_length=2, keep=keep).fit([[1, 2, 3, 4], [4, 3]] * 5, [0, 1] * 5)
    np.testing.assert_array_equal(model.predict_proba([[1, 2, 3, 4]]), model.predict_proba([kept]))
    text = small(epochs=1, max_length=2, keep=keep).fit(["a b c d", "d c"] * 5, [0, 1] * 5)
    words = " ".join("abcd"[number - 1] for number in kept)
    np.testing.assert_array_equal(text.predict_proba(["a b c d"]), text.predict_proba([words]))


def test_ready_vectors(small: Make, texts: Texts, tmp_path: Path) -> None:
    vectors = {"good": np.full(4, 2.0), "bad": np.full(4, -2.0), "elsewhere": np.zeros(4)}
    model = small(embedding=vectors, freeze_embedding=True).fit(*texts)
    row = model.network_.embedding.weight[model.tokenizer_.vocabulary["good"]]
    assert row.tolist() == [2.0] * 4
    loaded = load(model.save(tmp_path / "model"))
    np.testing.assert_array_equal(loaded.predict_proba(texts[0]), model.predict_proba(texts[0]))
    table = np.arange(12.0).reshape(4, 3)
    of_tokens = small(embedding=table, freeze_embedding=True).fit([[0, 1], [2, 3]] * 5, [0, 1] * 5)
    np.testing.assert_array_equal(of_tokens.network_.embedding.weight[:4].numpy(), table)
    for wrong, X in ((table, texts[0]), (vectors, [[0.5]] * 30), (np.ones(3), texts[0])):
        with pytest.raises(InputError, match="embedding"):
            small(embedding=wrong).fit(X, texts[1])


def test_a_tokenizer_of_ones_own_is_used_and_left_alone(small: Make, texts: Texts, tmp_path: Path) -> None:
    tokenizer = Tokenizer("char").fit(["abcdefghijklmnopqrstuvwxyz "])
    before = tokenizer.to_json()
    model = small(tokenizer=tokenizer).fit(*texts)
    assert model.tokenizer_.vocabulary == tokenizer.vocabulary and tokenizer.to_json() == before
    loaded = load(model.save(tmp_path / "model"))
    np.testing.assert_array_equal(loaded.predict_proba(texts[0]), model.predict_proba(texts[0]))
    fresh = small(tokenizer=Tokenizer("char"), epochs=1)
    assert len(fresh.fit(*texts).tokenizer_) > 3


@pytest.mark.parametrize("preset", sorted(PRESETS.keys() - {"signals", "dna"}))  # these two: test_signals
def test_presets(preset: str, texts: Texts) -> None:
    model = SequenceClassifier.from_preset(preset, epochs=1, random_state=0)
    assert {name: getattr(model, name) for name in PRESETS[preset]} == {**PRESETS[preset], "epochs": 1} or (
        "epochs" not in PRESETS[preset]
    )
    assert model.fit(*texts).predict_proba(texts[0]).shape == (30, 2)


def test_lecture_networks_have_the_lectures_parameters() -> None:
    texts = [f"w{number}" for number in range(10_000)]
    for name, recurrent in (("lecture-rnn", 32 * (32 + 32 + 1)), ("lecture-lstm", 4 * 32 * (32 + 32 + 1))):
        model = SequenceClassifier.from_preset(name, epochs=0, validation_fraction=None)
        model.fit(texts, [0, 1] * 5_000)
        assert model.parameters_ == 10_000 * 32 + recurrent + 33


def test_options_reach_the_network(small: Make) -> None:
    X, y = _numbers(16)
    model = small(
        cell="lstm",
        num_layers=2,
        bidirectional=False,
        pooling="attention",
        recurrent_dropout=0.1,
        weight_drop=0.1,
        zoneout=0.1,
        layer_norm=True,
        bias="single",
        init="torch",
        truncate=2,
        forget_bias=2.0,
        max_tokens=30,
        optimizer="adamw",
        weight_decay=0.01,
        schedule="cosine",
        warmup=0.1,
        label_smoothing=0.1,
        average=0.9,
        n_threads=1,
        epochs=1,
    ).fit(X, y)
    layer = model.network_.recurrent
    assert (layer.cell.name, layer.num_layers, layer.bidirectional, layer.num_biases) == ("lstm", 2, False, 1)
    options = layer.options
    assert (options.recurrent_dropout, options.weight_drop, options.layer_norm, options.truncate) == (0.1, 0.1, True, 2)
    assert options.zoneout == (0.1, 0.1) and options.forget_bias == 2.0 and options.init == "torch"
    assert model.network_.pooling.kind == ("attention",)


def test_backend_can_be_demanded(small: Make) -> None:
    from ostinato.kernels import ran

    X, y = _numbers(8)
    with ran() as names:
        small(backend="reference", epochs=1).fit(X, y)
    assert set(names) == {"reference"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"cell": "lstn"}, "did you mean 'lstm'"),
        ({"pooling": "median"}, "expected one or several different ones of last"),
        ({"validation_fraction": 1.0}, "validation_fraction=1.0"),
        ({"max_length": 0}, "max_length=0"),
        ({"keep": "middle"}, "keep='middle'"),
        ({"tokenizer": "syllable"}, "'syllable'"),
        ({"random_state": -1}, "random_state=-1"),
        ({"optimizer": "adm"}, "adm"),
        ({"dropout": 1.5}, "dropout=1.5"),
        ({"input_dropout": -1}, "input_dropout=-1"),
        ({"word_dropout": 2}, "word_dropout=2"),
        ({"embedding_dropout": 2}, "embedding_dropout=2"),
        ({"hidden_size": 0}, "hidden_size=0"),
        ({"device": "abacus"}, "device='abacus'"),
        ({"class_weight": "fair"}, "class_weight='fair'"),
        ({"epochs": -1}, "epochs=-1"),
    ],
)
def test_arguments_are_checked_in_fit(small: Make, texts: Texts, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as raised:
        small(**arguments).fit(*texts)
    assert words in str(raised.value) and "\n" not in str(raised.value)


def test_an_unknown_preset_is_guessed() -> None:
    with pytest.raises(InputError, match="did you mean 'lecture-lstm'"):
        SequenceClassifier.from_preset("lectur-lstm")


def test_width_is_remembered(small: Make) -> None:
    X, y = _numbers(16)
    model = small(epochs=1).fit(X, y)
    with pytest.raises(ShapeError, match="X has 3 numbers a step, expected 2 as in fit"):
        model.predict([np.ones((4, 3))])
    flat = small(epochs=1).fit(np.random.default_rng(0).normal(size=(16, 5)), y)
    assert flat.n_features_in_ == 5
    with pytest.raises(ValueError, match="X has 4 features, but SequenceClassifier is expecting 5"):
        flat.predict(np.ones((2, 4)))


def test_only_texts_have_a_tokenizer(small: Make) -> None:
    model = small(epochs=1).fit(*_numbers(8))
    assert not hasattr(model, "tokenizer_") and not hasattr(small(), "tokenizer_")


def test_threads_are_set_back(small: Make, texts: Texts) -> None:
    before = torch.get_num_threads()
    small(n_threads=2, epochs=1).fit(*texts).predict(texts[0])
    assert torch.get_num_threads() == before
