"""Several taggers on the same sentences: how well, how fast, how large."""

from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import Any

import numpy as np
from sklearn.base import clone

from ostinato.tasks.compare import saved_bytes, seeded, together


def compare_taggers(
    train: tuple[Sequence[Any], Sequence[Any]],
    test: tuple[Sequence[Any], Sequence[Any]],
    taggers: Mapping[str, Any],
    *,
    seeds: Sequence[int | None] = (None,),
    announce: Callable[[str], object] | None = None,
) -> list[dict[str, Any]]:
    """Fit each tagger on the same sentences and measure it on the same others.

    Use it to see whether a network is worth its cost: put `WindowTagger` and `MostFrequentTag` beside it.

    Args:
        train: lists of tokens and lists of tags to learn from.
        test: lists of tokens and of tags to measure on.
        taggers: name -> tagger; each is cloned.
        seeds: one run each, with this `random_state`; `None` leaves it.
        announce: called with a name before it is fitted.

    Returns:
        A dict a tagger, in the order given: `name`, `f1` (of plain labels the accuracy), `accuracy`, `train_seconds`,
        `predict_tokens_a_second`, `parameters`, `size_bytes`; with several seeds the means, and `f1_spread`.

    Example:
        >>> from ostinato.tasks import MostFrequentTag
        >>> rows = [["Kelly", "sleeps"]], [["B-PER", "O"]]
        >>> compare_taggers(rows, rows, {"word": MostFrequentTag()})[0]["f1"]
        1.0
    """
    result = []
    for name, tagger in taggers.items():
        runs = []
        for seed in seeds:
            if announce is not None:
                announce(name if len(seeds) == 1 else f"{name}, seed {seed}")
            runs.append(_measured(seeded(clone(tagger), seed), train, test))
        result.append({"name": name, **together(runs, "f1")})
    return result


def _measured(
    tagger: Any, train: tuple[Sequence[Any], Sequence[Any]], test: tuple[Sequence[Any], Sequence[Any]]
) -> dict[str, Any]:
    began = perf_counter()
    tagger.fit(*train)
    fitted = perf_counter()
    found = tagger.evaluate(*test)
    seconds = perf_counter() - fitted
    return {
        "f1": found.accuracy if tagger.scheme_ is None else found.f1,
        "accuracy": found.accuracy,
        "train_seconds": fitted - began,
        "predict_tokens_a_second": int(np.rint(found.tokens / seconds)),
        "parameters": tagger.parameters_,
        "size_bytes": saved_bytes(tagger),
    }
