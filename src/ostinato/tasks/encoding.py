"""Checked sequences to the arrays a network reads: what is learned from the training part to do so."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal, Protocol, Self

import numpy as np

from ostinato._core.errors import InputError, ShapeError
from ostinato.tasks.inputs import Sequences
from ostinato.tasks.standardise import Standardiser
from ostinato.text import BASES, Tokenizer, base_shares

_MOST_TOKENS = 2_000_000  # a larger table of vectors is nearly always ids that were never numbered from 0


class Encoder(Protocol):
    """Turns checked sequences into arrays; `vocabulary` tokens or `channels` numbers a step."""

    vocabulary: int
    channels: int
    unknown: int

    def __call__(self, values: Sequence[Any]) -> list[np.ndarray]:
        """B int64 (T,) or float32 (T, I) arrays."""

    def stored(self) -> tuple[dict[str, Any], dict[str, np.ndarray], str | None]:
        """JSON, arrays and `tokenizer.json` to make it from again."""


@dataclass
class TextEncoder:
    """Texts by a tokenizer.

    Args:
        tokenizer: fitted.
        max_length: tokens kept, or `None`.
        keep: which ones of a longer text.
    """

    tokenizer: Tokenizer
    max_length: int | None
    keep: Literal["last", "first"]

    def __post_init__(self) -> None:
        self.vocabulary, self.channels, self.unknown = self.tokenizer.size, 0, self.tokenizer.unk_id

    def __call__(self, values: Sequence[str]) -> list[np.ndarray]:
        """Encode B texts."""
        return list(self.tokenizer.encode(values, max_length=self.max_length, keep=self.keep))

    def stored(self) -> tuple[dict[str, Any], dict[str, np.ndarray], str | None]:
        """JSON, arrays and `tokenizer.json`."""
        return {"max_length": self.max_length, "keep": self.keep}, {}, self.tokenizer.to_json()


@dataclass
class DnaEncoder:
    """Letters of DNA or RNA, each as the shares of the four bases that it stands for; nothing is learned.

    Args:
        max_length: letters kept, or `None`.
        keep: which ones of a longer sequence.
    """

    max_length: int | None
    keep: Literal["last", "first"]

    def __post_init__(self) -> None:
        self.vocabulary, self.channels, self.unknown = 0, len(BASES), 0

    def __call__(self, values: Sequence[str]) -> list[np.ndarray]:
        """Encode B sequences of letters."""
        rows = [base_shares(value, f"X[{number}]") for number, value in enumerate(values)]
        return [part_of(row, self.max_length, self.keep) for row in rows]

    def stored(self) -> tuple[dict[str, Any], dict[str, np.ndarray], str | None]:
        """JSON, arrays and `tokenizer.json`, which is not needed."""
        return {"max_length": self.max_length, "keep": self.keep}, {}, None


def check_bases(rows: Sequence[str], name: str = "X") -> None:
    """Raise if a sequence holds a letter that is no base, while the rows' numbers are still the user's.

    Raises:
        InputError: names the row and the letter.
    """
    for number, row in enumerate(rows):
        base_shares(row, f"{name}[{number}]")


def part_of(row: np.ndarray, length: int | None, keep: Literal["last", "first"]) -> np.ndarray:
    """The steps that are read of a longer row."""
    if length is None:
        return row
    return row[-length:] if keep == "last" else row[:length]


@dataclass
class TokenEncoder:
    """Token sequences: ids that training has not seen become one id for all of them, the last.

    Args:
        vocabulary: V, that id included.
        max_length: tokens kept, or `None`.
        keep: which ones of a longer sequence.
    """

    vocabulary: int
    max_length: int | None
    keep: Literal["last", "first"]

    def __post_init__(self) -> None:
        self.channels, self.unknown = 0, self.vocabulary - 1

    def __call__(self, values: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Encode B token sequences."""
        return [np.minimum(part_of(value, self.max_length, self.keep), self.unknown) for value in values]

    def stored(self) -> tuple[dict[str, Any], dict[str, np.ndarray], str | None]:
        """JSON, arrays and `tokenizer.json`."""
        return {"vocabulary": self.vocabulary, "max_length": self.max_length, "keep": self.keep}, {}, None


