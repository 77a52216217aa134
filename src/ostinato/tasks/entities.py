"""Precision, recall and F1 of entities, the figures of conlleval to the digit, and of single tags."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ostinato._core.errors import InputError
from ostinato.data.tags import spans


@dataclass(frozen=True)
class EntityScores:
    """Counts of entities and of tags, and what follows from them.

    Args:
        tokens: N, all tokens.
        right_tags: tokens whose tag is right, letter by letter.
        gold: type -> entities there are.
        found: type -> entities predicted.
        correct: type -> entities predicted with the right type and both ends.
        pairs: (true tag, predicted tag) -> tokens.
    """

    tokens: int
    right_tags: int
    gold: Counter[str]
    found: Counter[str]
    correct: Counter[str]
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def accuracy(self) -> float:
        """Share of the tokens with the right tag."""
        return self.right_tags / self.tokens if self.tokens else 0.0

    @property
    def precision(self) -> float:
        """Share of the predicted entities that are right; 0 where there are none."""
        return _share(self.correct.total(), self.found.total())

    @property
    def recall(self) -> float:
        """Share of the entities that were found; 0 where there are none."""
        return _share(self.correct.total(), self.gold.total())

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        return _harmonic(self.precision, self.recall)

    def per_type(self) -> list[dict[str, Any]]:
        """A dict a type, in the order of their names: type, entities, found, precision, recall, f1."""
        return [
            {"type": type, "entities": self.gold[type], **_rates(self.correct[type], self.found[type], self.gold[type])}
            for type in sorted(set(self.gold) | set(self.found))
        ]

    def per_tag(self) -> list[dict[str, Any]]:
        """A dict a tag, in the order of their names: tag, steps, found, precision, recall, f1."""
        there, found = Counter[str](), Counter[str]()
        for (truth, guess), count in self.pairs.items():
            there[truth] += count
            found[guess] += count
        return [
            {"tag": tag, "steps": there[tag], **_rates(self.pairs[tag, tag], found[tag], there[tag])}
            for tag in sorted(set(there) | set(found))
        ]

    def confusion(self, tags: Sequence[str]) -> list[list[int]]:
        """Tokens of each true tag (down) by predicted tag (across)."""
        return [[self.pairs[truth, guess] for guess in tags] for truth in tags]

    def conlleval(self) -> str:
        """The report that conlleval prints of the same tags, character by character."""
        gold, found, correct = self.gold.total(), self.found.total(), self.correct.total()
        lines = [f"processed {self.tokens} tokens with {gold} phrases; found: {found} phrases; correct: {correct}."]
        if self.tokens:
            accuracy = 100 * self.right_tags / self.tokens
            lines.append(f"accuracy: {accuracy:6.2f}%; {_percents(gold, found, correct)}")
        lines += [
            f"{type:>17}: {_percents(self.gold[type], self.found[type], self.correct[type])}  {self.found[type]}"
            for type in sorted(set(self.gold) | set(self.found))
        ]
        return "\n".join(lines) + "\n"


def entity_scores(gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> EntityScores:
    """Compare predicted tags with the true ones.

    Use it for tags of spans in IOB1 or IOB2, mixed if need be: an entity counts where type, first and last token are
    right. BIOES and BILOU count too, each span for itself.

    Args:
        gold: B lists of true tags.
        predicted: B lists of predicted tags, each as long as the true one.

    Returns:
        The counts; `precision`, `recall` and `f1` are shares of 1.

    Raises:
        InputError: lists of unequal length; names the row.

    Source: conlleval (Tjong Kim Sang 2004); equal to it on the files in tests/golden.

    Example:
        >>> scores = entity_scores([["B-PER", "I-PER", "O", "B-LOC"]], [["B-PER", "I-PER", "O", "B-ORG"]])
        >>> scores.precision, scores.recall, scores.f1, scores.accuracy
        (0.5, 0.5, 0.5, 0.75)
    """
    if len(gold) != len(predicted):
        raise InputError(f"{len(predicted)} rows of predicted tags, expected {len(gold)} as there are true ones")
    tokens = right = 0
    there: Counter[str] = Counter()
    found: Counter[str] = Counter()
    correct: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for row, (truth, guess) in enumerate(zip(gold, predicted, strict=True)):
        if len(truth) != len(guess):
            raise InputError(f"row {row} has {len(guess)} predicted tags, expected {len(truth)}, one a token")
        tokens += len(truth)
        right += sum(a == b for a, b in zip(truth, guess, strict=True))
        pairs.update(zip(truth, guess, strict=True))
        of_truth, of_guess = spans(truth), spans(guess)
        there.update(span.type for span in of_truth)
        found.update(span.type for span in of_guess)
        correct.update(span.type for span in set(of_truth) & set(of_guess))
    return EntityScores(tokens, right, there, found, correct, pairs)


def _rates(correct: int, found: int, there: int) -> dict[str, Any]:
    precision, recall = _share(correct, found), _share(correct, there)
    return {"found": found, "precision": precision, "recall": recall, "f1": _harmonic(precision, recall)}


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _harmonic(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _percents(gold: int, found: int, correct: int) -> str:
    """Percentages in conlleval's own order of operations: a last digit of 5 is rounded as there."""
    precision = 100 * correct / found if found else 0.0
    recall = 100 * correct / gold if gold else 0.0
    return f"precision: {precision:6.2f}%; recall: {recall:6.2f}%; FB1: {_harmonic(precision, recall):6.2f}"
