"""The kinds of tokenizer: how each cuts a text, learns its vocabulary, and puts a text together again.

A new kind is one `Kind` and one line in `KINDS`.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from ostinato.text.specials import SPECIALS, UNK
from ostinato.text.words import WORD_PATTERN

NO_LIMIT = 2**31 - 1
MOST_PAIRS = 2**20  # the trainer makes room for all it may learn at once, and aborts the process where there is none


@dataclass(frozen=True)
class Kind:
    """What makes a word, character or byte-pair tokenizer.

    Attributes:
        lowercase: whether capitals are folded when the user does not say.
        normalise: whether texts are brought to Unicode's form NFC first.
        cut: makes the pre-tokenizer.
        join: makes the decoder, or None to join tokens with spaces.
        learn: (untrained tokenizer, texts, tokens at most, seen at least) -> model whose first ids are the specials.
        least: the smallest `max_vocabulary` that makes sense.
    """

    lowercase: bool
    normalise: bool
    cut: Callable[[], Any]
    join: Callable[[], Any] | None
    learn: Callable[[Tokenizer, Iterator[str], int | None, int], Any]
    least: int


def _learn_table(tokenizer: Tokenizer, texts: Iterator[str], limit: int | None, min_frequency: int) -> Any:
    """Keep the most frequent tokens; of equally frequent ones the first in code point order.

    Only "space" can meet a special among the tokens (`<unk>`, which its texts spell out): it has its number already,
    and three more tokens are learned so that none is missed for it.
    """
    size = NO_LIMIT if limit is None else limit
    trainer = trainers.WordLevelTrainer(
        vocab_size=size, min_frequency=min_frequency, special_tokens=[], show_progress=False
    )
    tokenizer.model = models.WordLevel({}, unk_token=UNK)
    tokenizer.train_from_iterator(texts, trainer)
    learned = tokenizer.get_vocab()
    ranked = sorted((token for token in learned if token not in SPECIALS), key=lambda token: learned[token])
    kept = ranked[: None if limit is None else limit - len(SPECIALS)]
    return models.WordLevel(_behind_specials({token: rank for rank, token in enumerate(kept)}), unk_token=UNK)


def _learn_pairs(tokenizer: Tokenizer, texts: Iterator[str], limit: int | None, min_frequency: int) -> Any:
    """Merge the most frequent pair of tokens again and again, from the 256 bytes on (Sennrich et al. 2016)."""
    size = MOST_PAIRS if limit is None else limit - len(SPECIALS)
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        min_frequency=min_frequency,
        special_tokens=[],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.model = models.BPE()
    tokenizer.train_from_iterator(texts, trainer)
    return models.BPE(_behind_specials(tokenizer.get_vocab()), _merges(tokenizer), unk_token=UNK)


def _merges(tokenizer: Tokenizer) -> list[tuple[str, str]]:
    # the Python object does not tell its merges; its JSON does
    return [(left, right) for left, right in json.loads(tokenizer.to_str())["model"]["merges"]]


def _behind_specials(vocabulary: dict[str, int]) -> dict[str, int]:
    shifted = {token: number + len(SPECIALS) for token, number in vocabulary.items()}
    return {**shifted, **{token: number for number, token in enumerate(SPECIALS)}}


KINDS: dict[str, Kind] = {
    "word": Kind(
        lowercase=True,
        normalise=True,
        cut=lambda: pre_tokenizers.Split(Regex(WORD_PATTERN), "removed", invert=True),
        join=None,
        learn=_learn_table,
        least=len(SPECIALS) + 1,
    ),
    "space": Kind(
        lowercase=False,
        normalise=False,
        cut=pre_tokenizers.WhitespaceSplit,
        join=None,
        learn=_learn_table,
        least=len(SPECIALS) + 1,
    ),
    "char": Kind(
        lowercase=False,
        normalise=False,  # so that decode(encode(text)) is the text
        cut=lambda: pre_tokenizers.Split(Regex(r"(?m:.)"), "isolated"),
        join=decoders.Fuse,
        learn=_learn_table,
        least=len(SPECIALS) + 1,
    ),
    "bpe": Kind(
        lowercase=False,
        normalise=False,
        cut=lambda: pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        join=decoders.ByteLevel,
        learn=_learn_pairs,
        least=len(SPECIALS) + 256,
    ),
}
