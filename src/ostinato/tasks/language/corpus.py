"""Texts to one long run of token ids, every text or line ended by `<eos>`."""

from collections.abc import Iterable, Sequence
from copy import deepcopy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato._core.errors import InputError
from ostinato.tasks.encoding import is_fitted
from ostinato.text import Tokenizer

_PAIRS = 16_000  # byte pairs could be merged until every word is one token

Text = str | Sequence[str]


def sentences_of(sentence: Any, name: str = "sentence") -> list[str]:
    """One sentence, or several, of which each may be empty and there may be none.

    Raises:
        InputError: something else.
    """
    if not isinstance(sentence, Iterable) or isinstance(sentence, bytes):
        raise InputError(f"{name} is a {type(sentence).__name__}, expected a text or a list of texts; give one")
    several = [sentence] if isinstance(sentence, str) else list(sentence)
    for number, one in enumerate(several):
        if not isinstance(one, str):
            raise InputError(f"{name}[{number}] is a {type(one).__name__}, expected text; give a string")
    return several


def texts_of(text: Text, name: str = "text") -> list[str]:
    """Check what the user gave: one text, or several.

    Raises:
        InputError: something else, or nothing to read in it.
    """
    texts = sentences_of(text, name)
    if not any(one.strip() for one in texts):
        raise InputError(f"{name} is empty, expected at least one word or character; give a text to read")
    return texts


def pieces(texts: list[str], lines: bool) -> list[str]:
    """What ends with `<eos>`: each line, or each text. A last line break ends the last line and begins none."""
    return [line for one in texts for line in one.removesuffix("\n").split("\n")] if lines else texts


def fit_tokenizer(
    tokenizer: str | Tokenizer,
    parts: list[str],
    *,
    lowercase: bool | None,
    max_vocabulary: int | None,
    min_frequency: int,
) -> Tokenizer:
    """Learn a vocabulary from the training part, or copy one that is fitted."""
    if isinstance(tokenizer, Tokenizer):
        copied = deepcopy(tokenizer)
        return copied if is_fitted(copied) else copied.fit(parts)
    if tokenizer == "bpe" and max_vocabulary is None:
        max_vocabulary = _PAIRS
    made = Tokenizer(tokenizer, lowercase=lowercase, max_vocabulary=max_vocabulary, min_frequency=min_frequency)
    return made.fit(parts)


def encode(tokenizer: Tokenizer, parts: list[str]) -> list[NDArray[np.int64]]:
    """Token ids of each part, `<eos>` behind them; an empty part is `<eos>` alone."""
    found = tokenizer.encode(parts)
    if tokenizer.add_eos:
        return found
    end = np.array([tokenizer.eos_id], dtype=np.int64)
    return [ids if not part else np.concatenate([ids, end]) for part, ids in zip(parts, found, strict=True)]


def split(texts: list[str], lines: bool, fraction: float) -> tuple[list[str], list[str]]:
    """Cut the end off as the held-out part: whole lines, or characters of the joined text.

    A text is held out at its end because neighbouring words are alike: scattered lines would be too easy.
    """
    if fraction == 0:
        return texts, []
    if lines or len(texts) > 1:
        parts = pieces(texts, lines)
        cut = len(parts) - max(1, round(len(parts) * fraction))
        joined = "\n" if lines else None
        if cut < 1:
            raise InputError(
                f"text of {len(parts)} lines, a share of {fraction:g} cannot be held out; give more, or "
                "validation_fraction=0"
            )
        return ([joined.join(parts[:cut])], [joined.join(parts[cut:])]) if joined else (parts[:cut], parts[cut:])
    (whole,) = texts
    cut = len(whole) - max(1, round(len(whole) * fraction))
    if cut < 1:
        raise InputError(f"text of {len(whole)} characters, a share of {fraction:g} cannot be held out; give more")
    return [whole[:cut]], [whole[cut:]]
