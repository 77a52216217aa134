"""Counts equal a brute-force count within a limit on memory; a step equals autograd; words come together."""

import tracemalloc
from collections import defaultdict
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.feature_extraction.text import TfidfVectorizer

from ostinato import DataError, InputError
from ostinato.kernels.native.library import missing
from ostinato.vectors import Corpus, WordVectors
from ostinato.vectors.cooccurrence import PAIR, Cooccurrences, cooccurrences
from ostinato.vectors.glove import Glove
from ostinato.vectors.ppmi import documents, leading, ppmi

native = pytest.mark.skipif(missing() is not None, reason=str(missing()))
HARMONIC = 1 / np.arange(1, 5)


def text(sentences: int = 60, seed: int = 0) -> Corpus:
    draw = np.random.default_rng(seed)
    lines = [[f"w{k}" for k in draw.zipf(1.4, draw.integers(0, 15)) if k < 60] for _ in range(sentences)]
    return Corpus.read(lines, min_count=2)


def by_hand(corpus: Corpus, weights: np.ndarray) -> dict[tuple[int, int], float]:
    counts: dict[tuple[int, int], float] = defaultdict(float)
    for sentence in np.split(corpus.codes, np.flatnonzero(corpus.codes < 0) + 1):
        words = [code for code in sentence.tolist() if code >= 0]
        for place, word in enumerate(words):
            for other in range(max(0, place - len(weights)), min(len(words), place + len(weights) + 1)):
                if other != place:
                    counts[word, words[other]] += weights[abs(other - place) - 1]
    return counts


def as_dict(counted: Cooccurrences) -> dict[tuple[int, int], float]:
    return {(int(p["row"]), int(p["column"])): float(p["count"]) for p in counted.pairs}


