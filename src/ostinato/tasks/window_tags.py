"""The classic tagger without memory: logistic regression on a window of words."""

import json
import warnings
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from ostinato._core.errors import InputError
from ostinato.tasks.tagging import Part, SchemeName, Tagger


class WindowTagger(Tagger):
    """Tags a token by logistic regression on what it and its neighbours look like: the baseline beside the network.

    Features are the word, its ending, its beginning and its shape (Xx, 9), for each place of the window.

    Args:
        window: neighbours on either side that are looked at.
        C: inverse strength of the ridge penalty.
        tokenizer: what X is made of: word for lists of tokens, char for texts with a tag a letter.
        scheme: what entities are written in: iob1, iob2, bioes or bilou; auto finds out, none takes tags as labels.
        inner_scheme: what they are learned in: iob1, iob2, bioes or bilou.
        max_iter: iterations of the solver at most.
        random_state: not used; nothing is drawn.

    Example:
        >>> rows = [["Ms", "Li", "sees", "Rome"], ["Ms", "Wu", "sees", "Bonn"]]
        >>> WindowTagger(C=10.0).fit(rows, [["O", "B-PER", "O", "B-LOC"]] * 2).predict([["Ms", "Oz", "sees", "Oslo"]])
        [['O', 'B-PER', 'O', 'B-LOC']]
    """

    task = "window-tags"

    def __init__(
        self,
        *,
        window: int = 2,
        C: float = 1.0,
        tokenizer: Literal["word", "char"] = "word",
        scheme: SchemeName = "auto",
        inner_scheme: Literal["iob1", "iob2", "bioes", "bilou"] = "iob2",
        max_iter: int = 60,
        random_state: Any = None,
    ) -> None:
        self.window = window
        self.C = C
        self.tokenizer = tokenizer
        self.scheme = scheme
        self.inner_scheme = inner_scheme
        self.max_iter = max_iter
        self.random_state = random_state

    @property
    def parameters_(self) -> int:
        """Number of weights and biases."""
        return int(self.weight_.size + self.bias_.size)

    def _fit(self, train: Part, valid: Part | None) -> dict[str, Any]:
        if not (isinstance(self.C, int | float) and self.C > 0):
            raise InputError(f"C={self.C!r}, expected a number above 0; correct it")
        if isinstance(self.window, bool) or not isinstance(self.window, int) or self.window < 0:
            raise InputError(f"window={self.window!r}, expected a whole number from 0 up; correct it")
        names = list(dict.fromkeys(name for row in train.tokens for each in self._names(row) for name in each))
        self.features_ = {name: column for column, name in enumerate(names)}
        solver = LogisticRegression(C=self.C, max_iter=self.max_iter, tol=1e-3)
        codes = np.concatenate(train.tags)
        with warnings.catch_warnings():  # a few iterations short of the optimum it tags as well
            warnings.simplefilter("ignore", ConvergenceWarning)
            solver.fit(self._matrix(train.tokens), codes)
        C = len(self.classes_)
        self.weight_, self.bias_ = np.zeros((len(names), C)), np.full(C, -np.inf)  # a tag never seen: impossible
        if len(solver.classes_) == 2:
            self.weight_[:, solver.classes_[1]] = solver.coef_[0]
            self.bias_[solver.classes_] = 0.0, solver.intercept_[0]
        else:
            self.weight_[:, solver.classes_] = solver.coef_.T
            self.bias_[solver.classes_] = solver.intercept_
        return {}

    def _names(self, tokens: list[str]) -> Iterator[list[str]]:
        """The features of each token, as names."""
        beyond = [["#"]] * self.window
        seen = [*beyond, *map(_looks, tokens), *beyond]
        for place in range(len(tokens)):
            around = seen[place : place + 2 * self.window + 1]
            yield [f"{other}{name}" for other, names in enumerate(around) for name in names]

    def _matrix(self, rows: list[list[str]]) -> csr_matrix:
        columns, ends = list[int](), [0]
        for row in rows:
            for names in self._names(row):
                columns += [self.features_[name] for name in names if name in self.features_]
                ends.append(len(columns))
        return csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(ends) - 1, len(self.features_)))

    def _chances(self, tokens: list[list[str]]) -> tuple[list[np.ndarray], list[np.ndarray]]:
        logits = self._matrix(tokens) @ self.weight_ + self.bias_
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        chance = powers / powers.sum(axis=1, keepdims=True)
        chances = np.split(chance, np.cumsum([len(row) for row in tokens])[:-1])
        return [each.argmax(axis=1) for each in chances], chances

    def _learned(self) -> tuple[dict[str, Any], dict[str, np.ndarray], str | None]:
        tensors = {"weight": self.weight_, "bias": self.bias_}
        return {}, tensors, json.dumps(list(self.features_), ensure_ascii=False)

    def _restore(self, learned: dict[str, Any], tensors: dict[str, np.ndarray], tokenizer: str | None) -> None:
        self.features_ = {name: column for column, name in enumerate(json.loads(tokenizer or "[]"))}
        self.weight_, self.bias_ = tensors["weight"], tensors["bias"]


def _looks(token: str) -> list[str]:
    """Word, beginning, ending and shape of a token.

    Example:
        >>> _looks("Li-9")
        ['w=li-9', '<Li-', '>i-9', 's=Xx-9']
    """
    shape = "".join("X" if c.isupper() else "x" if c.islower() else "9" if c.isdigit() else c for c in token[:20])
    short = "".join(c for c, before in zip(shape, " " + shape, strict=False) if c != before)
    return [f"w={token.lower()}", f"<{token[:3]}", f">{token[-3:]}", f"s={short}"]
