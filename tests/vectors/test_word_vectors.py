"""The estimator: what it learns, what it refuses, and what scikit-learn asks of it."""

import json
import signal
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open
from sklearn.base import clone

from ostinato import DataError, InputError
from ostinato._core.errors import ModelFileError
from ostinato.kernels.native.library import missing
from ostinato.vectors import Corpus, KeyedVectors, WordVectors
from ostinato.vectors.checkpoint import keep
from ostinato.vectors.native import trainer
from ostinato.vectors.subwords import bucket, ngrams

pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))

SMALL: dict[str, Any] = {
    "vector_size": 16,
    "window": 3,
    "min_count": 1,
    "sample": 0,
    "epochs": 8,
    "n_threads": 1,
    "random_state": 0,
}
WAYS: list[dict[str, Any]] = [
    {"method": "skipgram"},
    {"method": "cbow"},
    {"method": "skipgram", "loss": "tree"},
    {"method": "cbow", "loss": "tree"},
    {"context": "previous"},
    {"context": "nearby"},
    {"subwords": (2, 3), "buckets": 300},
]


def topical(sentences: int = 600) -> list[list[str]]:
    """Sentences of ten topics, ten words each: words of a topic stand together."""
    draw = np.random.default_rng(0)
    return [[f"t{topic}w{k}" for k in draw.integers(10, size=8)] for topic in draw.integers(10, size=sentences)]


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_words_of_like_use_come_together(way: dict[str, Any]) -> None:
    model = WordVectors(**{**SMALL, **way, "lr": 0.1}).fit(topical())
    kv = model.vectors_
    right = [other[:2] == word[:2] for word in kv for other, _ in kv.most_similar(word, topn=5)]
    assert np.mean(right) > 0.95
    losses = [epoch["loss"] for epoch in model.history_]
    assert all(b < a for a, b in pairwise(losses[:3])) and losses[-1] < 0.9 * losses[0], losses
    assert kv.get_vecattr(kv.index_to_key[0], "count") == kv.counts.max()


def test_a_corpus_is_taken_where_a_text_is() -> None:
    text = topical(100)
    a, b = (WordVectors(**SMALL).fit(given) for given in (text, Corpus.read(text, min_count=1)))
    np.testing.assert_array_equal(a.vectors_.vectors, b.vectors_.vectors)


def test_texts_become_means() -> None:
    model = WordVectors(**SMALL).fit(topical(50))
    kv = model.vectors_
    table = model.transform(["t0w0 t1w1", "absent", "", ["t0w0"]])
    np.testing.assert_allclose(table[0], (kv["t0w0"] + kv["t1w1"]) / 2, atol=1e-7)
    assert not table[1].any() and not table[2].any()
    np.testing.assert_array_equal(table[3], kv["t0w0"])
    assert model.transform([]).shape == (0, 16)


def test_an_unseen_word_has_the_vector_of_its_parts(tmp_path: Path) -> None:
    model = WordVectors(**SMALL, subwords=(2, 3), buckets=300).fit(topical())
    kv = model.vectors_
    assert "t3w77" not in kv
    nearest = [word for word, _ in kv.similar_by_vector(model.vector("t3w77"), topn=5)]
    assert np.mean([word[:2] == "t3" for word in nearest]) > 0.7
    np.testing.assert_array_equal(model.vector("t3w1"), kv["t3w1"])
    kv.save(tmp_path / "v.safetensors")
    again = KeyedVectors.load(tmp_path / "v.safetensors", limit=50)
    np.testing.assert_array_equal(again["t3w77"], model.vector("t3w77"))
    np.testing.assert_array_equal(kv[["t3w77", "t3w1"]], [model.vector("t3w77"), kv["t3w1"]])
    assert kv.most_similar(["t3w77"], topn=5) == kv.similar_by_vector(kv["t3w77"], topn=5)
    assert kv.similarity("t3w77", "t3w1") > kv.similarity("t3w77", "t4w1") and "t3w77" not in kv
    kv.save(tmp_path / "v.txt")
    with pytest.raises(KeyError, match="'t3w77' has no vector"):
        KeyedVectors.load(tmp_path / "v.txt")["t3w77"]
    with pytest.raises(KeyError, match="'t3w77' has no vector"):
        WordVectors(**SMALL).fit(topical(50)).vector("t3w77")


def test_parts_of_words_are_hashed_as_gensim_hashes_them() -> None:
    fasttext = pytest.importorskip("gensim.models.fasttext")
    for word in ("cat", "a", "naïve", "日本語", "new_york"):
        ours = [bucket(gram, 2_000_000) for gram in ngrams(word, 3, 6)]
        theirs = fasttext.ft_ngram_hashes(word, 3, 6, 2_000_000)
        whole = bucket(f"<{word}>", 2_000_000)  # gensim has the whole word among them if it is short: we have its row
        assert sorted(ours) == sorted(h for h in theirs if h != whole)


