"""Tokenizer: vocabulary against a plain Counter, cutting, edge cases."""

import re
import unicodedata
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato._core.errors import InputError
from ostinato.text import KINDS, SPECIALS, Tokenizer

TEXTS = ["The cat sat on the mat.", "The dog didn't sit; the cat's gone.", "A bird!", "naïve café"]
# Unicode's property White_Space; Python's \\s adds four control characters
WHITE_SPACE = re.compile("[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
anything = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize("kind", KINDS)
def test_begins_with_specials(kind: str) -> None:
    tokenizer = Tokenizer(kind).fit(TEXTS)
    assert tokenizer.tokens()[:3] == list(SPECIALS)
    assert (tokenizer.pad_id, tokenizer.unk_id, tokenizer.eos_id) == (0, 1, 2)
    assert list(tokenizer.vocabulary.values()) == list(range(len(tokenizer)))


@pytest.mark.parametrize("kind", ["word", "char"])
@pytest.mark.parametrize("limit", [4, 7, 12, None])
def test_most_frequent_with_ties_in_code_point_order(kind: str, limit: int | None) -> None:
    tokenizer = Tokenizer(kind, max_vocabulary=limit).fit(TEXTS)
    counts = Counter(token for text in TEXTS for token in tokenizer.cut(text))
    ranked = sorted(counts, key=lambda token: (-counts[token], token))
    assert tokenizer.tokens()[3:] == ranked[: None if limit is None else limit - 3]


def test_min_frequency() -> None:
    assert Tokenizer("char", min_frequency=2).fit(["aab"]).tokens()[3:] == ["a"]


def test_order_of_texts_does_not_matter() -> None:
    for kind in KINDS:
        one, two = Tokenizer(kind).fit(TEXTS), Tokenizer(kind).fit(iter(reversed(TEXTS)))
        assert one.to_json() == two.to_json()


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("I don't", ["i", "do", "n't"]),
        ("DON’T CAN'T", ["do", "n’t", "ca", "n't"]),
        ("it's John's; we'd've", ["it", "'s", "john", "'s", ";", "we", "'d", "'ve"]),
        ("O'Brien l'homme rock'n'roll", ["o'brien", "l'homme", "rock'n'roll"]),
        ("good!!! (no)", ["good", "!", "!", "!", "(", "no", ")"]),
        ("a<br /><br />b </B>", ["a", "<br />", "<br />", "b", "</b>"]),
        ("8.5/10, 1,000", ["8.5", "/", "10", ",", "1,000"]),
        ("我爱 かな", ["我", "爱", "か", "な"]),
        ("e\u0301te\u0301", ["\u00e9t\u00e9"]),
        ("a\u0085b\u2028c\td\r\n", ["a", "b", "c", "d"]),
        ("<pad><unk> <eos>", ["<", "pad", ">", "<", "unk", ">", "<", "eos", ">"]),
        ("\x00 ❤\ufe0f", ["\x00", "❤\ufe0f"]),
        (" \n ", []),
    ],
)
def test_words(text: str, pieces: list[str]) -> None:
    assert Tokenizer().fit(["x"]).cut(text) == pieces


def test_capitals_kept_when_told() -> None:
    assert Tokenizer(lowercase=False).fit(["x"]).cut("I DON'T") == ["I", "DO", "N'T"]


@settings(deadline=None)
@given(anything)
def test_words_lose_nothing_but_white_space(text: str) -> None:
    pieces = "".join(Tokenizer(lowercase=False).fit(["x"]).cut(text))
    normal = unicodedata.normalize("NFC", text)
    assert WHITE_SPACE.sub("", pieces) == WHITE_SPACE.sub("", normal)


@settings(max_examples=50, deadline=None)
@given(st.lists(anything, min_size=1, max_size=5))
def test_char_gives_the_text_back(texts: list[str]) -> None:
    tokenizer = Tokenizer("char", max_vocabulary=None).fit(texts)
    encoded = tokenizer.encode(texts)
    assert [len(ids) for ids in encoded] == [max(1, len(text)) for text in texts]
    assert [tokenizer.decode(ids) for ids in encoded] == texts


BPE = Tokenizer("bpe", max_vocabulary=400).fit(TEXTS * 20 + ["<pad><pad> <unk> <eos>"] * 50)


@settings(deadline=None)
@given(anything)
def test_bpe_gives_any_text_back_and_knows_all(text: str) -> None:
    (ids,) = BPE.encode([text])
    assert BPE.decode(ids) == text
    assert text == "" or ids.min() > 2


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "space"])
def test_specials_in_a_text_are_ordinary(kind: str) -> None:
    text = "<pad> <unk> <eos> <PAD>"
    tokenizer = Tokenizer(kind).fit([text] * 100)
    (ids,) = tokenizer.encode([text])
    assert ids.min() > 2


