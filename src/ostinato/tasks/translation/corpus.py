"""Sentences and their translations: checked, cut to tokens, and the vocabularies learned from them."""

import warnings
from collections.abc import Iterable, Sequence
from copy import deepcopy
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from ostinato._core.errors import InputError
from ostinato.tasks.encoding import is_fitted
from ostinato.tasks.held_out import hold_out
from ostinato.tasks.translation.batches import Ids
from ostinato.text import Tokenizer

Sentences = Sequence[str]
Pairs = Iterable[tuple[str, str]]


class Parallel(NamedTuple):
    """Sentences and their translations, of one number."""

    sources: list[str]
    targets: list[str]


def parallel(sources: Any, targets: Sentences | None = None, name: str = "sources") -> Parallel:
    """Check what the user gave: two lists, or a list of pairs.

    Raises:
        InputError: lists of unequal length (both counts are said), no pair, a pair that is none, something that is no
            text, an empty sentence; names the row.
    """
    if targets is None:
        rows = _listed(sources, name)
        for number, row in enumerate(rows):
            if isinstance(row, str) or not hasattr(row, "__len__") or len(row) != 2:
                raise InputError(
                    f"{name}[{number}] is {row!r:.60}, expected a pair (source, target), as no targets were given; "
                    "give pairs, or sources and targets"
                )
        found = Parallel([row[0] for row in rows], [row[1] for row in rows])
    else:
        found = Parallel(sentences(sources, name), sentences(targets, "targets"))
    if len(found.sources) != len(found.targets):
        raise InputError(
            f"{len(found.sources):,} sources and {len(found.targets):,} targets, expected one target a source; "
            "is a line missing, or does one of the texts have a line break inside?"
        )
    if not found.sources:
        raise InputError(f"{name} has 0 pairs, expected at least 1; give sentences to learn from")
    for side, texts in zip(("sources", "targets"), found, strict=True):
        for number, text in enumerate(texts):
            if not isinstance(text, str):
                raise InputError(f"{side}[{number}] is a {type(text).__name__}, expected text; convert it with str()")
            if not text.strip():
                raise InputError(
                    f"{side}[{number}] is empty, expected a sentence, its other half is "
                    f"{found[side == 'sources'][number]!r:.60}; leave the pair out or write the missing half"
                )
    return found


def sentences(texts: Sentences, name: str = "sources") -> list[str]:
    """Check a list of texts, which may be empty ones.

    Raises:
        InputError: one text in place of a list, or something in it that is no text; names the row.
    """
    if isinstance(texts, str):
        raise InputError(f"{name} is one text, expected a list of texts; put it into a list: [text]")
    found = _listed(texts, name)
    for number, text in enumerate(found):
        if not isinstance(text, str):
            raise InputError(f"{name}[{number}] is a {type(text).__name__}, expected text; convert it with str()")
    return found


def _listed(given: Any, name: str) -> list[Any]:
    if not isinstance(given, Iterable):
        raise InputError(f"{name} is a {type(given).__name__}, expected a list; give one")
    return list(given)


def not_empty(texts: list[str]) -> list[int]:
    """Numbers of the texts that are not empty; a warning counts the others and names the first."""
    full = [number for number, text in enumerate(texts) if text.strip()]
    if len(full) < len(texts):
        first = next(number for number, text in enumerate(texts) if not text.strip())
        warnings.warn(
            f"{len(texts) - len(full)} empty sources, the first is sources[{first}]: translated by nothing",
            stacklevel=4,
        )
    return full


def split(pairs: Parallel, share: float, seed: int) -> tuple[Parallel, Parallel | None]:
    """Hold a share of the pairs out, drawn at random; `None` where it comes to none."""
    learn, held = hold_out(np.zeros(len(pairs.sources), np.int64), share, seed)
    if not len(held):
        return pairs, None
    first, second = (Parallel(*([side[i] for i in rows] for side in pairs)) for rows in (learn, held))
    return first, second


def fit_tokenizers(
    kind: str | Tokenizer,
    pairs: Parallel,
    *,
    shared: bool,
    lowercase: bool,
    max_vocabulary: int | None,
    min_frequency: int,
) -> tuple[Tokenizer, Tokenizer]:
    """Learn the vocabulary of the sources and that of the targets: one and the same, or one each."""

    def fit(texts: Iterable[str]) -> Tokenizer:
        if isinstance(kind, Tokenizer):
            copied = deepcopy(kind)
            return copied if is_fitted(copied) else copied.fit(texts)
        made = Tokenizer(kind, lowercase=lowercase, max_vocabulary=max_vocabulary, min_frequency=min_frequency)
        return made.fit(texts)

    if shared:
        both = fit(chain(*pairs))
        return both, both
    return fit(pairs.sources), fit(pairs.targets)


def encode(tokenizer: Tokenizer, texts: list[str]) -> list[Ids]:
    """Token ids of each text, without an end mark; of one without a token, the end mark alone."""
    found = tokenizer.encode(texts)
    return [ids[:-1] if tokenizer.add_eos and len(ids) > 1 else ids for ids in found]


def within(length: int | None, sources: list[Ids], targets: list[Ids]) -> list[int]:
    """Numbers of the pairs of which neither half has more tokens than `length`."""
    limit: Any = float("inf") if length is None else length
    return [i for i, pair in enumerate(zip(sources, targets, strict=True)) if max(map(len, pair)) <= limit]
