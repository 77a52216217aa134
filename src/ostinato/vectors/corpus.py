"""A text as numbers: read once, coded into a file that is mapped into memory, however large it is."""

from __future__ import annotations

import json
import shutil
import tempfile
import weakref
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ostinato._core.errors import DataError, InputError
from ostinato.vectors.opening import lines
from ostinato.vectors.phrases import Phrases

Codes = npt.NDArray[np.int32]
Counts = npt.NDArray[np.int64]
Sentences = str | Path | Iterable[str] | Iterable[Sequence[str]]

END = -1
"""The code of a sentence's end."""

_FLUSHED = 1 << 20  # codes
_FORMAT = 1


class Corpus:
    """Words, how often each occurs, and the text as their numbers.

    Use it to code a text once and learn from it several times; `WordVectors.fit` takes it wherever it takes a text.

    Args:
        words: V words, the most frequent first.
        counts: (V,) how often each occurs in `codes`.
        codes: (N,) int32 numbers of words, -1 where a sentence ends; may be a memory map.

    Example:
        >>> corpus = Corpus.read(["the cat sat", "the dog sat", "rare"], min_count=2)
        >>> corpus.words, corpus.counts.tolist(), corpus.codes.tolist()
        (['the', 'sat'], [2, 2], [0, 1, -1, 0, 1, -1, -1])
    """

    def __init__(self, words: list[str], counts: Counts, codes: Codes) -> None:
        self.words, self.counts, self.codes = words, counts, codes

    def __len__(self) -> int:
        """Return the number of words in the text."""
        return int(self.counts.sum())

    def __repr__(self) -> str:
        return f"Corpus({len(self):,} words, {len(self.words):,} different)"

    @classmethod
    def read(
        cls,
        text: Sentences,
        *,
        min_count: int = 5,
        max_vocabulary: int | None = None,
        phrases: Phrases | None = None,
        tokenize: Callable[[str], Sequence[str]] = str.split,
        folder: str | Path | None = None,
    ) -> Corpus:
        """Read and code a text; it is gone through once, so a stream will do.

        Args:
            text: a file, a sentence a line (gzip is undone), or sentences, each a text or a list of words.
            min_count: words that occur less often are left out, before windows are laid.
            max_vocabulary: words at most, the most frequent; None for all.
            phrases: joins words that stand together often.
            tokenize: cuts a sentence that is a text into words.
            folder: where the coded text stays, for `open`; None takes a temporary one that goes with the object.

        Raises:
            DataError: the file cannot be read, or no word occurs often enough.
            InputError: sentences that are neither texts nor lists of words.
        """
        if min_count < 1:
            raise InputError(f"min_count={min_count}; a number from 1 up is needed; take 1 to keep all words")
        home, temporary = _home(folder)
        try:
            words = _code(text, tokenize, home / "draft")
            draft = _mapped(home / "draft")
            for _ in range(phrases.passes if phrases else 0):
                draft = _joined(phrases, draft, words, home)
            words, counts = _trim(draft, words, min_count, max_vocabulary, home / "codes", str(text)[:80])
            del draft
            (home / "draft").unlink()
            about = {"format_version": _FORMAT, "words": words, "counts": counts.tolist()}
            (home / "vocabulary.json").write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
        except BaseException:
            if temporary:
                shutil.rmtree(home, ignore_errors=True)
            raise
        corpus = cls(words, counts, _mapped(home / "codes"))
        if temporary:
            weakref.finalize(corpus, shutil.rmtree, home, ignore_errors=True)
        return corpus

    @classmethod
    def open(cls, folder: str | Path) -> Corpus:
        """Open what `read` has left in a folder.

        Raises:
            DataError: it holds no coded text, or a damaged one.
        """
        home = Path(folder)
        try:
            about = json.loads((home / "vocabulary.json").read_text(encoding="utf-8"))
            words, counts, codes = about["words"], np.array(about["counts"], dtype=np.int64), _mapped(home / "codes")
        except (OSError, ValueError, KeyError) as error:
            raise DataError(f"{home}: holds no coded text ({error}); read the text again") from None
        if int((codes >= 0).sum()) != counts.sum():
            raise DataError(f"{home}: {len(codes):,} codes, not those of its vocabulary; read the text again")
        return cls(words, counts, codes)


