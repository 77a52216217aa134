"""Tokens to the numbers a tagger reads: a word from a vocabulary, and the characters it is written with."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

_DIGIT = re.compile("[0-9]")
_UNKNOWN = 0  # of words and of characters alike
_LETTERS = 40  # characters of a token that are read: its first and its last half of these


@dataclass(frozen=True)
class Encoded:
    """Sentences end to end.

    Args:
        lengths: (B,) tokens of each sentence.
        words: (N,) each token's word.
        forms: (N,) each token's form, which is a row of `letters`.
        letters: the characters of each distinct form, (characters,) each.
    """

    lengths: np.ndarray
    words: np.ndarray
    forms: np.ndarray
    letters: list[np.ndarray]


@dataclass(frozen=True)
class Lexicon:
    """The words and characters that training has seen; 0 stands for all others.

    Args:
        words: word -> number from 1 up.
        alphabet: character -> number from 1 up.
        lowercase: whether words are looked up without their capitals (characters keep them).
        fold_digits: whether a word that is not there is looked up with all its digits 0: 1996-08-22 as 0000-00-00.
        counts: how often training saw each word, (V,); of words known from vectors alone 0.
    """

    words: dict[str, int]
    alphabet: dict[str, int]
    lowercase: bool
    fold_digits: bool
    counts: np.ndarray

    @classmethod
    def fit(
        cls,
        rows: Iterable[Sequence[str]],
        lowercase: bool,
        fold_digits: bool,
        max_vocabulary: int | None,
        vectors: Collection[str] = (),
    ) -> Self:
        """Collect the words and characters of sentences.

        Args:
            rows: lists of tokens.
            lowercase: whether capitals are folded in words.
            fold_digits: whether digits are, in words without a vector.
            max_vocabulary: words at most, the most frequent ones; `None` for all.
            vectors: words that have a vector; they are known too, beyond `max_vocabulary`.
        """
        counted: Counter[str] = Counter()
        letters: Counter[str] = Counter()
        for token, times in Counter(token for tokens in rows for token in tokens).items():
            word = _normal(token, lowercase)
            counted[_folded(word) if fold_digits and word not in vectors else word] += times
            letters.update(token)
        kept = [word for word, _ in counted.most_common(max_vocabulary)]
        words = dict.fromkeys([*kept, *vectors])
        counts = np.array([0, *(counted[word] for word in words)])
        return cls(_numbered(words), _numbered(sorted(letters)), lowercase, fold_digits, counts)

    @property
    def vocabulary(self) -> int:
        """V, words, the unknown one included."""
        return len(self.words) + 1

    @property
    def letters(self) -> int:
        """A, characters, the unknown one included."""
        return len(self.alphabet) + 1

    @property
    def lowered(self) -> np.ndarray:
        """The number of each character in lower case, int64 (A,); where that is none of the characters, its own."""
        numbers = [self.alphabet.get(character.lower(), own) for character, own in self.alphabet.items()]
        return np.array([_UNKNOWN, *numbers], np.int64)

    def __call__(self, rows: Sequence[Sequence[str]]) -> Encoded:
        """Encode B lists of tokens, each with at least one."""
        forms: dict[str, int] = {}
        numbers = [forms.setdefault(token, len(forms)) for tokens in rows for token in tokens]
        words = np.array([self.word(form) for form in forms], np.int64)
        of_token = np.array(numbers, np.int64)
        return Encoded(
            np.array([len(tokens) for tokens in rows], np.int64),
            words[of_token],
            of_token,
            [self.spelled(form) for form in forms],
        )

    def word(self, token: str) -> int:
        """The number of a token's word, 0 if it is not known."""
        word = _normal(token, self.lowercase)
        if word not in self.words and self.fold_digits:
            word = _folded(word)
        return self.words.get(word, _UNKNOWN)

    def spelled(self, token: str) -> np.ndarray:
        """The numbers of a token's characters; of a very long one the first and the last."""
        if len(token) > _LETTERS:
            token = token[: _LETTERS // 2] + token[-_LETTERS // 2 :]
        return np.array([self.alphabet.get(character, _UNKNOWN) for character in token], np.int64)

    def covered(self, known: Collection[str]) -> float:
        """Share of the words that training has seen, each counted once, that are among the known ones."""
        seen = [word for word, count in zip(self.words, self.counts[1:], strict=True) if count]
        return sum(word in known for word in seen) / max(len(seen), 1)

    def coverage(self, rows: Iterable[Sequence[str]], known: Iterable[str]) -> float:
        """Share of the tokens whose word is among the known ones."""
        words = set(known)
        found = [_normal(token, self.lowercase) in words for tokens in rows for token in tokens]
        return sum(found) / max(len(found), 1)

    def to_json(self) -> str:
        """The words and characters in order, as `tokenizer.json` keeps them."""
        folded = {"lowercase": self.lowercase, "fold_digits": self.fold_digits}
        kept = {**folded, "alphabet": list(self.alphabet), "words": list(self.words)}
        return json.dumps(kept, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Undo `to_json`; how often training saw a word is not kept."""
        kept = json.loads(text)
        words = _numbered(kept["words"])
        counts = np.zeros(len(words) + 1, np.int64)
        return cls(words, _numbered(kept["alphabet"]), kept["lowercase"], kept["fold_digits"], counts)


def _numbered(names: Iterable[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(names, 1)}


def _normal(token: str, lowercase: bool) -> str:
    return token.lower() if lowercase else token


def _folded(word: str) -> str:
    return _DIGIT.sub("0", word)
