"""How good vectors are: analogies that people find easy, and pairs that people have scored."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from ostinato._core.errors import DataError
from ostinato.vectors.opening import lines
from ostinato.vectors.search import unit

if TYPE_CHECKING:
    from ostinato.vectors.keyed import KeyedVectors

_AT_ONCE = 512  # questions a matrix product: 512 x 300,000 scores are 600 MB, so fewer where there are more words


def analogies(
    kv: KeyedVectors,
    path: str | Path,
    restrict_vocab: int = 300_000,
    case_insensitive: bool = True,
    dummy4unknown: bool = False,
) -> tuple[float, list[dict[str, Any]]]:
    """Measure how many questions "a is to b as c is to ?" are answered, by 3CosAdd.

    Args:
        kv: the vectors.
        path: lines `a b c d`, sections headed by `: name`; `questions-words.txt` is one.
        restrict_vocab: answer from the first so many words, and leave out questions with others.
        case_insensitive: compare words without regard to capitals.
        dummy4unknown: count questions with unknown words as wrong, rather than leave them out.

    Returns:
        the share of right answers, 0 to 1 (0 where no question could be asked); the sections, each with its questions
        `correct` and `incorrect`, the last of them all together, as gensim.

    Raises:
        DataError: a line that is no question.

    Source: Mikolov et al. 2013, "Efficient estimation of word representations in vector space".
    """
    rows, fold = _folded(kv, restrict_vocab, case_insensitive)
    sections: list[dict[str, Any]] = []
    asked: list[tuple[int, tuple[str, ...]]] = []
    for place, line in lines(path):
        if line.startswith(":"):
            sections.append({"section": line.removeprefix(":").strip(), "correct": [], "incorrect": []})
            continue
        words = tuple(fold(word) for word in line.split())
        if not words:
            continue
        if len(words) != 4 or not sections:
            raise DataError(f"{place}: {line[:60]!r}; expected ': section', then lines of four words; correct the line")
        if all(word in rows for word in words):
            asked.append((len(sections) - 1, words))
        elif dummy4unknown:
            sections[-1]["incorrect"].append(words)
    same = np.array([rows[fold(word)] for word in kv.index_to_key[:restrict_vocab]], dtype=np.int64)
    for (section, words), right in zip(asked, _answered(kv, [words for _, words in asked], rows, same), strict=True):
        sections[section]["correct" if right else "incorrect"].append(words)
    total: dict[str, Any] = {
        "section": "Total accuracy",
        **{kind: [words for s in sections for words in s[kind]] for kind in ("correct", "incorrect")},
    }
    sections.append(total)
    questions = len(total["correct"]) + len(total["incorrect"])
    return len(total["correct"]) / max(questions, 1), sections


def _answered(kv: KeyedVectors, questions: list[tuple[str, ...]], rows: dict[str, int], same: Any) -> Iterator[bool]:
    """Whether each question is answered; rows that differ by capitals alone are the `same` row."""
    table = kv.unit_vectors()[: len(same)]
    folds = bool((same != np.arange(len(same))).any())
    step = max(1, min(_AT_ONCE, 100_000_000 // max(len(same), 1)))
    for start in range(0, len(questions), step):
        a, b, c, d = np.array([[rows[word] for word in q] for q in questions[start : start + step]]).T
        scores = unit(table[b] - table[a] + table[c]) @ table.T
        for asked in (a, b, c):
            scores[np.arange(len(a)), asked] = -np.inf
            if folds:
                scores[asked[:, None] == same[None, :]] = -np.inf
        yield from (same[scores.argmax(axis=1)] == d).tolist()


def pairs(
    kv: KeyedVectors,
    path: str | Path,
    delimiter: str = "\t",
    restrict_vocab: int = 300_000,
    case_insensitive: bool = True,
    dummy4unknown: bool = False,
) -> tuple[tuple[float, float], tuple[float, float], float]:
    """Correlate the cosines of pairs with the scores that people gave them.

    Args:
        kv: the vectors.
        path: lines `word1 word2 score`; lines that begin with # are remarks. WordSim-353 and SimLex-999 are such files.
        delimiter: what stands between them.
        restrict_vocab: know the first so many words alone.
        case_insensitive: compare words without regard to capitals.
        dummy4unknown: take 0 for pairs with unknown words, rather than leave them out.

    Returns:
        Pearson's correlation and its p-value; Spearman's and its p-value; the share of pairs with unknown words, in
        percent. As gensim.

    Raises:
        DataError: a line that is no pair, or fewer than two known pairs.
    """
    rows, fold = _folded(kv, restrict_vocab, case_insensitive)
    people, ours, unknown = [], [], 0
    for place, line in lines(path):
        if not line or line.startswith("#"):
            continue
        parts = line.split(delimiter)
        try:
            first, second, score = fold(parts[0].strip()), fold(parts[1].strip()), float(parts[2])
        except (ValueError, IndexError):
            raise DataError(
                f"{place}: {line[:60]!r}; expected word, word and number with {delimiter!r} between; correct the line"
            ) from None
        known = first in rows and second in rows
        unknown += not known
        if known or dummy4unknown:
            people.append(score)
            ours.append(kv.similarity(rows[first], rows[second]) if known else 0.0)
    if len(ours) < 2:
        raise DataError(f"{path}: {len(ours)} pairs of known words; at least 2 are needed; take other vectors or pairs")
    pearson, spearman = stats.pearsonr(people, ours), stats.spearmanr(people, ours)
    rate = 100 * unknown / (len(ours) + (0 if dummy4unknown else unknown))
    return (
        (float(pearson[0]), float(pearson[1])),
        (float(spearman[0]), float(spearman[1])),
        rate,
    )


def _folded(kv: KeyedVectors, restrict_vocab: int, case_insensitive: bool) -> tuple[dict[str, int], Any]:
    """Folded word -> its first row, and the function that folds."""
    fold = str.upper if case_insensitive else str
    rows: dict[str, int] = {}
    for row, word in enumerate(kv.index_to_key[:restrict_vocab]):
        rows.setdefault(fold(word), row)
    return rows, fold
