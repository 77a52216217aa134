"""Tokens to the numbers a tagger reads: a word from a vocabulary, and the characters it is written with."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

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
        counts: how often training saw each word, (V,); of words known from vectors alone 0.
    """

    words: dict[str, int]
    alphabet: dict[str, int]
    lowercase: bool
    counts: np.ndarray

    @classmethod
    def fit(
        cls, rows: Iterable[Sequence[str]], lowercase: bool, max_vocabulary: int | None, vectors: Iterable[str] = ()
    ) -> Self:
        """Collect the words and characters of sentences.

        Args:
            rows: lists of tokens.
            lowercase: whether capitals are folded in words.
            max_vocabulary: words at most, the most frequent ones; `None` for all.
            vectors: words that have a vector; they are known too, beyond `max_vocabulary`.
        """
        counted: Counter[str] = Counter()
        letters: Counter[str] = Counter()
        for tokens in rows:
            counted.update(_normal(token, lowercase) for token in tokens)
            letters.update("".join(tokens))
        kept = [word for word, _ in counted.most_common(max_vocabulary)]
        words = dict.fromkeys([*kept, *vectors])
        counts = np.array([0, *(counted[word] for word in words)])
        alphabet = sorted(letters)
        return cls(_numbered(words), _numbered(alphabet), lowercase, counts)

    @property
    def vocabulary(self) -> int:
        """V, words, the unknown one included."""
        return len(self.words) + 1

    @property
    def letters(self) -> int:
        """A, characters, the unknown one included."""
        return len(self.alphabet) + 1

    def __call__(self, rows: Sequence[Sequence[str]]) -> Encoded:
        """Encode B lists of tokens, each with at least one."""
        forms: dict[str, int] = {}
        numbers = [forms.setdefault(token, len(forms)) for tokens in rows for token in tokens]
        words = np.array([self.words.get(_normal(form, self.lowercase), _UNKNOWN) for form in forms], np.int64)
        of_token = np.array(numbers, np.int64)
        return Encoded(
            np.array([len(tokens) for tokens in rows], np.int64),
            words[of_token],
            of_token,
            [self._spelled(form) for form in forms],
        )

    def coverage(self, rows: Iterable[Sequence[str]], known: Iterable[str]) -> float:
        """Share of the tokens whose word is among the known ones."""
        words = set(known)
        found = [_normal(token, self.lowercase) in words for tokens in rows for token in tokens]
        return sum(found) / max(len(found), 1)

    def _spelled(self, form: str) -> np.ndarray:
        if len(form) > _LETTERS:
            form = form[: _LETTERS // 2] + form[-_LETTERS // 2 :]
        return np.array([self.alphabet.get(character, _UNKNOWN) for character in form], np.int64)

    def to_json(self) -> str:
        """The words and characters in order, as `tokenizer.json` keeps them."""
        kept = {"lowercase": self.lowercase, "alphabet": list(self.alphabet), "words": list(self.words)}
        return json.dumps(kept, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Undo `to_json`; how often training saw a word is not kept."""
        kept = json.loads(text)
        words = _numbered(kept["words"])
        return cls(words, _numbered(kept["alphabet"]), kept["lowercase"], np.zeros(len(words) + 1, np.int64))


def _numbered(names: Iterable[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(names, 1)}


def _normal(token: str, lowercase: bool) -> str:
    return token.lower() if lowercase else token