@dataclass
class NumericEncoder:
    """Numeric sequences, standardised by channel.

    Args:
        standardiser: fitted.
    """

    standardiser: Standardiser

    def __post_init__(self) -> None:
        self.vocabulary, self.channels, self.unknown = 0, len(self.standardiser.mean), 0

    @classmethod
    def fit(cls, values: Sequence[np.ndarray]) -> Self:
        """Learn mean and scale of each channel."""
        return cls(Standardiser.fit(values))

    def __call__(self, values: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Encode B sequences."""
        if values[0].shape[1] != self.channels:
            raise ShapeError(
                f"X has {values[0].shape[1]} numbers a step, expected {self.channels} as in fit; give the same channels"
            )
        return [self.standardiser(value).astype(np.float32) for value in values]

    def stored(self) -> tuple[dict[str, Any], dict[str, np.ndarray], str | None]:
        """JSON, arrays and `tokenizer.json`."""
        return {}, {"mean": self.standardiser.mean, "scale": self.standardiser.scale}, None


def fit_encoder(
    train: Sequences,
    *,
    tokenizer: str | Tokenizer,
    lowercase: bool | None,
    max_vocabulary: int | None,
    max_length: int | None,
    keep: Literal["last", "first"],
    rows_of_embedding: int | None,
) -> Encoder:
    """Learn an encoder from the training part alone.

    Args:
        train: the training part.
        tokenizer: kind of a new tokenizer, or one that may be fitted already; it is copied, not changed.
        lowercase: whether a new tokenizer folds capitals.
        max_vocabulary: tokens of a new tokenizer.
        max_length: tokens read of a text or token sequence.
        keep: which ones of a longer one.
        rows_of_embedding: V of a table of vectors that is given for token sequences, or `None`.

    Raises:
        InputError: an argument or a token is out of range.
    """
    if max_length is not None and max_length < 1:
        raise InputError(f"max_length={max_length!r}, expected a number of tokens from 1 up or None; correct it")
    if keep not in ("last", "first"):
        raise InputError(f"keep={keep!r}, expected 'last' or 'first'; choose one")
    if train.kind == "numeric":
        return NumericEncoder.fit(train.values)
    if train.kind == "tokens":
        greatest = max(int(value.max()) for value in train.values)
        if greatest >= _MOST_TOKENS:
            raise InputError(f"X holds token {greatest}, expected tokens below {_MOST_TOKENS:,}; number them from 0")
        return TokenEncoder((greatest + 1 if rows_of_embedding is None else rows_of_embedding) + 1, max_length, keep)
    if tokenizer == "dna":
        return DnaEncoder(max_length, keep)
    if isinstance(tokenizer, Tokenizer):
        tokenizer = deepcopy(tokenizer)
        if not is_fitted(tokenizer):
            tokenizer.fit(train.values)
    else:
        tokenizer = Tokenizer(tokenizer, lowercase=lowercase, max_vocabulary=max_vocabulary).fit(train.values)
    return TextEncoder(tokenizer, max_length, keep)


def restore_encoder(
    kind: str, stored: dict[str, Any], tensors: dict[str, np.ndarray], tokenizer: str | None
) -> Encoder:
    """Make an encoder from what `stored` gave."""
    if kind == "numeric":
        return NumericEncoder(Standardiser(tensors["mean"], tensors["scale"]))
    if kind == "tokens":
        return TokenEncoder(**stored)
    if tokenizer is None:
        return DnaEncoder(**stored)
    return TextEncoder(Tokenizer.from_json(tokenizer), **stored)


def is_fitted(tokenizer: Tokenizer) -> bool:
    """Say whether a tokenizer has a vocabulary."""
    try:
        return tokenizer.size > 0
    except InputError:
        return False