def test_specials_in_text_that_was_tokenized_before() -> None:
    """The Penn Treebank spells <unk> out; it is no word of its own, and costs no place in the vocabulary."""
    tokenizer = Tokenizer("space", max_vocabulary=5).fit(["the <unk> N <unk> the", "a <unk> N"])
    assert tokenizer.tokens() == ["<pad>", "<unk>", "<eos>", "N", "the"]
    assert tokenizer.encode(["the <unk> A\tn't <eos>"])[0].tolist() == [4, 1, 1, 1, 2]
    again = Tokenizer.from_json(tokenizer.to_json())
    assert again.kind == "space" and again.tokens() == tokenizer.tokens()


def test_unknown_and_empty() -> None:
    tokenizer = Tokenizer().fit(["a b"])
    one, two, three = tokenizer.encode(["a zebra", "", " \n"])
    assert one.tolist() == [3, 1]
    assert two.tolist() == three.tolist() == [2]
    assert one.dtype == two.dtype == np.int64
    assert tokenizer.encode([]) == []
    assert tokenizer.coverage(["a zebra"]) == 0.5
    assert tokenizer.coverage([""]) == 1.0


@pytest.mark.parametrize("add_eos", [False, True])
@pytest.mark.parametrize("length", [1, 2, 3, 4, 99, None])
def test_keeps_last_or_first(length: int | None, add_eos: bool) -> None:
    tokenizer = Tokenizer("char", add_eos=add_eos).fit(["abcd"])
    for keep in ("last", "first"):
        room = 4 if length is None else min(4, length - add_eos)
        kept = ("abcd"[4 - room :] if keep == "last" else "abcd"[:room]) if room else ""
        (ids,) = tokenizer.encode(["abcd"], max_length=length, keep=keep)
        assert tokenizer.decode(ids) == kept
        assert (ids[-1] == 2) == add_eos


def test_all_texts_empty_is_a_vocabulary_of_specials() -> None:
    assert Tokenizer().fit(["", " "]).tokens() == list(SPECIALS)


def test_many_texts_in_order() -> None:
    texts = [f"w{number}" for number in range(9000)]  # more than one chunk
    tokenizer = Tokenizer(max_vocabulary=None).fit(texts)
    assert [tokenizer.decode(ids) for ids in tokenizer.encode(texts)] == texts


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Tokenizer("words"), "kind 'words': expected one of word, space, char, bpe"),
        (lambda: Tokenizer(max_vocabulary=3), "max_vocabulary 3: expected at least 4"),
        (lambda: Tokenizer("bpe", max_vocabulary=258), "expected at least 259"),
        (lambda: Tokenizer(min_frequency=0), "min_frequency 0"),
        (lambda: Tokenizer().encode(["a"]), r"call fit\(texts\) first"),
        (lambda: Tokenizer().to_json(), r"call fit\(texts\) first"),
        (lambda: Tokenizer().fit([]), "0 texts"),
        (lambda: Tokenizer().fit("abc"), "single text 'abc': expected a list"),
        (lambda: Tokenizer().fit(["a", float("nan")]), "text 1: nan of type float"),
        (lambda: Tokenizer().fit(["a", "b\ud800"]), "text 1: .*surrogate"),
        (lambda: Tokenizer().fit(["a"]).encode(["a", None]), "text 1: None"),
        (lambda: Tokenizer().fit(["a"]).encode("a"), "single text"),
        (lambda: Tokenizer().fit(["a"]).encode(["a"], keep="middle"), "keep 'middle'"),
        (lambda: Tokenizer().fit(["a"]).encode(["a"], max_length=0), "max_length 0"),
        (lambda: Tokenizer().fit(["a"]).decode([4]), "id 4: expected 0 to 3"),
        (lambda: Tokenizer().fit(["a"]).decode([-1]), "id -1"),
    ],
)
def test_errors(call, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()


def test_an_error_of_the_texts_themselves_comes_through() -> None:
    def texts():
        yield "a"
        raise KeyError("file vanished")

    with pytest.raises(KeyError, match="file vanished"):
        Tokenizer().fit(texts())


def test_failed_fit_leaves_the_old_vocabulary() -> None:
    tokenizer = Tokenizer().fit(["a"])
    with pytest.raises(InputError):
        tokenizer.fit(["b", 3])
    assert tokenizer.tokens()[3:] == ["a"]


def test_numpy_strings() -> None:
    texts = np.array(["a b", "c"])
    assert [ids.tolist() for ids in Tokenizer().fit(texts).encode(texts)] == [[3, 4], [5]]
