"""A tag a letter and a tag a step: DNA, texts, numbers; what the contract of taggers of words does not ask."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from ostinato._core.errors import InputError, NotFiniteError, ShapeError
from ostinato.tasks import MostFrequentTag, SequenceTagger, WindowTagger, load
from ostinato.tasks.aligned import AlignedBatches, Numbers
from ostinato.tasks.entities import entity_scores

SMALL: dict[str, Any] = {
    "hidden_size": 12,
    "embedding_size": 8,
    "epochs": 15,
    "lr": 0.03,
    "dropout": 0.1,
    "batch_size": 12,
    "validation_fraction": None,
    "random_state": 0,
}


def genes(B: int = 60, seed: int = 0) -> tuple[list[str], list[str]]:
    """Exon letters up to a GTAAG, intron letters from there on: a letter alone tells nothing."""
    draw = np.random.default_rng(seed)
    X, y = [], []
    for _ in range(B):
        before, after = (int(draw.integers(2, 12)) for _ in range(2))
        letters = "".join(draw.choice(list("ACGT"), before + after))
        X.append(letters[:before] + "GTAAG" + letters[before:])
        y.append("e" * before + "i" * (after + 5))
    return X, y


def steps(B: int = 40, seed: int = 0) -> tuple[list[np.ndarray], list[list[str]]]:
    """Two sensors that change sides once in each row."""
    draw = np.random.default_rng(seed)
    X, y = [], []
    for number in range(B):
        T, turn = int(draw.integers(6, 15)), int(draw.integers(2, 5))
        high = (np.arange(T) >= turn) ^ bool(number % 2)
        X.append(np.stack([1000 + 5 * high, -5.0 * high], axis=1) + draw.normal(0, 0.5, (T, 2)))
        y.append(["walk" if step else "sit" for step in high])
    return X, y


def small(**settings: Any) -> SequenceTagger:
    return SequenceTagger(**{**SMALL, **settings})


@pytest.mark.parametrize(
    "settings",
    [
        {"tokenizer": "dna"},
        {"tokenizer": "dna", "crf": False, "convolutions": 1, "convolution_size": 12, "kernel_size": 5},
        {"tokenizer": "char"},
    ],
)
def test_a_tag_a_letter(settings: dict[str, Any], tmp_path: Path) -> None:
    model = small(**settings).fit(*genes())
    X, y = genes(30, seed=1)
    assert model.score(X, y) > 0.9 and model.scheme_ is None
    tags, chances = model.decide(X)
    assert [len(row) for row in tags] == [len(row) for row in X] == [len(row) for row in chances]
    again = load(model.save(tmp_path / "m"))
    assert again.predict(X) == tags
    for one, other in zip(again.predict_proba(X), chances, strict=True):
        np.testing.assert_array_equal(one, other)
    alone = np.concatenate([model.predict_proba([row])[0] for row in X])
    np.testing.assert_allclose(alone, np.concatenate(chances), rtol=1e-4, atol=1e-5)
    assert model.predict(["", X[0]])[0] == []
    assert model.predict([list(X[0])]) == tags[:1]  # a list of letters is a text


def test_codes_are_shares_of_bases() -> None:
    model = small(tokenizer="dna").fit(*genes())
    assert model.predict_proba(["ACGU"])[0] == pytest.approx(model.predict_proba(["acgt"])[0])
    assert model.network_.embedding is None and model.network_.recurrent.input_size == 4
    with pytest.raises(AttributeError, match="fitted on words or letters"):
        _ = model.lexicon_


def test_letters_keep_their_capitals_and_digits() -> None:
    draw = np.random.default_rng(0)
    X = ["".join(draw.choice(list("aAbB12"), 8)) for _ in range(60)]
    y = [["big" if c.isupper() else "one" if c == "1" else "small" for c in row] for row in X]
    assert small(tokenizer="char").fit(X, y).score(X, y) == 1.0


def test_a_tag_a_step(tmp_path: Path) -> None:
    X, y = steps()
    model = small().fit(X, y)
    assert model.score(*steps(seed=1)) > 0.95 and model.input_ == "numeric"
    np.testing.assert_allclose(model.encoder_.standardiser.mean, np.concatenate(X).mean(axis=0), rtol=1e-12)
    again = load(model.save(tmp_path / "m"))
    assert again.predict(X) == model.predict(X)
    whole = np.stack([row[:6] for row in X])  # (B, T, I)
    assert len(small(epochs=1).fit(whole, [row[:6] for row in y]).predict(whole)[0]) == 6
    single = [row[:, 0] for row in X]  # (T,): one channel
    assert small().fit(single, y).score(single, y) > 0.95


def test_scaling_is_learned_on_the_training_part_alone() -> None:
    X, y = steps()
    model = small(epochs=1).fit(X, y, [row * 100 for row in X[:8]], y[:8])
    np.testing.assert_allclose(model.encoder_.standardiser.scale, np.concatenate(X).std(axis=0), rtol=1e-12)


def test_spans_of_letters() -> None:
    X, y = genes()
    model = small(tokenizer="dna").fit(
        X, [["B-gene", *["I-gene"] * (tags.count("e") - 1), *["O"] * tags.count("i")] for tags in y]
    )
    assert model.scheme_ == "iob2" and model.score(X, [model.predict([row])[0] for row in X]) == 1.0
    (found, *_) = model.entities(X)
    assert found[0].text == X[0][found[0].start : found[0].stop] and found[0].type == "gene"
    assert model.entities(X[0]) == found


def test_numbers_stand_beside_their_tags() -> None:
    rows = [np.array([[10.0 * row + step] for step in range(row + 1)], np.float32) for row in range(9)]
    targets = np.concatenate(rows)[:, 0].astype(np.int64)
    seen = 0
    for batch in AlignedBatches(Numbers.of(rows), targets, batch_size=4).epoch(2):
        assert torch.equal(batch.inputs.data[:, 0].long(), batch.targets) and batch.letters is None
        assert batch.inputs.batch_sizes.tolist()[0] == len(batch.index)
        seen += len(batch.targets)
    assert seen == sum(map(len, rows))


def test_figures_of_tags_are_scikit_learns() -> None:
    draw = np.random.default_rng(0)
    truth, guess = ([draw.choice(list("EIN"), 50).tolist() for _ in range(4)] for _ in range(2))
    found = entity_scores(truth, guess)
    flat = np.concatenate(truth), np.concatenate(guess)
    precision, recall, f1, count = precision_recall_fscore_support(*flat, labels=list("EIN"))
    rows = found.per_tag()
    assert [row["tag"] for row in rows] == list("EIN") and [row["steps"] for row in rows] == count.tolist()
    for name, expected in (("precision", precision), ("recall", recall), ("f1", f1)):
        assert [row[name] for row in rows] == pytest.approx(expected.tolist(), abs=1e-12)
    np.testing.assert_array_equal(found.confusion("EIN"), confusion_matrix(*flat, labels=list("EIN")))
    assert found.accuracy == pytest.approx((flat[0] == flat[1]).mean())


def test_baselines_read_letters(tmp_path: Path) -> None:
    X, y = genes()
    window = WindowTagger(window=4, tokenizer="char").fit(X, y)
    assert window.score(X, y) > MostFrequentTag(tokenizer="char").fit(X, y).score(X, y)
    assert load(window.save(tmp_path / "m")).predict(X) == window.predict(X)
    with pytest.raises(InputError, match="tokenizer='dna', expected word or char"):
        WindowTagger(tokenizer="dna").fit(X, y)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("settings", "X", "y", "words"),
    [
        ({"tokenizer": "dna"}, ["ACGT", "ACJT"], ["eeii", "eeii"], r"X\[1\] has 'J' at letter 3, expected A, C, G"),
        ({"tokenizer": "dna"}, ["ACGT", "ACT"], ["eeii", "eeii"], r"y\[1\] has 4 tags, expected 3, one a letter of X"),
        ({"tokenizer": "dna"}, ["ACGT", ""], ["eeii", ""], r"X\[1\] has no letter"),
        ({"tokenizer": "dna"}, [["AC", "G"]], ["ei"], r"X\[0\]\[0\] is 'AC', expected a single letter"),
        ({"tokenizer": "dna"}, "ACGT", ["eeii"], r"X is one str, expected a list of sequences"),
        ({"tokenizer": "dna"}, ["ACGT", None], ["eeii", "e"], r"X\[1\] is None"),
        ({"tokenizer": "dan"}, ["ACGT"], ["eeii"], "tokenizer='dan', expected one of word, char, dna"),
        ({"tokenizer": "dna", "embedding": {"A": [1.0]}}, ["ACGT"], ["eeii"], "X is made of letters of DNA, expected"),
        ({"tokenizer": "dna", "convolutions": 1, "kernel_size": 4}, ["ACGT"], ["eeii"], "kernel_size=4"),
        ({}, ["ACGT"], ["eeii"], r"X\[0\] is the text 'ACGT', expected a list of tokens"),
        ({}, [[[0.5], [1.0]]], [["a"]], r"y\[0\] has 1 tags, expected 2, one a step of X\[0\]"),
        ({}, [[[0.5], [1.0]], [[0.5, 1.0]]], [["a", "b"], ["a"]], r"X\[1\] has 2 numbers a step, expected 1"),
    ],
)
def test_what_is_wrong_is_named(settings: dict[str, Any], X: Any, y: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        small(**settings).fit(X, y)


def test_wrong_rows_of_a_fitted_tagger() -> None:
    model = small(epochs=1).fit(*steps())
    with pytest.raises(NotFiniteError, match=r"X\[0\] holds NaN at step 1"):
        model.predict([[[0.0, 1.0], [0.0, float("nan")]]])
    with pytest.raises(ShapeError, match="expected 2 as in fit"):
        model.predict([[[0.0], [1.0]]])
    with pytest.raises(InputError, match=r"expected real numbers|expected numbers"):
        model.predict([["a", "token"]])
