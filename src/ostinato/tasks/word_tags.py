"""The simplest tagger: each word's most frequent tag."""

import json
from collections import Counter, defaultdict
from typing import Any, Literal

import numpy as np

from ostinato.tasks.tagging import Part, SchemeName, Tagger


class MostFrequentTag(Tagger):
    """Tags a word as it was tagged most often, and a word never seen as all words were: what a tagger has to beat.

    Args:
        tokenizer: what X is made of: word for lists of tokens, char for texts with a tag a letter.
        scheme: what entities are written in: iob1, iob2, bioes or bilou; auto finds out, none takes tags as labels.
        inner_scheme: what they are learned in: iob1, iob2, bioes or bilou.
        random_state: not used; nothing is drawn.

    Example:
        >>> model = MostFrequentTag().fit([["Kelly", "sees", "Paris"]], [["B-PER", "O", "B-LOC"]])
        >>> model.predict([["Paris", "sleeps"]])
        [['B-LOC', 'B-LOC']]
    """

    task = "word-tags"

    def __init__(
        self,
        *,
        tokenizer: Literal["word", "char"] = "word",
        scheme: SchemeName = "auto",
        inner_scheme: Literal["iob1", "iob2", "bioes", "bilou"] = "iob2",
        random_state: Any = None,
    ) -> None:
        self.tokenizer = tokenizer
        self.scheme = scheme
        self.inner_scheme = inner_scheme
        self.random_state = random_state

    @property
    def parameters_(self) -> int:
        """Words and tags counted together."""
        return int(np.count_nonzero(self.counts_))

    def _fit(self, train: Part, valid: Part | None) -> dict[str, Any]:
        counted: defaultdict[str, Counter[int]] = defaultdict(Counter)
        for tokens, tags in zip(train.tokens, train.tags, strict=True):
            for token, tag in zip(tokens, tags.tolist(), strict=True):
                counted[token][tag] += 1
        self.words_ = {word: row for row, word in enumerate(counted)}
        self.counts_ = np.zeros((len(counted) + 1, len(self.classes_)), np.int64)  # the last row: all words
        for row, tally in enumerate(counted.values()):
            self.counts_[row, list(tally)] = list(tally.values())
        self.counts_[-1] = self.counts_[:-1].sum(axis=0)
        return {}

    def _chances(self, tokens: list[list[str]]) -> tuple[list[np.ndarray], list[np.ndarray]]:
        share = self.counts_ / self.counts_.sum(axis=1, keepdims=True)
        share[-1] = 0.0
        share[-1, self.counts_[-1].argmax()] = 1.0
        chances = [share[[self.words_.get(token, -1) for token in row]] for row in tokens]
        return [chance.argmax(axis=1) for chance in chances], chances

    def _learned(self) -> tuple[dict[str, Any], dict[str, np.ndarray], str | None]:
        return {}, {"counts": self.counts_}, json.dumps(list(self.words_), ensure_ascii=False)

    def _restore(self, learned: dict[str, Any], tensors: dict[str, np.ndarray], tokenizer: str | None) -> None:
        self.words_ = {word: row for row, word in enumerate(json.loads(tokenizer or "[]"))}
        self.counts_ = tensors["counts"]
