"""Word vectors as an estimator: a text goes in, a table of words and vectors comes out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, TransformerMixin

from ostinato._core.errors import InputError
from ostinato._core.random import fresh
from ostinato.vectors.corpus import Corpus, Sentences
from ostinato.vectors.keyed import KeyedVectors
from ostinato.vectors.methods import METHODS
from ostinato.vectors.phrases import Phrases
from ostinato.vectors.subwords import Parts

Floats = npt.NDArray[np.float32]


class WordVectors(TransformerMixin, BaseEstimator):
    """Learns a vector for each word of a text, near for words of like use.

    Use it to begin a network's embedding where labelled rows are few and plain text is plenty, or to look at a text's
    words. As a transformer it gives each text the mean of its words' vectors, the baseline for sentences.

    Args:
        method: skipgram, cbow, glove, or svd (of the pointwise mutual information: the baseline, no epochs).
        vector_size: E, numbers of a vector.
        window: words on each side that count as context.
        context: window (both sides), previous (those before alone) or nearby (one drawn from the window); of svd
            window, or document: which texts a word occurs in (latent semantic analysis).
        shrink_windows: draw each word's window between 1 and `window`, so that near words count for more.
        loss: negative (sampling) or tree (hierarchical softmax on a Huffman tree), of skipgram and cbow.
        negative: J, words drawn against each word, 2 to 20.
        exponent: negatives are drawn in proportion to count^exponent; svd smooths contexts by it.
        sample: words more frequent than this share are read more rarely; 0 reads all.
        min_count: words that occur less often are left out.
        max_vocabulary: words at most, the most frequent; None for all.
        phrases: joins words that stand together often, or None.
        subwords: letters of the shortest and longest parts of words that have vectors too, as (3, 6), so that unseen
            words have one; None for none. Of skipgram and cbow.
        buckets: rows that those parts share.
        x_max: of glove: pairs counted as often or more have full weight.
        alpha: of glove: the weight is (count / x_max)^alpha below.
        memory_mb: of glove and svd: what counting pairs may take; beyond it, sorted runs go to disk.
        epochs: passes over the text, or over the counted pairs.
        lr: learning rate; None takes 0.025 for skipgram and for cbow with a tree, 0.15 for other cbow, 0.05 for
            glove. It falls linearly to `min_lr` (of glove, AdaGrad sees to that).
        min_lr: see `lr`.
        tol: stop after an epoch that lowers the loss by less than this share; None for no such stop.
        n_threads: threads; None takes all cores. With one, the same seed gives the same vectors bit for bit.
        random_state: seed of everything drawn; None draws a fresh one, kept as `seed_`.
        verbose: 1 shows progress.
        checkpoint: file that keeps the state of training after each epoch and on Ctrl-C; not of svd.
        resume: go on from the checkpoint; with one thread the result is as if never interrupted, bit for bit.

    Attributes:
        vectors_: the `KeyedVectors`; with `subwords` any word has a vector there, after saving as safetensors too.
        history_: a dict an epoch: `loss` after it (mean nats a pair of context and word, its negatives counted, on the
            same stretches of the text each time), `words_per_second` (of those read after sub-sampling), `seconds`.
        seed_: the seed used.

    Source: Mikolov et al. 2013; Pennington et al. 2014 (GloVe); Levy et al. 2015 (svd); Bojanowski et al. 2017.

    Example:
        >>> text = ["the king rules the land", "the queen rules the land", "a cat eats fish", "a dog eats fish"] * 50
        >>> model = WordVectors(vector_size=8, min_count=1, sample=0, n_threads=1, epochs=20, random_state=0).fit(text)
        >>> model.vectors_.most_similar("king", topn=1)[0][0]
        'queen'
    """

    vectors_: KeyedVectors
    history_: list[dict[str, float]]
    parts_: Parts | None

    def __init__(
        self,
        *,
        method: Literal["skipgram", "cbow", "glove", "svd"] = "skipgram",
        vector_size: int = 100,
        window: int = 5,
        context: Literal["window", "previous", "nearby", "document"] = "window",
        shrink_windows: bool = True,
        loss: Literal["negative", "tree"] = "negative",
        negative: int = 5,
        exponent: float = 0.75,
        sample: float = 1e-3,
        min_count: int = 5,
        max_vocabulary: int | None = None,
        phrases: Phrases | None = None,
        subwords: tuple[int, int] | None = None,
        buckets: int = 200_000,
        x_max: float = 10.0,
        alpha: float = 0.75,
        memory_mb: int = 1024,
        epochs: int = 5,
        lr: float | None = None,
        min_lr: float = 1e-4,
        tol: float | None = None,
        n_threads: int | None = None,
        random_state: int | None = None,
        verbose: int = 0,
        checkpoint: str | None = None,
        resume: bool = False,
    ) -> None:
        self.method = method
        self.vector_size = vector_size
        self.window = window
        self.context = context
        self.shrink_windows = shrink_windows
        self.loss = loss
        self.negative = negative
        self.exponent = exponent
        self.sample = sample
        self.min_count = min_count
        self.max_vocabulary = max_vocabulary
        self.phrases = phrases
        self.subwords = subwords
        self.buckets = buckets
        self.x_max = x_max
        self.alpha = alpha
        self.memory_mb = memory_mb
        self.epochs = epochs
        self.lr = lr
        self.min_lr = min_lr
        self.tol = tol
        self.n_threads = n_threads
        self.random_state = random_state
        self.verbose = verbose
        self.checkpoint = checkpoint
        self.resume = resume

    def fit(self, X: Corpus | Sentences, y: Any = None) -> Self:
        """Learn from a text.

        Args:
            X: a file with a sentence a line, sentences (texts or lists of words), or a `Corpus` (whose `min_count` and
                phrases were chosen when it was read).
            y: not used.

        Raises:
            DataError: the text cannot be read, or no word occurs often enough.
            InputError: an argument that does not do.
            BackendError: the native library is needed and missing.
        """
        self._check()
        corpus = X if isinstance(X, Corpus) else self._read(X)
        self.seed_ = fresh() if self.random_state is None else int(self.random_state)
        threads = os.cpu_count() or 1 if self.n_threads is None else self.n_threads
        tell = _show if self.verbose else None
        table = METHODS[self.method](self, corpus, threads, self.seed_, tell)
        self.vectors_ = KeyedVectors(corpus.words, table, corpus.counts, parts=self.parts_)
        return self

    def transform(self, X: Iterable[str | Sequence[str]]) -> Floats:
        """Give each text the mean of its words' vectors (B, E); zeros where no word has one.

        Args:
            X: B texts or lists of words.
        """
        rows = [text.split() if isinstance(text, str) else list(text) for text in X]
        means = [self.vectors_.get_mean_vector(row, pre_normalize=False) if row else None for row in rows]
        empty = np.zeros(self.vectors_.vector_size, dtype=np.float32)
        return np.stack([empty if mean is None else mean for mean in means]) if rows else empty[None][:0]

    def vector(self, word: str) -> Floats:
        """Return the vector (E,) of any word, as `vectors_[word]` does: its own, or with `subwords` that of its parts.

        Raises:
            KeyError: it has neither.
        """
        return self.vectors_[word]

    def _read(self, text: Sentences) -> Corpus:
        return Corpus.read(text, min_count=self.min_count, max_vocabulary=self.max_vocabulary, phrases=self.phrases)

    def _check(self) -> None:
        if self.method not in METHODS:
            raise InputError(f"method={self.method!r}; one of {', '.join(METHODS)} expected; choose one")
        for name in ("vector_size", "window", "negative", "epochs", "buckets", "memory_mb", "n_threads"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise InputError(f"{name}={value}; a number from 1 up is needed; correct it")
        if self.subwords is not None and not 1 <= self.subwords[0] <= self.subwords[1]:
            raise InputError(f"subwords={self.subwords}; (shortest, longest) from 1 up expected, as (3, 6); correct it")
        if self.lr is not None and not self.lr > 0:
            raise InputError(f"lr={self.lr}; a number above 0 is needed; correct it")
        if self.method in ("glove", "svd") and self.subwords is not None:
            raise InputError(f"method={self.method!r} with subwords, which it has not; leave them out")
        if self.method == "svd" and self.checkpoint is not None:
            raise InputError("method='svd' with checkpoint, which it has not; leave it out")


def _show(figures: dict[str, float]) -> None:
    import sys

    speed = figures.get("words_per_second")
    said = f"epoch {int(figures['epoch'])}, {figures['share']:.0%}: loss {figures['loss']:.4f}"
    print(said + (f", {speed:,.0f} words/s" if speed else ""), file=sys.stderr)  # noqa: T201
