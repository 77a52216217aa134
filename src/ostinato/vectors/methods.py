"""How an estimator's arguments become a training: one function a method, each gives vectors and a history."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ostinato._core.errors import InputError
from ostinato._core.random import derive
from ostinato.vectors.checkpoint import Training, go_on, keep, of_text
from ostinato.vectors.cooccurrence import cooccurrences
from ostinato.vectors.corpus import Corpus
from ostinato.vectors.glove import Glove
from ostinato.vectors.ppmi import documents, leading, ppmi
from ostinato.vectors.predictive import Predictive, Settings
from ostinato.vectors.subwords import Parts, Subwords

if TYPE_CHECKING:
    from ostinato.vectors.word_vectors import WordVectors

Floats = npt.NDArray[np.float32]
Tell = Callable[[dict[str, float]], None] | None

# Each method's learning rate where none is given. CBOW with negatives divides its gradient by the number of context
# words, as the derivative has it (docs/decisions/0014), and so takes longer steps; with a tree its rate is skip-gram's.
_RATES = {"skipgram": 0.025, "cbow": 0.15, "glove": 0.05}


def predictive(model: WordVectors, corpus: Corpus, threads: int, seed: int, tell: Tell) -> Floats:
    """Skip-gram and CBOW."""
    if model.loss not in ("negative", "tree"):
        raise InputError(f"loss={model.loss!r}; 'negative' or 'tree' expected; choose one")
    if model.context not in ("window", "previous", "nearby"):
        raise InputError(f"context={model.context!r}; 'window', 'previous' or 'nearby' expected; choose one")
    settings = Settings(
        E=model.vector_size,
        mean=model.method == "cbow",
        whole=_as_word2vec(model),
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
    model.parts_ = None
    training.train(tol=model.tol, tell=tell, keep=_kept(model, training))
    model.history_ = training.progress.history
    if subwords is not None:
        vectors = np.array(training.inputs[len(corpus.words) :, : model.vector_size])
        model.parts_ = Parts(subwords.shortest, subwords.longest, vectors)
    return training.vectors()


def _kept(model: WordVectors, training: Training) -> Callable[[], None] | None:
    """Go on from the checkpoint if that is asked for, and return what keeps the next."""
    if model.checkpoint is None:
        if model.resume:
            raise InputError("resume=True and no checkpoint; the file of an interrupted training is needed; name it")
        return None
    file = Path(model.checkpoint)
    if model.resume:
        go_on(file, training)
    return lambda: keep(file, training)


def glove(model: WordVectors, corpus: Corpus, threads: int, seed: int, tell: Tell) -> Floats:
    """GloVe: a pair at distance d counts 1 / d."""
    _windows_alone(model)
    named = ("vector_size", "window", "x_max", "alpha", "memory_mb")  # the last decides the order of the pairs
    of = {**of_text(corpus), "lr": rate(model), "seed": seed, **{name: getattr(model, name) for name in named}}
    model.parts_ = None
    training = Glove(len(corpus.words), model.vector_size, seed, rate(model), of)
    keeping = _kept(model, training)  # before counting, so that a wrong checkpoint is told at once
    counted = cooccurrences(corpus, 1 / np.arange(1, model.window + 1), memory_mb=model.memory_mb)
    pairs = counted.shuffled(derive(seed, 1), model.memory_mb)
    settings = {"x_max": model.x_max, "alpha": model.alpha, "threads": threads}
    training.train(pairs, epochs=model.epochs, tol=model.tol, tell=tell, keep=keeping, **settings)
    model.history_ = training.progress.history
    return training.vectors()


def svd(model: WordVectors, corpus: Corpus, threads: int, seed: int, tell: Tell) -> Floats:
    """The baseline: a pair at distance d counts as skip-gram's drawn windows count it on average; or words in texts."""
    model.history_, model.parts_ = [], None
    if model.context == "document":
        return leading(documents(corpus), model.vector_size, derive(seed, 0) % 2**32)
    _windows_alone(model)
    weights = 1 - np.arange(model.window) / model.window if model.shrink_windows else np.ones(model.window)
    counted = cooccurrences(corpus, weights, memory_mb=model.memory_mb)
    return leading(ppmi(counted.pairs, counted.V, model.exponent), model.vector_size, derive(seed, 0) % 2**32)


def _windows_alone(model: WordVectors) -> None:
    if model.context != "window":
        raise InputError(
            f"context={model.context!r} with method={model.method!r}; 'window' is needed (svd has 'document' too); "
            "drop the argument"
        )


def rate(model: WordVectors) -> float:
    """Return the learning rate that is given, or the method's."""
    return _RATES["skipgram" if _as_word2vec(model) else model.method] if model.lr is None else model.lr


def _as_word2vec(model: WordVectors) -> bool:
    """Whether CBOW steps as word2vec does and not along the derivative."""
    return model.method == "cbow" and model.loss == "tree"


METHODS: dict[str, Callable[[WordVectors, Corpus, int, int, Tell], Floats]] = {
    "skipgram": predictive,
    "cbow": predictive,
    "glove": glove,
    "svd": svd,
}
