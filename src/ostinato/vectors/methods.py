"""How an estimator's arguments become a training: one function a method, each gives vectors and a history."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ostinato._core.errors import InputError
from ostinato.vectors.corpus import Corpus
from ostinato.vectors.predictive import Predictive, Settings
from ostinato.vectors.subwords import Subwords

if TYPE_CHECKING:
    from ostinato.vectors.word_vectors import WordVectors

Floats = npt.NDArray[np.float32]
Tell = Callable[[dict[str, float]], None] | None

# Each method's learning rate where none is given. CBOW divides its gradient by the number of context words, as the
# derivative has it (docs/decisions/0014), and so takes longer steps.
_RATES = {"skipgram": 0.025, "cbow": 0.075, "glove": 0.05}


def predictive(model: WordVectors, corpus: Corpus, threads: int, seed: int, tell: Tell) -> Floats:
    """Skip-gram and CBOW."""
    if model.loss not in ("negative", "tree"):
        raise InputError(f"loss={model.loss!r}; 'negative' or 'tree' expected; choose one")
    if model.context not in ("window", "previous", "nearby"):
        raise InputError(f"context={model.context!r}; 'window', 'previous' or 'nearby' expected; choose one")
    settings = Settings(
        E=model.vector_size,
        mean=model.method == "cbow",
        left=model.window,
        right=0 if model.context == "previous" else model.window,
        reduced=model.shrink_windows,
        nearby=model.context == "nearby",
        negatives=model.negative if model.loss == "negative" else 0,
        exponent=model.exponent,
        sample=model.sample,
        lr=rate(model),
        min_lr=model.min_lr,
        epochs=model.epochs,
        seed=seed,
        threads=threads,
    )
    subwords = None
    if model.subwords is not None:
        shortest, longest = model.subwords
        subwords = Subwords.of(corpus.words, shortest, longest, model.buckets)
    training = Predictive(corpus, settings, subwords)
    training.train(tol=model.tol, tell=tell)
    model.history_ = training.progress.history
    if subwords is not None:
        model.subwords_ = subwords
        model.parts_ = np.array(training.inputs[len(corpus.words) :, : model.vector_size])
    return training.vectors()


def rate(model: WordVectors) -> float:
    """Return the learning rate that is given, or the method's."""
    return _RATES[model.method] if model.lr is None else model.lr


METHODS: dict[str, Callable[[WordVectors, Corpus, int, int, Tell], Floats]] = {
    "skipgram": predictive,
    "cbow": predictive,
}
