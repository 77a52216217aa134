"""Coding a text: read once, the same vocabulary as gensim's, phrases as word2phrase's formula has them."""

import gzip
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ostinato import DataError, InputError
from ostinato.vectors import Corpus, Phrases
from ostinato.vectors.corpus import END

TEXT = ["the cat sat on the mat", "the dog sat", "", "naïve café 日本", "the the the"] * 3


def sentences(corpus: Corpus) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for code in corpus.codes.tolist():
        if code == END:
            found.append([])
        else:
            found[-1].append(corpus.words[code])
    return found[:-1]


def test_a_text_survives_being_coded() -> None:
    assert sentences(Corpus.read(TEXT, min_count=1)) == [line.split() for line in TEXT]


def test_files_lists_and_streams_are_coded_alike(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\n".join(TEXT) + "\n", encoding="utf-8")
    (tmp_path / "a.gz").write_bytes(gzip.compress("\r\n".join(TEXT).encode()))

    def stream() -> Iterator[list[str]]:
        yield from (line.split() for line in TEXT)

    plain = Corpus.read(TEXT, min_count=2)
    for given in (tmp_path / "a.txt", str(tmp_path / "a.gz"), stream(), [tuple(line.split()) for line in TEXT]):
        other = Corpus.read(given, min_count=2)
        assert other.words == plain.words
        np.testing.assert_array_equal(other.codes, plain.codes)


def test_the_vocabulary_is_gensims() -> None:
    gensim = pytest.importorskip("gensim")
    draw = np.random.default_rng(0)
    text = [[f"w{k}" for k in draw.zipf(1.5, 20)] for _ in range(400)]
    model = gensim.models.Word2Vec(min_count=3)
    model.build_vocab(text)
    corpus = Corpus.read(text, min_count=3)
    assert dict(zip(corpus.words, corpus.counts.tolist(), strict=True)) == {
        word: model.wv.get_vecattr(word, "count") for word in model.wv.index_to_key
    }
    assert (np.diff(corpus.counts) <= 0).all()
    assert len(corpus) == corpus.counts.sum() == (corpus.codes >= 0).sum()
    assert Corpus.read(text, min_count=3, max_vocabulary=7).words == corpus.words[:7]


def test_a_coded_text_is_opened_again(tmp_path: Path) -> None:
    corpus = Corpus.read(TEXT, min_count=1, folder=tmp_path / "coded")
    again = Corpus.open(tmp_path / "coded")
    assert isinstance(again.codes, np.memmap) and again.words == corpus.words
    assert sentences(again) == sentences(corpus)
    (tmp_path / "coded" / "codes").write_bytes((tmp_path / "coded" / "codes").read_bytes()[:-8])
    with pytest.raises(DataError, match="not those of its vocabulary"):
        Corpus.open(tmp_path / "coded")
    with pytest.raises(DataError, match="holds no coded text"):
        Corpus.open(tmp_path / "absent")


def test_a_temporary_text_goes_with_its_object() -> None:
    corpus = Corpus.read(TEXT, min_count=1)
    home = Path(corpus.codes.filename).parent
    assert home.exists()
    del corpus
    assert not home.exists()


def test_a_large_text_is_not_held_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ostinato.vectors.corpus._FLUSHED", 1 << 14)
    monkeypatch.setattr("ostinato.vectors.corpus.pieces.__defaults__", (1 << 14,))
    words = [[f"w{k % 100}" for k in range(1000)]] * 1000
    tracemalloc.start()
    corpus = Corpus.read(iter(words), min_count=1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert corpus.codes.nbytes > 4_000_000 > 3 * peak


def test_wrong_texts_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no word occurs 5 times or more"):
        Corpus.read(["a b c"])
    with pytest.raises(DataError, match="no word occurs"):
        Corpus.read([])
    with pytest.raises(DataError, match="cannot be read"):
        Corpus.read(tmp_path / "absent.txt")
    (tmp_path / "latin").write_bytes("a b\ncaf\xe9\n".encode("latin-1"))
    with pytest.raises(DataError, match="line 2: not UTF-8"):
        Corpus.read(tmp_path / "latin")
    with pytest.raises(InputError, match="sentence 2 is a int"):
        Corpus.read([["a"], 3], min_count=1)  # type: ignore[list-item]
    with pytest.raises(InputError, match="min_count=0"):
        Corpus.read(["a"], min_count=0)


def score(
    worda_count: float,
    wordb_count: float,
    bigram_count: float,
    len_vocab: float,
    min_count: float,
    corpus_word_count: float,
) -> float:
    return (bigram_count - min_count) * (corpus_word_count / worda_count / wordb_count)


@pytest.mark.parametrize("piece", [1 << 22, 64])
@pytest.mark.parametrize("passes", [1, 2])
def test_phrases_are_gensims(monkeypatch: pytest.MonkeyPatch, piece: int, passes: int) -> None:
    gensim = pytest.importorskip("gensim.models.phrases")
    monkeypatch.setattr("ostinato.vectors.phrases._PIECE", piece)
    draw = np.random.default_rng(1)
    lines = []
    for _ in range(300):
        words = [f"w{k}" for k in draw.zipf(1.6, 12)]
        if draw.random() < 0.4:
            words[3:3] = ["new", "york", "city"][: draw.integers(2, 4)]
        lines.append(words)

    theirs: Any = lines
    for _ in range(passes):
        theirs = list(gensim.Phrases(theirs, min_count=3, threshold=4, scoring=score)[theirs])
    ours = Corpus.read(lines, min_count=1, phrases=Phrases(min_count=3, threshold=4, passes=passes))
    assert sentences(ours) == theirs
    assert any("_" in word for word in ours.words) and ours.counts.sum() < sum(map(len, lines))


def test_a_text_without_phrases_stays() -> None:
    assert sentences(Corpus.read(TEXT, min_count=1, phrases=Phrases(threshold=1e9))) == [line.split() for line in TEXT]
