"""Texts to arrays of ids and back."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import tokenizers
from numpy.typing import ArrayLike, NDArray
from tokenizers import models, normalizers, processors

from ostinato._core.errors import InputError, ModelFileError
from ostinato.text import forking, stored
from ostinato.text.kinds import KINDS
from ostinato.text.specials import EOS, EOS_ID, PAD_ID, UNK, UNK_ID

forking.register()

_CHUNK = 4096  # texts encoded at a time: bounds the memory that Hugging Face's result objects take


class Tokenizer:
    """Learns a vocabulary from texts and turns texts into ids.

    Use `word` for sentences and documents, `char` for names and short codes, `bpe` for text in which no word may be
    unknown. The vocabulary begins with `<pad>` 0, `<unk>` 1 and `<eos>` 2; a text in which somebody has typed these
    is still ordinary text. Equal texts give an equal vocabulary: of equally frequent tokens the first in code point
    order comes first.

    Args:
        kind: "word" (Unicode form NFC, lower case, words and punctuation apart, `don't` is `do n't`; white space is
            not kept), "space" (cut at white space alone, case kept: for texts that were tokenized before, as the Penn
            Treebank; a `<unk>` or `<eos>` in them is that token), "char" (a token a code point, white space
            included) or "bpe" (byte pairs; no unknown tokens, decoding gives the text back exactly).
        lowercase: fold capitals; None folds for "word" only.
        max_vocabulary: tokens at most, *including* the three specials; None keeps all.
        min_frequency: a token must be seen this often in the texts of `fit` ("bpe": a pair, to be merged).
        add_eos: end each sequence with `<eos>`.

    Raises:
        InputError: an argument is out of its range; names it.

    Source: BPE after Sennrich et al. 2016, on bytes as in Radford et al. 2019; clitics as in the Penn Treebank.

    Example:
        >>> tokenizer = Tokenizer().fit(["a good film", "a bad film"])
        >>> tokenizer.tokens()
        ['<pad>', '<unk>', '<eos>', 'a', 'film', 'bad', 'good']
        >>> tokenizer.encode(["A good book", ""])
        [array([3, 6, 1]), array([2])]
    """

    def __init__(
        self,
        kind: str = "word",
        *,
        lowercase: bool | None = None,
        max_vocabulary: int | None = 10_000,
        min_frequency: int = 1,
        add_eos: bool = False,
    ) -> None:
        if kind not in KINDS:
            raise InputError(f"kind {kind!r}: expected one of {', '.join(KINDS)}; pass one of these")
        least = KINDS[kind].least
        if max_vocabulary is not None and max_vocabulary < least:
            raise InputError(
                f"max_vocabulary {max_vocabulary}: expected at least {least} for {kind!r}, "
                f"or None for no limit; raise it"
            )
        if min_frequency < 1:
            raise InputError(f"min_frequency {min_frequency}: expected at least 1; pass 1 to keep every token")
        self.kind = kind
        self.lowercase = KINDS[kind].lowercase if lowercase is None else lowercase
        self.max_vocabulary = max_vocabulary
        self.min_frequency = min_frequency
        self.add_eos = add_eos
        self._hf: tokenizers.Tokenizer | None = None

    pad_id = PAD_ID
    unk_id = UNK_ID
    eos_id = EOS_ID

    def fit(self, texts: Iterable[str]) -> "Tokenizer":
        """Learn the vocabulary.

        Args:
            texts: any iterable of texts, read once; it need not fit in memory.

        Returns:
            The tokenizer itself.

        Raises:
            InputError: there are no texts, or one of them is no text; names its position.
        """
        kind = KINDS[self.kind]
        hf = tokenizers.Tokenizer(models.WordLevel({}, unk_token=UNK))
        steps: list[Any] = [normalizers.Lowercase()] if self.lowercase else []
        if kind.normalise:
            steps.append(normalizers.NFC())  # last: lower case can leave marks that combine
        if steps:
            hf.normalizer = normalizers.Sequence(steps)
        hf.pre_tokenizer = kind.cut()
        if kind.join is not None:
            hf.decoder = kind.join()
        checked = _Checked(texts)
        try:
            model = kind.learn(hf, checked, self.max_vocabulary, self.min_frequency)
        finally:
            if checked.error is not None:  # Hugging Face would hide it behind one of its own
                raise checked.error
        if checked.count == 0:
            raise InputError("0 texts: expected at least one to learn a vocabulary from; pass more")
        hf.model = model
        if self.add_eos:  # for other programs that open tokenizer.json; `encode` adds its own, behind the cut
            hf.post_processor = processors.TemplateProcessing(single=f"$A {EOS}", special_tokens=[(EOS, EOS_ID)])
        self._hf = hf
        return self

    def encode(
        self, texts: Sequence[str], *, max_length: int | None = None, keep: str = "last"
    ) -> list[NDArray[np.int64]]:
        """Turn texts into ids.

        Args:
            texts: list of B texts.
            max_length: ids a text at most, T (`<eos>` included); None keeps all.
            keep: which ids a longer text keeps: the "last" or the "first" `max_length`.

        Returns:
            B int64 arrays of shape (T,), T >= 1: a text without a token is `[<eos>]`.

        Raises:
            InputError: not fitted; a text is no text (names its position); `max_length` or `keep` is wrong.

        Cost: about 10 MB of English text a second and core.
        """
        hf = self._fitted()
        if keep not in ("last", "first"):
            raise InputError(f"keep {keep!r}: expected 'last' or 'first'; pass one of these")
        if max_length is not None and max_length < 1:
            raise InputError(f"max_length {max_length}: expected at least 1, or None for no limit; raise it")
        checked = list(_Checked(texts))
        room = None if max_length is None else max_length - self.add_eos
        sequences = []
        for begin in range(0, len(checked), _CHUNK):
            for encoding in hf.encode_batch_fast(checked[begin : begin + _CHUNK], add_special_tokens=False):
                ids = _cut(encoding.ids, room, keep)
                if self.add_eos or not ids:
                    ids.append(EOS_ID)
                sequences.append(np.array(ids, np.int64))
        return sequences

    def decode(self, ids: ArrayLike) -> str:
        """Put a text together from ids.

        "bpe" and "char" give back the text that was encoded, as far as its tokens are known and its case was kept;
        "word" joins tokens with spaces. `<pad>` and `<eos>` are left out, an unknown token is written `<unk>`.

        Args:
            ids: integers of shape (T,).

        Returns:
            The text.

        Raises:
            InputError: not fitted; an id is outside the vocabulary (names it).
        """
        hf = self._fitted()
        numbers = np.asarray(ids, dtype=np.int64).ravel()
        outside = numbers[(numbers < 0) | (numbers >= self.size)]
        if outside.size:
            raise InputError(f"id {outside[0]}: expected 0 to {self.size - 1}; was it made by another tokenizer?")
        shown = [int(number) for number in numbers if number not in (PAD_ID, EOS_ID)]
        return str(hf.decode(shown, skip_special_tokens=False))

    def coverage(self, texts: Sequence[str]) -> float:
        """Measure which share of the tokens of some texts is known (1.0 where there are none).

        Args:
            texts: list of texts, usually held-out ones.

        Returns:
            A number from 0 to 1.
        """
        hf = self._fitted()
        tokens = unknown = 0
        checked = list(_Checked(texts))
        for begin in range(0, len(checked), _CHUNK):
            for encoding in hf.encode_batch_fast(checked[begin : begin + _CHUNK], add_special_tokens=False):
                ids = encoding.ids
                tokens += len(ids)
                unknown += ids.count(UNK_ID)
        return 1.0 - unknown / tokens if tokens else 1.0

    def cut(self, text: str) -> list[str]:
        """Show the pieces a text is cut into before the vocabulary is asked ("bpe": before pairs are merged).

        Args:
            text: any text.

        Returns:
            The pieces, in order.
        """
        hf = self._fitted()
        (text,) = _Checked([text])
        normal = text if hf.normalizer is None else hf.normalizer.normalize_str(text)
        return [piece for piece, _ in hf.pre_tokenizer.pre_tokenize_str(normal)]

    @property
    def vocabulary(self) -> dict[str, int]:
        """Token to id, in the order of the ids ("bpe" writes bytes as GPT-2 does: a space is `Ġ`)."""
        found: dict[str, int] = self._fitted().get_vocab()
        return dict(sorted(found.items(), key=lambda entry: entry[1]))

    def tokens(self) -> list[str]:
        """List the tokens; a token's position is its id."""
        return list(self.vocabulary)

    @property
    def size(self) -> int:
        """Number of tokens V, specials included."""
        return int(self._fitted().get_vocab_size())

    def __len__(self) -> int:
        return self.size

    def __repr__(self) -> str:
        size = "not fitted" if self._hf is None else f"{self.size} tokens"
        return f"Tokenizer({self.kind!r}, lowercase={self.lowercase}, add_eos={self.add_eos}; {size})"

    def to_json(self) -> str:
        """Write the tokenizer as Hugging Face's JSON, which `tokenizers.Tokenizer.from_file` opens too.

        Returns:
            JSON text; save it as `tokenizer.json`.
        """
        return str(self._fitted().to_str())

    @classmethod
    def from_json(cls, text: str) -> "Tokenizer":
        """Open a tokenizer that `to_json` wrote.

        Args:
            text: the JSON.

        Returns:
            A fitted tokenizer that encodes and decodes as the written one did. `max_vocabulary` is the size it came
            to and `min_frequency` is 1: what only `fit` needs is not in the file.

        Raises:
            ModelFileError: the text is not such JSON; says why.
        """
        found = stored.settings(text)
        tokenizer = cls(found["kind"], lowercase=found["lowercase"], add_eos=found["add_eos"])
        try:
            tokenizer._hf = tokenizers.Tokenizer.from_str(text)
        except Exception as error:  # Hugging Face raises bare Exception
            raise ModelFileError(f"tokenizer JSON: {error}; use a tokenizer.json that Ostinato wrote") from None
        tokenizer.max_vocabulary = found["max_vocabulary"]
        return tokenizer

    def _fitted(self) -> tokenizers.Tokenizer:
        if self._hf is None:
            raise InputError("this tokenizer has no vocabulary yet: expected a fitted one; call fit(texts) first")
        return self._hf


def _cut(ids: list[int], room: int | None, keep: str) -> list[int]:
    if room is None or len(ids) <= room:
        return ids
    return ids[len(ids) - room :] if keep == "last" else ids[:room]


class _Checked(Iterator[str]):
    """Passes texts on and stops at the first thing that is none."""

    def __init__(self, texts: Iterable[str]) -> None:
        if isinstance(texts, str | bytes):
            raise InputError(f"a single text {texts[:20]!r}: expected a list of texts; put it in brackets")
        self._texts: Iterator[Any] = iter(texts)
        self.count = 0
        self.error: InputError | None = None

    def __next__(self) -> str:
        text = next(self._texts)
        if not isinstance(text, str):
            self.error = InputError(
                f"text {self.count}: {text!r:.40} of type {type(text).__name__}: expected a string; "
                f"leave it out or convert it with str()"
            )
            raise self.error
        if not text.isascii() and not _encodable(text):
            self.error = InputError(
                f"text {self.count}: {text!r:.40} holds half of a surrogate pair: expected valid Unicode; "
                f"decode the file with errors='replace'"
            )
            raise self.error
        self.count += 1
        return str(text)  # numpy.str_ is a subclass that Rust takes, but a plain one is faster


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