@pytest.mark.parametrize("codes_a_run", [10**9, 37, 1])
def test_counts_are_those_counted_by_hand(monkeypatch: pytest.MonkeyPatch, codes_a_run: int) -> None:
    corpus = text()
    monkeypatch.setattr("ostinato.vectors.cooccurrence._BYTES", max(1, 2**20 // (codes_a_run * len(HARMONIC))))
    counted = cooccurrences(corpus, HARMONIC, memory_mb=1)
    found, wanted = as_dict(counted), by_hand(corpus, HARMONIC)
    assert found.keys() == {(a, b) for a, b in wanted if a <= b}
    for pair, count in found.items():
        assert count == pytest.approx(wanted[pair], rel=1e-6)
    keys = counted.pairs["row"].astype(np.int64) * counted.V + counted.pairs["column"]
    assert (np.diff(keys) > 0).all()


def test_learning_sees_both_orders_of_each_pair_once() -> None:
    corpus = text()
    counted = cooccurrences(corpus, HARMONIC)
    pairs = np.array(counted.shuffled(3, 1))
    assert {(int(p["row"]), int(p["column"])): pytest.approx(float(p["count"])) for p in pairs} == by_hand(
        corpus, HARMONIC
    )
    assert len(pairs) == len(by_hand(corpus, HARMONIC))
    assert not np.array_equal(pairs, counted.shuffled(4, 1))
    rows = pairs["row"].astype(np.float64)
    assert abs(np.corrcoef(rows[1:], rows[:-1])[0, 1]) < 0.2  # in no order


def test_counting_stays_within_its_memory() -> None:
    draw = np.random.default_rng(0)
    codes = draw.integers(3000, size=400_000).astype(np.int32)
    corpus = Corpus([str(k) for k in range(3000)], np.bincount(codes, minlength=3000), codes)
    tracemalloc.start()
    counted = cooccurrences(corpus, 1 / np.arange(1, 11), memory_mb=8)
    peak = tracemalloc.get_traced_memory()[1]
    assert peak < 8 * 2**20 < counted.pairs.nbytes
    tracemalloc.reset_peak()
    counted.shuffled(0, 8)
    assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    tracemalloc.stop()
    assert counted.pairs["count"].sum() * 2 - counted.pairs["count"][
        counted.pairs["row"] == counted.pairs["column"]
    ].sum() == (pytest.approx(2 * sum((400_000 - d) / d for d in range(1, 11)), rel=1e-5))


@native
def test_steps_are_the_programs_with_autograds_gradients() -> None:
    draw = np.random.default_rng(1)
    V, E = 12, 21
    model = Glove(V, E, seed=0, lr=0.05)
    for name in ("words", "contexts"):
        model.tables[name][:, :E] = draw.normal(size=(V, E), scale=0.4)
    pairs = np.zeros(200, dtype=PAIR)
    pairs["row"], pairs["column"] = draw.integers(V, size=200), draw.integers(V, size=200)
    pairs["count"] = draw.uniform(0.1, 30, size=200)
    names = ("words", "contexts", "word_biases", "context_biases")
    theirs = {
        n: torch.tensor(model.tables[n][..., :E] if model.tables[n].ndim > 1 else model.tables[n]).double()
        for n in names
    }
    seen = {name: torch.ones_like(tensor) for name, tensor in theirs.items()}
    total = 0.0
    for row, column, x in pairs.tolist():
        for tensor in theirs.values():
            tensor.requires_grad_(True)
        w, c, b, b2 = (theirs[n][k] for n, k in zip(names, (row, column, row, column), strict=True))
        loss = min(1.0, (x / 10) ** 0.75) * (w @ c + b + b2 - np.log(x)) ** 2 / 2
        total += loss.item()
        gradients = torch.autograd.grad(loss, list(theirs.values()))
        with torch.no_grad():
            for name, gradient in zip(names, gradients, strict=True):
                step = 0.05 * gradient  # the program scales by the rate before it squares
                theirs[name] = theirs[name].detach() - step / seen[name].sqrt()
                seen[name] += step**2
    found = model.learn(pairs, x_max=10, alpha=0.75, threads=1)
    assert found == pytest.approx(total, rel=1e-5)
    for name in names:
        ours = model.tables[name][..., :E] if model.tables[name].ndim > 1 else model.tables[name]
        assert np.linalg.norm(ours - theirs[name].numpy()) < 2e-6 * np.linalg.norm(theirs[name].numpy())
        mine = model.tables[f"{name}_seen"] * 0.05**2
        np.testing.assert_allclose(mine[..., :E] if mine.ndim > 1 else mine, seen[name].numpy(), rtol=1e-5)


def topical(sentences: int = 600) -> list[list[str]]:
    """Sentences of ten topics, a fifth of their words of any: GloVe learns nothing from pairs that never occur."""
    draw = np.random.default_rng(0)
    topics = draw.integers(10, size=(sentences, 1))
    strayed = np.where(draw.random((sentences, 8)) < 0.2, draw.integers(10, size=(sentences, 8)), topics)
    return [[f"t{t}w{k}" for t, k in zip(row, draw.integers(10, size=8), strict=True)] for row in strayed]


@pytest.mark.parametrize("method", [pytest.param("glove", marks=native), "svd"])
def test_words_of_like_use_come_together(method: Any) -> None:
    settings: dict[str, Any] = {"vector_size": 16, "window": 5, "min_count": 1, "epochs": 25, "n_threads": 1}
    first, second = (WordVectors(method=method, random_state=0, **settings).fit(topical()) for _ in range(2))
    np.testing.assert_array_equal(first.vectors_.vectors, second.vectors_.vectors)
    kv = first.vectors_
    assert np.mean([o[:2] == word[:2] for word in kv for o, _ in kv.most_similar(word, topn=5)]) > 0.95
    losses = [epoch["loss"] for epoch in first.history_]
    assert all(b < a for a, b in pairwise(losses))
    assert bool(losses) == (method == "glove")


def test_mutual_information_by_hand() -> None:
    corpus = text()
    counted = cooccurrences(corpus, HARMONIC)
    X = np.zeros((counted.V, counted.V))
    for (a, b), count in by_hand(corpus, HARMONIC).items():
        X[a, b] = count
    p = X / X.sum()
    contexts = X.sum(0) ** 0.75 / (X.sum(0) ** 0.75).sum()
    with np.errstate(divide="ignore"):
        wanted = np.maximum(np.log(p) - np.log(p.sum(1)[:, None]) - np.log(contexts[None, :]), 0)
    np.testing.assert_allclose(ppmi(counted.pairs, counted.V).toarray(), wanted, atol=1e-5)
    U, S, _ = np.linalg.svd(wanted)
    ours = leading(ppmi(counted.pairs, counted.V), 5, 0)
    np.testing.assert_allclose(np.abs(ours), np.abs(U[:, :5] * np.sqrt(S[:5])), atol=1e-3)


def test_words_by_texts_are_scikit_learns() -> None:
    texts = [" ".join(sentence) for sentence in topical(90)]
    model = WordVectors(method="svd", context="document", vector_size=7, min_count=1, random_state=0)
    kv = model.fit([*texts[:40], "", *texts[40:]]).vectors_
    vectorizer = TfidfVectorizer(token_pattern=r"\S+", sublinear_tf=True)
    wanted = vectorizer.fit_transform(texts).toarray()[:, [vectorizer.vocabulary_[word] for word in kv]].T
    np.testing.assert_allclose(documents(Corpus.read(texts, min_count=1)).toarray(), wanted, atol=1e-12)
    U, S, _ = np.linalg.svd(wanted)
    np.testing.assert_allclose(np.abs(kv.vectors), np.abs(U[:, :7] * np.sqrt(S[:7])), atol=2e-2)


def test_what_cannot_be_counted_is_refused() -> None:
    with pytest.raises(DataError, match="no two words stand in one sentence"):
        WordVectors(method="svd", min_count=1, vector_size=1).fit(["a", "b"])
    with pytest.raises(InputError, match="context='previous' with method='svd'"):
        WordVectors(method="svd", min_count=1, context="previous").fit(["a b"])
    with pytest.raises(InputError, match="vector_size=2 with 3 words, 2 texts"):
        WordVectors(method="svd", min_count=1, vector_size=2, context="document").fit(["a b", "c"])
    with pytest.raises(InputError, match="context='document' with method='glove'"):
        WordVectors(method="glove", min_count=1, context="document").fit(["a b"])
    with pytest.raises(InputError, match="context='document'"):
        WordVectors(min_count=1, context="document").fit(["a b"])
    with pytest.raises(InputError, match="vector_size=100 with 2 words"):
        WordVectors(method="svd", min_count=1).fit(["a b"])
