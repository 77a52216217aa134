"""Error rates beside values worked out by hand, and beside the plain recursion."""

from functools import cache

import numpy as np
import pytest

from ostinato._core.errors import InputError
from ostinato.tasks.speech import error_rates

pytest.importorskip("jiwer")


def distance(one: list[str], two: list[str]) -> int:
    """Levenshtein's recursion."""

    @cache
    def of(i: int, j: int) -> int:
        if i == 0 or j == 0:
            return i + j
        return min(of(i - 1, j) + 1, of(i, j - 1) + 1, of(i - 1, j - 1) + (one[i - 1] != two[j - 1]))

    return of(len(one), len(two))


def test_by_hand() -> None:
    # "the cat sat" / "the bat sat down": one replaced, one put in; "a b" / "b": one taken out; 3 errors, 5 words
    found = error_rates(["the cat sat", "a b"], ["the bat sat down", "b"])
    assert found["word_error_rate"] == pytest.approx(3 / 5)
    assert (found["substitutions"], found["insertions"], found["deletions"]) == (1, 1, 1)
    # letters: cat/bat 1, " down" 5, "a " 2; 11 + 3 letters
    assert found["character_error_rate"] == pytest.approx(8 / 14)
    assert found["sentence_error_rate"] == 1.0
    assert (found["rows"], found["words"]) == (2, 5)


def test_nothing_wrong_and_everything_wrong() -> None:
    right = error_rates(["one two"], ["one two"])
    assert right["word_error_rate"] == right["character_error_rate"] == right["sentence_error_rate"] == 0
    assert error_rates(["one two"], [""])["word_error_rate"] == 1
    assert error_rates(["one"], ["two two two"])["word_error_rate"] == 3


def test_silence() -> None:
    found = error_rates(["", "one"], ["two", "one"])
    assert found["word_error_rate"] == 1.0 and found["insertions"] == 1


def test_as_levenshtein() -> None:
    draw = np.random.default_rng(0)
    texts = [[" ".join(draw.choice(list("abc"), draw.integers(1, 8))) for _ in range(30)] for _ in "xy"]
    wrong = sum(distance(one.split(), two.split()) for one, two in zip(*texts, strict=True))
    words = sum(len(one.split()) for one in texts[0])
    assert error_rates(*texts)["word_error_rate"] == pytest.approx(wrong / words)


def test_wrong_numbers_are_named() -> None:
    with pytest.raises(InputError, match="1 references and 2"):
        error_rates(["a"], ["a", "b"])
    with pytest.raises(InputError, match="0 references"):
        error_rates([], [])
