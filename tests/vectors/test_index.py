"""An index finds nearly what the exact search finds, with the same cosines; files and faults are named."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ostinato import DataError, InputError
from ostinato._core.errors import NotFiniteError
from ostinato.vectors import Index, KeyedVectors

pytest.importorskip("faiss")


@pytest.fixture(scope="module")
def many() -> KeyedVectors:
    """Words in 200 clusters, as those of a text are."""
    draw = np.random.default_rng(0)
    centres = draw.normal(size=(200, 24))
    table = centres[draw.integers(200, size=4000)] + 0.6 * draw.normal(size=(4000, 24))
    return KeyedVectors([f"w{k}" for k in range(4000)], (table * draw.uniform(0.1, 5, size=(4000, 1))))


@pytest.fixture(scope="module")
def index(many: KeyedVectors) -> Index:
    return Index(many, n_threads=1)


def test_most_of_the_nearest_are_found_with_their_cosines(many: KeyedVectors, index: Index) -> None:
    found = 0
    for word in many.index_to_key[::40]:
        exact, near = many.most_similar(word), many.most_similar(word, indexer=index)
        assert len(near) == 10 and word not in dict(near)
        assert [c for _, c in near] == sorted((c for _, c in near), reverse=True)
        for other, cosine in near:
            assert cosine == pytest.approx(many.similarity(word, other), abs=1e-6)
        found += len(dict(exact).keys() & dict(near).keys())
    assert found > 0.98 * 10 * 100
    narrow = Index(many, links=2, effort=1, n_threads=1)
    narrow.search_effort = 1
    few = [many.most_similar(word, topn=1, indexer=narrow) for word in many.index_to_key[::40]]
    exact = [many.most_similar(word, topn=1) for word in many.index_to_key[::40]]
    assert sum(a == b for a, b in zip(few, exact, strict=True)) < 95  # the test would see a graph that is not walked


def test_sums_of_words_and_how_many(many: KeyedVectors, index: Index) -> None:
    plus, minus = ["w1", ("w2", 0.5), many["w9"]], ["w3"]
    for topn in (1, 7, 60):
        exact = many.most_similar(plus, minus, topn=topn)
        near = many.most_similar(plus, minus, topn=topn, indexer=index)
        assert len(near) == topn and not dict(near).keys() & {"w1", "w2", "w3"}
        assert near[0][0] == exact[0][0] and near[0][1] == pytest.approx(exact[0][1], abs=1e-6)
    assert many.most_similar("w1", topn=0, indexer=index) == []
    assert len(many.most_similar("w1", topn=9999, indexer=index)) > 3900  # parts that no link leads to are not found
    for topn, restrict in ((None, None), (10, 100)):
        with pytest.raises(InputError, match="leave indexer out"):
            many.most_similar("w1", topn=topn, restrict_vocab=restrict, indexer=index)


def test_gensim_takes_it_as_its_indexer(kv: KeyedVectors, peer: Any) -> None:
    near = peer.most_similar("w5", topn=6, indexer=Index(kv, n_threads=1))
    assert near[0][0] == "w5"  # gensim leaves what was asked with in
    assert [w for w, _ in near[1:]] == [w for w, _ in peer.most_similar("w5", topn=5)]


def test_one_thread_gives_the_same_index(many: KeyedVectors, index: Index, tmp_path: Path) -> None:
    index.save(tmp_path / "a")
    Index(many, n_threads=1).save(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    again = Index.load(tmp_path / "a", many)
    assert len(again) == 4000 and not list(tmp_path.glob(".*"))
    for word in many.index_to_key[:50]:
        assert many.most_similar(word, indexer=again) == many.most_similar(word, indexer=index)


def test_vectors_in_a_file(kv: KeyedVectors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kv.save(tmp_path / "v.safetensors")
    mapped = KeyedVectors.load(tmp_path / "v.safetensors")
    whole = Index(mapped, n_threads=1)
    monkeypatch.setattr("ostinato.vectors.index._CHUNK", 300 // 7)
    parts = Index(mapped, n_threads=1)  # the range is taken from fewer rows, so that the graph may differ a little
    assert mapped.most_similar("w1", topn=1, indexer=parts) == mapped.most_similar("w1", topn=1, indexer=whole)
    assert mapped._unit is None  # nobody made a second table


def test_small_tables() -> None:
    assert Index(KeyedVectors([], np.zeros((0, 3)))).most_similar(np.ones(3, dtype=np.float32), 4) == []
    one = KeyedVectors(["a"], [[1.0, 0.0]])
    assert one.most_similar("a", indexer=Index(one)) == []
    zero = KeyedVectors(["a", "b", "z"], [[1, 0], [0.5, 0.5], [0, 0]])
    assert zero.most_similar("a", indexer=Index(zero)) == zero.most_similar("a")


def test_faults_are_named(many: KeyedVectors, index: Index, kv: KeyedVectors, tmp_path: Path) -> None:
    path = tmp_path / "v.index"
    with pytest.raises(DataError, match="cannot be read"):
        Index.load(path, many)
    index.save(path)
    other = KeyedVectors(many.index_to_key, many.vectors[::-1])
    for wrong in (kv, other):
        with pytest.raises(InputError, match="not an index of these vectors"):
            Index.load(path, wrong)
    whole = path.read_bytes()
    for content in (b"", b"words", whole[:-99], whole[:200]):
        path.write_bytes(content)
        with pytest.raises(DataError, match="no index, or a damaged one"):
            Index.load(path, many)
    for name, value in (("links", 1), ("effort", 0), ("n_threads", 0)):
        with pytest.raises(InputError, match=f"{name}={value}"):
            Index(kv, **{name: value})
    broken = kv.vectors.copy()
    broken[7, 2] = np.nan
    with pytest.raises(NotFiniteError, match="'w7' has NaN"):
        Index(KeyedVectors(kv.index_to_key, broken))


def test_without_faiss_the_remedy_is_told(kv: KeyedVectors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(InputError, match=r"faiss is not installed.*ostinato\[index\]"):
        Index(kv)
