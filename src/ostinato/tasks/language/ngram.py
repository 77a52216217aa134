"""Counting instead of learning: an n-gram model with modified Kneser-Ney smoothing, which a network has to beat."""

from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from ostinato._core.errors import InputError
from ostinato.tasks.language import corpus, measuring
from ostinato.tasks.language.corpus import Text
from ostinato.text import Tokenizer

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Order:
    """The k-grams seen, sorted; a k-gram is its first k-1 tokens (their number one order below) and its last token.

    Attributes:
        keys: (K,) context × V + token.
        share: (K,) what is left of each k-gram's probability in its context after the discount.
        rest: (contexts,) what each context hands down to the order below; 1 where it was never seen.
    """

    keys: Ids
    share: Floats
    rest: Floats


class NGram:
    """Predicts a token from the n - 1 before it, by counts.

    Use it beside a `LanguageModel`, with the same tokenizer, to see whether recurrence is worth it.

    Args:
        order: n, tokens of the longest run that is counted.
        tokenizer: word, space, char or bpe, or a Tokenizer (a fitted one is used as it is).
        lines: whether each line ends with the end mark, or each text alone; none for lines with words.

    Source: interpolated modified Kneser-Ney: Chen & Goodman 1999, "An empirical study of smoothing techniques for
        language modeling", section 3.

    Example:
        >>> model = NGram(3, tokenizer="char").fit("abcabcabcabd")
        >>> model.perplexity("abcabc") < model.perplexity("cbacba")
        True
    """

    def __init__(
        self,
        order: int = 5,
        *,
        tokenizer: Literal["word", "space", "char", "bpe"] | Tokenizer = "word",
        lines: bool | None = None,
    ) -> None:
        if order < 1:
            raise InputError(f"order={order!r}, expected at least 1; raise it")
        self.order, self.tokenizer, self.lines = order, tokenizer, lines

    def fit(self, text: Text) -> Self:
        """Count the runs of a text.

        Args:
            text: one text, or a list of texts.

        Raises:
            InputError: no text in it.

        Cost: a sort of all tokens for each order; the five orders of a million words take two seconds.
        """
        kind = self.tokenizer.kind if isinstance(self.tokenizer, Tokenizer) else self.tokenizer
        self.lines_ = kind in ("word", "space") if self.lines is None else self.lines
        parts = corpus.pieces(corpus.texts_of(text), self.lines_)
        self.tokenizer_ = corpus.fit_tokenizer(
            self.tokenizer, parts, lowercase=None, max_vocabulary=None, min_frequency=1
        )
        self.orders_ = _count(np.concatenate(corpus.encode(self.tokenizer_, parts)), self.order, self.tokenizer_)
        return self

    def evaluate(self, text: Text) -> dict[str, Any]:
        """Measure how well each token of a text is foreseen; what `LanguageModel.evaluate` returns."""
        texts = corpus.texts_of(text)
        ids = np.concatenate(corpus.encode(self.tokenizer_, corpus.pieces(texts, self.lines_)))
        return measuring.summary(float(-np.log(self.probabilities(ids)).sum()), ids, self.tokenizer_, texts)

    def perplexity(self, text: Text) -> float:
        """Measure the perplexity of a text."""
        return float(self.evaluate(text)["perplexity"])

    def probabilities(self, ids: Ids) -> Floats:
        """Probability of each token given those before it, `<eos>` before the first.

        Args:
            ids: (N,) tokens.

        Returns:
            (N,) above 0.
        """
        V, n = self.tokenizer_.size, self.order
        run = np.concatenate([np.full(n, self.tokenizer_.eos_id), ids])
        p = np.full(len(run), 1.0 / (V - 1))  # <pad> is no token of a text
        context = np.zeros(len(run), np.int64)  # the empty one
        for order in self.orders_:
            known = context >= 0
            here = _find(order.keys, np.where(known, context * V + run, -1))
            rest = np.where(known, order.rest[np.maximum(context, 0)], 1.0)
            p = rest * p + np.where(here >= 0, order.share[np.maximum(here, 0)], 0.0)
            context = np.concatenate([[-1], here[:-1]])  # the run that ends before the next token
        return p[n:]


def _count(ids: Ids, n: int, tokenizer: Tokenizer) -> list[_Order]:
    V, places = tokenizer.size, np.arange(n, n + len(ids))  # of the text itself, behind n marks that stand before it
    run = np.concatenate([np.full(n, tokenizer.eos_id), ids])
    context = np.zeros(len(run), np.int64)
    found: list[tuple[Ids, Ids, Ids]] = []  # keys, how often each is in the text, its number at every place
    for _ in range(n):
        keys, number = np.unique(context * V + run, return_inverse=True)
        found.append((keys, np.bincount(number[n:], minlength=len(keys)), number))
        context = np.concatenate([[0], number[:-1]])
    orders, contexts = [], 1
    for k, (keys, counts, number) in enumerate(found):
        if k < n - 1:  # Kneser-Ney: below the top a run counts once for each token that has stood before it
            above, seen, at = found[k + 1]
            last = np.zeros(len(above), np.int64)
            last[at[n:]] = places
            counts = np.bincount(number[last[seen > 0]], minlength=len(keys))
        orders.append(_smoothed(keys, counts, keys // V, contexts))
        contexts = len(keys)
    return orders


def _smoothed(keys: Ids, counts: Ids, context: Ids, contexts: int) -> _Order:
    """Take the discount off each count; a context hands on what its counts have lost."""
    n1, n2, n3, n4 = (float((counts == c).sum()) for c in (1, 2, 3, 4))
    y = n1 / (n1 + 2 * n2) if n1 else 0.5
    levels = [(1, n1, n2), (2, n2, n3), (3, n3, n4)]
    # where a level was hardly seen the estimate is no number or out of range: absolute discounting instead
    d = [c - (c + 1) * y * above / here if here and above else 0.75 for c, here, above in levels]
    discount = np.array([0.0, *(min(max(one, 0.1), c - 0.1) for c, one in enumerate(d, 1))])
    taken = discount[np.minimum(counts, 3)]
    total = np.bincount(context, weights=counts, minlength=contexts)
    lost = np.bincount(context, weights=taken, minlength=contexts)
    rest = np.divide(lost, total, out=np.ones(contexts), where=total > 0)
    return _Order(keys, (counts - taken) / np.maximum(total, 1)[context], rest)


def _find(keys: Ids, asked: Ids) -> Ids:
    """The place of each key, -1 where there is none."""
    place = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    return np.where(keys[place] == asked, place, -1)