@pytest.mark.parametrize(("method", "other"), [("skipgram", "left, right"), ("glove", "window")])
def test_an_interrupted_training_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, other: str
) -> None:
    small = {**SMALL, "method": method}
    text, settings = topical(), {**small, "checkpoint": str(tmp_path / "kept")}
    whole = WordVectors(**small).fit(text)
    epochs = iter(range(3))

    def interrupted(path: Path, training: Any) -> None:
        keep(path, training)
        if next(epochs, None) is None:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("ostinato.vectors.methods.keep", interrupted)
        WordVectors(**settings).fit(text)
    again = WordVectors(**settings, resume=True).fit(text)
    np.testing.assert_array_equal(again.vectors_.vectors, whole.vectors_.vectors)
    assert [e["loss"] for e in again.history_] == [e["loss"] for e in whole.history_]
    with pytest.raises(InputError, match=f"another {other}"):
        WordVectors(**{**settings, "window": 4}, resume=True).fit(text)
    with pytest.raises(InputError, match="another vocabulary"):
        WordVectors(**settings, resume=True).fit(topical(20))
    (tmp_path / "kept").write_bytes((tmp_path / "kept").read_bytes()[:-9])
    with pytest.raises(ModelFileError, match="damaged checkpoint"):
        WordVectors(**settings, resume=True).fit(text)
    with pytest.raises(InputError, match="no such checkpoint"):
        WordVectors(**{**settings, "checkpoint": str(tmp_path / "absent")}, resume=True).fit(text)
    with pytest.raises(InputError, match="no checkpoint"):
        WordVectors(**small, resume=True).fit(text)


@pytest.mark.parametrize(("method", "place", "block"), [("skipgram", "predictive", 1000), ("glove", "glove", 500)])
def test_ctrl_c_waits_until_a_block_is_learned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, place: str, block: int
) -> None:
    monkeypatch.setattr(f"ostinato.vectors.{place}._BLOCK", block)
    small: dict[str, Any] = {**SMALL, "method": method, "epochs": 3}
    whole = WordVectors(**small).fit(topical())
    native = trainer()
    name = "ostinato_glove_train" if method == "glove" else "ostinato_words_train"
    calls, learn = iter(range(2)), getattr(native, name)

    class Pressed:
        def __getattr__(self, asked: str) -> Any:
            return getattr(native, asked) if asked != name else self.learn

        def learn(self, job: Any, threads: int) -> int:
            code = int(learn(job, threads))
            if next(calls, None) is None:
                signal.raise_signal(signal.SIGINT)  # the block is learned, and nobody has counted it yet
            return code

    small["checkpoint"] = str(tmp_path / "kept")
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(f"ostinato.vectors.{place}.trainer", Pressed)
        WordVectors(**small).fit(topical())
    kept = json.loads(safe_open(tmp_path / "kept", framework="numpy").metadata()["progress"])
    assert kept["at"] > 0
    again = WordVectors(**small, resume=True).fit(topical())
    np.testing.assert_array_equal(again.vectors_.vectors, whole.vectors_.vectors)
    assert [e["loss"] for e in again.history_] == [e["loss"] for e in whole.history_]


def test_scikit_learns_ways() -> None:
    model = WordVectors(vector_size=7, method="cbow")
    assert clone(model).get_params() == model.get_params()
    assert WordVectors(**SMALL).fit_transform(topical(20)).shape == (20, 16)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"method": "bert"}, "method='bert'; one of skipgram, cbow"),
        ({"vector_size": 0}, "vector_size=0"),
        ({"loss": "hinge"}, "loss='hinge'"),
        ({"context": "next"}, "context='next'"),
        ({"subwords": (4, 3)}, r"subwords=\(4, 3\)"),
        ({"lr": 0.0}, "lr=0.0"),
        ({"method": "svd", "checkpoint": "kept"}, "method='svd' with checkpoint"),
        ({"method": "glove", "subwords": (3, 6)}, "method='glove' with subwords"),
    ],
)
def test_wrong_arguments_are_named(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        WordVectors(**{**SMALL, **wrong}).fit(topical(5))


def test_edges() -> None:
    with pytest.raises(DataError, match="no word occurs 5 times"):
        WordVectors().fit(["too few words"])
    one = WordVectors(**SMALL).fit(["a", "a"])  # no word has a neighbour: nothing is learned, nothing breaks
    assert one.vectors_.index_to_key == ["a"] and one.history_[0]["loss"] == 0
    assert np.isfinite(WordVectors(**SMALL, loss="tree").fit(["a a", "a"]).vectors_["a"]).all()
    long = WordVectors(**{**SMALL, "epochs": 1}).fit([["a", "b", "c"] * 20_000])  # a text without sentences
    assert len(long.vectors_) == 3 and np.isfinite(long.history_[0]["loss"])
