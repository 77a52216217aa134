"""The same questions to gensim and to us: the same answers."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ostinato import InputError
from ostinato._core.errors import NotFiniteError, ShapeError
from ostinato.vectors import KeyedVectors
from ostinato.vectors.search import best

QUERIES = [
    {"positive": "w3"},
    {"positive": ["w3", "w4"], "negative": ["w5"]},
    {"positive": ["w3", "w4"], "negative": "w5", "topn": 3},
    {"positive": ["w1"], "restrict_vocab": 50},
    {"positive": [("w1", 0.5), ("w2", 2.0)], "negative": [("w9", 0.1)]},
    {"negative": ["w7"], "topn": 1},
    {"positive": [7, "w9"], "topn": 400},
]


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_neighbours_are_gensims(kv: KeyedVectors, peer: Any, query: dict[str, Any]) -> None:
    ours, theirs = kv.most_similar(**query), peer.most_similar(**query)
    assert [word for word, _ in ours] == [word for word, _ in theirs]
    np.testing.assert_allclose([s for _, s in ours], [s for _, s in theirs], atol=1e-6)


def test_neighbours_of_a_vector(kv: KeyedVectors, peer: Any) -> None:
    vector = np.arange(12, dtype=np.float32) - 5
    assert [w for w, _ in kv.similar_by_vector(vector)] == [w for w, _ in peer.similar_by_vector(vector)]
    assert kv.similar_by_word("w1") == kv.most_similar("w1")


def test_comparisons_are_gensims(kv: KeyedVectors, peer: Any) -> None:
    assert kv.similarity("w1", "w2") == pytest.approx(float(peer.similarity("w1", "w2")), abs=1e-6)
    assert kv.distance("w1", "w2") == pytest.approx(float(peer.distance("w1", "w2")), abs=1e-6)
    some, others = ["w1", "w2", "w3"], ["w4", "café"]
    assert kv.n_similarity(some, others) == pytest.approx(float(peer.n_similarity(some, others)), abs=1e-6)
    for start in range(20):
        words = [f"w{k}" for k in range(start, start + 5)]
        assert kv.doesnt_match(words) == peer.doesnt_match(words)


@pytest.mark.parametrize("options", [{}, {"pre_normalize": False}, {"post_normalize": True}, {"weights": [1, -2, 0.5]}])
def test_means_are_gensims(kv: KeyedVectors, peer: Any, options: dict[str, Any]) -> None:
    words = ["w1", "w2", "日本"]
    np.testing.assert_allclose(kv.get_mean_vector(words, **options), peer.get_mean_vector(words, **options), atol=1e-6)


def test_looking_up(kv: KeyedVectors, peer: Any) -> None:
    np.testing.assert_array_equal(kv["café"], peer["café"])
    np.testing.assert_array_equal(kv[["w1", "日本"]], peer[["w1", "日本"]])
    np.testing.assert_allclose(kv.get_vector("w1", norm=True), peer.get_vector("w1", norm=True), atol=1e-7)
    assert kv[[]].shape == (0, 12)
    assert "日本" in kv and "absent" not in kv and 3 not in kv
    assert kv.key_to_index == peer.key_to_index and kv.index_to_key == peer.index_to_key
    assert kv.vector_size == peer.vector_size == 12 and len(kv) == 300
    assert kv.get_vecattr("w1", "count") == 299
    assert kv.get("absent") is None and dict(kv.items()).keys() == kv.key_to_index.keys()


def test_an_unknown_word_is_named(kv: KeyedVectors) -> None:
    for ask in (lambda: kv["absent"], lambda: kv.most_similar("absent"), lambda: kv.similarity("w1", "absent")):
        with pytest.raises(KeyError, match="'absent' has no vector"):
            ask()
    with pytest.raises(InputError, match="no words"):
        kv.most_similar()
    with pytest.raises(InputError, match="no word of these"):
        kv.doesnt_match(["absent"])


def test_wrong_tables_are_refused() -> None:
    with pytest.raises(ShapeError, match="2 words and vectors of shape"):
        KeyedVectors(["a", "b"], np.zeros((3, 2)))
    with pytest.raises(InputError, match="'a' is given twice"):
        KeyedVectors(["a", "b", "a"], np.zeros((3, 2)))
    with pytest.raises(NotFiniteError, match="'b' has NaN"):
        KeyedVectors(["a", "b"], [[1.0, 2.0], [np.nan, 1.0]]).most_similar("a")


def test_a_zero_vector_is_near_nothing() -> None:
    kv = KeyedVectors(["a", "zero", "b"], [[1.0, 0.0], [0.0, 0.0], [1.0, 1.0]])
    assert kv.most_similar("a") == [("b", pytest.approx(0.70710678)), ("zero", 0.0)]


def test_equal_scores_keep_the_order_of_the_table() -> None:
    scores = np.array([1, 3, 2, 3, 2, 3], dtype=np.float32)
    assert best(scores, 2).tolist() == [1, 3]
    assert best(scores, 4).tolist() == [1, 3, 5, 2]
    assert best(scores, 99).tolist() == [1, 3, 5, 2, 4, 0]
    assert best(scores, 0).tolist() == []


ANALOGIES = ": first\nw1 w2 w3 w4\nw5 w6 w7 W8\nw1 w2 w3 absent\n: second\nW9 w10 w11 w12\n"


def test_analogies_are_gensims(kv: KeyedVectors, peer: Any, tmp_path: Path) -> None:
    path = tmp_path / "q.txt"
    right = [kv.most_similar(positive=[f"w{k + 1}", f"w{k + 2}"], negative=[f"w{k}"], topn=1)[0][0] for k in range(30)]
    asked = "".join(f"w{k} w{k + 1} w{k + 2} {word}\n" for k, word in enumerate(right))
    path.write_text(ANALOGIES + asked, encoding="utf-8")
    for options in ({}, {"restrict_vocab": 100}, {"case_insensitive": False}, {"dummy4unknown": True}):
        ours, theirs = kv.evaluate_word_analogies(path, **options), peer.evaluate_word_analogies(str(path), **options)
        assert ours[0] == pytest.approx(theirs[0]) and ours[0] > 0.2
        for mine, gensims in zip(ours[1], theirs[1], strict=True):
            assert sorted(mine["correct"]) == sorted(gensims["correct"])
            assert sorted(mine["incorrect"]) == sorted(gensims["incorrect"])


def test_a_word_that_differs_by_capitals_alone_is_no_answer(tmp_path: Path) -> None:
    # "King" is nearest to what is asked, and it is the asked word again
    kv = KeyedVectors(["king", "man", "woman", "queen", "King"], [[1, 0], [0, 1], [0.3, 1], [0.9, 0.9], [1.3, 0.01]])
    path = tmp_path / "q.txt"
    path.write_text(": one\nman king woman queen\n")
    assert kv.evaluate_word_analogies(path)[0] == 1.0


def test_pairs_are_gensims(kv: KeyedVectors, peer: Any, tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_text("# remark\n" + "".join(f"w{k}\tW{2 * k}\t{k % 7}\n" for k in range(60)) + "w1\tabsent\t3\n")
    for options in ({}, {"dummy4unknown": True}, {"restrict_vocab": 80}):
        ours, theirs = kv.evaluate_word_pairs(path, **options), peer.evaluate_word_pairs(str(path), **options)
        np.testing.assert_allclose([*ours[0], *ours[1], ours[2]], [*theirs[0], *theirs[1], theirs[2]], atol=1e-6)


@pytest.mark.data
def test_on_published_vectors(data_dir: Path) -> None:
    kv = KeyedVectors.load(data_dir / "glove.6B.50d.top9163.txt.gz")
    assert len(kv) == 9163 and kv.vector_size == 50
    assert kv.most_similar(positive=["king", "woman"], negative=["man"], topn=1)[0][0] == "queen"
    peer = kv.to_gensim()
    pairs = data_dir / "wordsim353.tsv.gz"
    assert kv.evaluate_word_pairs(pairs)[1][0] == pytest.approx(peer.evaluate_word_pairs(str(pairs))[1][0], abs=1e-6)