def _home(folder: str | Path | None) -> tuple[Path, bool]:
    if folder is None:
        return Path(tempfile.mkdtemp(prefix="ostinato-")), True
    Path(folder).mkdir(parents=True, exist_ok=True)
    return Path(folder), False


class _Numbers(dict[str, int]):
    """Gives each new word the next number."""

    def __missing__(self, word: str) -> int:
        self[word] = number = len(self)
        return number


def _code(text: Sentences, tokenize: Callable[[str], Sequence[str]], path: Path) -> list[str]:
    """Write the numbers of all words in the order in which they first occur, and return the words."""
    numbers, codes = _Numbers(), array("i")
    with path.open("wb") as file:
        for sentence in _sentences(text, tokenize):
            codes.extend(map(numbers.__getitem__, sentence))
            codes.append(END)
            if len(codes) >= _FLUSHED:
                codes.tofile(file)
                del codes[:]
        codes.tofile(file)
    return list(numbers)


def _sentences(text: Sentences, tokenize: Callable[[str], Sequence[str]]) -> Iterator[Sequence[str]]:
    if isinstance(text, str | Path):
        for _, line in lines(text):
            yield tokenize(line)
        return
    for number, sentence in enumerate(text, 1):
        words: Any = tokenize(sentence) if isinstance(sentence, str) else sentence
        if not isinstance(words, Sequence) or not all(isinstance(word, str) for word in words[:1]):
            raise InputError(
                f"sentence {number} is a {type(sentence).__name__}; a text or a list of words is needed; convert it"
            )
        yield words


def _mapped(path: Path) -> Codes:
    if not path.stat().st_size:
        return np.zeros(0, dtype=np.int32)
    return np.memmap(path, dtype=np.int32, mode="r")


def pieces(codes: Codes, size: int = 1 << 24) -> Iterator[Codes]:
    """Go through codes without reading more than `size` of them at a time."""
    for start in range(0, len(codes), size):
        yield codes[start : start + size]


def counted(codes: Codes, words: int) -> Counts:
    """Count how often each of `words` numbers occurs."""
    counts = np.zeros(words, dtype=np.int64)
    for piece in pieces(codes):
        counts += np.bincount(piece[piece >= 0], minlength=words)
    return counts


def _joined(phrases: Phrases | None, draft: Codes, words: list[str], home: Path) -> Codes:
    """Join phrases in the draft; the new words are added to `words`."""
    if phrases is None:
        return draft
    joined = home / "joined"
    with joined.open("wb") as file:
        for piece in phrases.join(draft, counted(draft, len(words)), words):
            piece.tofile(file)
    joined.replace(home / "draft")
    return _mapped(home / "draft")


def _trim(
    draft: Codes, words: list[str], min_count: int, max_vocabulary: int | None, path: Path, name: str
) -> tuple[list[str], Counts]:
    """Write the codes of the words that stay, the most frequent word first."""
    counts = counted(draft, len(words))
    order = np.argsort(-counts, kind="stable")
    order = order[counts[order] >= min_count][:max_vocabulary]
    if not len(order):
        raise DataError(
            f"{name}: no word occurs {min_count} times or more ({len(words):,} different words); at least one is "
            "needed; lower min_count, or give more text"
        )
    gone = np.int32(-2)
    new = np.full(len(words) + 1, gone)
    new[order] = np.arange(len(order), dtype=np.int32)
    new[-1] = END  # the code of a sentence's end, -1, looks up the last
    with path.open("wb") as file:
        for piece in pieces(draft):
            kept = new[piece]
            kept[kept != gone].tofile(file)
    return [words[number] for number in order.tolist()], counts[order]
