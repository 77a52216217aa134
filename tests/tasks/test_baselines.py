"""The baselines against scikit-learn's own estimators on the same features."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ostinato import load
from ostinato._core.errors import InputError, ShapeError
from ostinato.tasks import BagOfWords, SummaryBaseline
from ostinato.tasks.dense import Dense
from ostinato.tasks.logistic import _grid

WORDS = ["the", "a", "film", "plot", "was", "not", "very", "good", "bad", "fun", "dull", "I", "don't", "know", "1999"]


def _reviews(B: int = 200, seed: int = 0) -> tuple[list[str], list[str]]:
    draw = np.random.default_rng(seed)
    X = [" ".join(draw.choice(WORDS, draw.integers(2, 12))) for _ in range(B)]
    score = [text.count("good") + text.count("fun") - text.count("bad") - text.count("dull") for text in X]
    return X, ["pos" if s + draw.normal(0, 0.5) > 0 else "neg" for s in score]


@pytest.mark.parametrize(
    ("features", "vectorizer"),
    [
        ("binary", CountVectorizer(binary=True, token_pattern=r"(?u)\b\w+\b", ngram_range=(1, 2), max_features=40)),
        ("counts", CountVectorizer(token_pattern=r"(?u)\b\w+\b", ngram_range=(1, 2), max_features=40)),
        (
            "tfidf",
            TfidfVectorizer(sublinear_tf=True, token_pattern=r"(?u)\b\w+\b", ngram_range=(1, 2), max_features=40),
        ),
    ],
)
@pytest.mark.parametrize(("penalty", "l1_ratio", "solver"), [("l1", 1, "liblinear"), ("l2", 0, "lbfgs")])
def test_bag_of_words_is_scikit_learns_pipeline(
    features: Any, vectorizer: Any, penalty: Any, l1_ratio: float, solver: str, tmp_path: Path
) -> None:
    X, y = _reviews()
    theirs = make_pipeline(
        vectorizer, LogisticRegression(l1_ratio=l1_ratio, C=0.7, solver=solver, max_iter=1000, random_state=0)
    ).fit(X, y)
    ours = BagOfWords(features=features, penalty=penalty, C=0.7, max_vocabulary=40, random_state=0).fit(X, y)
    new = ["a good plot", "", "unheard of", "bad BAD dull"]
    np.testing.assert_allclose(ours.predict_proba(new), theirs.predict_proba(new), rtol=1e-6)
    np.testing.assert_allclose(ours.decision_function(new), theirs.decision_function(new), rtol=1e-6, atol=1e-9)
    loaded = load(ours.save(tmp_path / "model"))
    np.testing.assert_array_equal(loaded.predict_proba(new), ours.predict_proba(new))


def test_lasso_of_three_classes_is_one_against_the_rest() -> None:
    X, _ = _reviews()
    y = [0 if "good" in text else 1 if "bad" in text else 2 for text in X]
    features = CountVectorizer(token_pattern=r"(?u)\b\w+\b").fit(X)
    one = LogisticRegression(l1_ratio=1, C=2.0, solver="liblinear", max_iter=1000, random_state=0)
    theirs = OneVsRestClassifier(one).fit(features.transform(X), y)
    ours = BagOfWords(features="counts", ngrams=(1, 1), C=2.0, random_state=0).fit(X, y)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(features.transform(X)), rtol=1e-6)
    assert ours.metrics_["nonzero_parameters"] < ours.parameters_ == 3 * (len(features.vocabulary_) + 1)


def test_the_penalty_is_chosen_on_held_out_rows() -> None:
    X, y = _reviews(400)
    model = BagOfWords(random_state=0).fit(X, y)
    path = model.metrics_["path"]
    strengths = [point["C"] for point in path]
    np.testing.assert_allclose(np.divide(strengths[1:], strengths[:-1]), 2.0)
    assert model.metrics_["C"] == min(path, key=lambda point: point["log_loss"])["C"]
    assert strengths[0] < model.metrics_["C"] < strengths[-1]
    new, truth = _reviews(400, seed=1)
    weak = BagOfWords(C=1e5, random_state=0).fit(X, y)
    assert model.score(new, truth) > weak.score(new, truth) + 0.03


@pytest.mark.parametrize("penalty", ["l1", "l2", "elasticnet"])
@pytest.mark.parametrize("form", ["binary", "multiclass", "multilabel"])
def test_every_penalty_does_every_form_without_a_warning(penalty: Any, form: str) -> None:
    X, y = _reviews(80)
    if form == "multiclass":
        y = [f"{label}{len(text) % 2}" for label, text in zip(y, X, strict=True)]
    target: Any = [[int(label == "pos"), int("plot" in text)] for label, text in zip(y, X, strict=True)]
    model = BagOfWords(penalty=penalty, random_state=0).fit(X, target if form == "multilabel" else y)
    assert model.score(X, target if form == "multilabel" else y) > 0.5


def test_a_label_that_all_rows_have() -> None:
    X, _ = _reviews(40)
    y = np.array([[1, 0, int("good" in text)] for text in X])
    chance = BagOfWords(C=1.0).fit(X, y).predict_proba(X)
    assert chance[:, 0].min() > 0.9 and chance[:, 1].max() < 0.1


def test_network_forward_is_scikit_learns() -> None:
    draw = np.random.default_rng(0)
    X = draw.normal(size=(60, 4))
    for y in (draw.integers(0, 2, 60), draw.integers(0, 3, 60), draw.integers(0, 2, (60, 3))):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = MLPClassifier((5, 4), max_iter=5, random_state=0).fit(X, y)
        logits = Dense(tuple(theirs.coefs_), tuple(theirs.intercepts_))(X)
        from ostinato.tasks.labels import read_labels

        np.testing.assert_allclose(
            read_labels(y, "It").probabilities(logits) if y.ndim == 2 or y.max() == 2 else _sigmoid(logits),
            theirs.predict_proba(X) if y.ndim == 2 or y.max() == 2 else theirs.predict_proba(X)[:, 1],
            rtol=1e-9,
        )


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def test_network_keeps_its_best_epoch() -> None:
    X, y = _reviews(300)
    model = BagOfWords(model="network", random_state=0).fit(X, y)
    losses = [point["log_loss"] for point in model.metrics_["path"]]
    assert model.metrics_["best_epoch"] == np.argmin(losses) + 1
    assert [weight.shape[1] for weight in model.dense_.weights] == [16, 16, 1]
    assert model.score(X, y) > 0.8


def test_vocabulary_is_the_most_frequent() -> None:
    model = BagOfWords(ngrams=(1, 1), max_vocabulary=2, C=1.0).fit(["a a a b b c", "A b c"] * 5, [0, 1] * 5)
    assert sorted(model.vocabulary_) == ["a", "b"]
    assert "I" in BagOfWords(lowercase=False, C=1.0).fit(*_reviews()).vocabulary_


def test_top_words() -> None:
    model = BagOfWords(ngrams=(1, 1), random_state=0).fit(*_reviews(400))
    top = model.top_words(2)
    assert {word for word, _ in top["pos"]} == {"good", "fun"} and {word for word, _ in top["neg"]} == {"bad", "dull"}
    with pytest.raises(InputError, match="expected model='logistic'"):
        BagOfWords(model="network").fit(*_reviews(50)).top_words()


def test_characters() -> None:
    names, tongue = ["Rossi", "Bianchi", "Ricci", "Müller", "Köhler", "Schäfer"] * 5, ["it"] * 3 + ["de"] * 3
    model = BagOfWords(tokenizer="char", ngrams=(1, 3), C=10.0).fit(names, tongue * 5)
    assert model.predict(["Grassi", "Jäger"]).tolist() == ["it", "de"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"features": "hashes"}, "features='hashes', expected one of 'tfidf', 'counts', 'binary'"),
        ({"ngrams": (2, 1)}, r"ngrams=\(2, 1\)"),
        ({"penalty": "l3"}, "penalty='l3'"),
        ({"model": "tree"}, "model='tree'"),
        ({"C": -1}, "C=-1"),
        ({"model": "network", "hidden": ()}, r"hidden=\(\)"),
        ({"max_vocabulary": 0}, "max_vocabulary=0"),
        ({"tokenizer": "bpe"}, "tokenizer='bpe'"),
    ],
)
def test_arguments_are_checked(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        BagOfWords(**arguments).fit(*_reviews(20))


def test_inputs_of_the_other_baseline_are_refused_with_the_remedy() -> None:
    with pytest.raises(
        InputError, match=r"X is made of numbers, expected texts or integer tokens.*take SummaryBaseline"
    ):
        BagOfWords().fit([[0.5], [1.5]], [0, 1])
    with pytest.raises(InputError, match=r"X is made of texts, expected numbers.*take BagOfWords"):
        SummaryBaseline().fit(["a", "b"], [0, 1])
    with pytest.raises(InputError, match="no text in X holds a word"):
        BagOfWords().fit(["", "!"], [0, 1])


def test_summary_flat_is_scikit_learns_pipeline() -> None:
    X, y = load_digits(return_X_y=True)
    theirs = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=300)).fit(X[:400], y[:400])
    ours = SummaryBaseline(summary="flat", C=0.1).fit(X[:400].reshape(-1, 8, 8), y[:400])
    new = X[400:500]
    np.testing.assert_allclose(ours.predict_proba(new.reshape(-1, 8, 8)), theirs.predict_proba(new), atol=1e-4)


@pytest.mark.parametrize("summary", ["last", "mean"])
def test_summaries_see_what_they_should(summary: Any) -> None:
    draw = np.random.default_rng(0)
    y = draw.integers(0, 2, 120)
    X = [draw.normal(size=(T, 2)) for T in draw.integers(4, 9, 120)]
    for row, label in zip(X, y, strict=True):
        row[-1] += 4 * label
        row[1] -= 4 * label  # neither the mean nor the first step sees it
    accuracy = cross_val_score(SummaryBaseline(summary=summary, C=1.0), X, y, cv=3).mean()
    assert accuracy > 0.9 if summary == "last" else accuracy < 0.75


def test_summary_widths() -> None:
    X, y = [np.ones((3, 2)), np.zeros((3, 2))] * 4, [0, 1] * 4
    flat = SummaryBaseline(summary="flat", C=1.0).fit(X, y)
    with pytest.raises(ShapeError, match=r"X\[0\] has 4 steps, expected 3"):
        flat.predict([np.ones((4, 2))])
    with pytest.raises(ShapeError, match="X has 3 numbers a step, expected 2"):
        flat.predict([np.ones((3, 3))])
    with pytest.raises(InputError, match="summary='first'"):
        SummaryBaseline(summary="first").fit(X, y)  # type: ignore[arg-type]


def test_search() -> None:
    search = GridSearchCV(BagOfWords(C=1.0), {"features": ["binary", "counts"]}, cv=2).fit(*_reviews(60))
    assert search.best_score_ > 0.6


@pytest.mark.parametrize("rounding", [0.0, 1e-16])
def test_a_path_of_penalties_begins_somewhere(rounding: float) -> None:
    # as many of each class on both sides of nought: the lasso has no strength at which a first weight appears
    features = np.array([[-1.0], [1.0], [-1.0], [1.0 + rounding * 4]])
    assert next(_grid(features, np.array([0, 0, 1, 1]), 1.0)) == pytest.approx(0.002)
