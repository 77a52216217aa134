"""Running sums of one epoch: losses and metrics, rows, tokens, time."""

from dataclasses import dataclass, field


@dataclass
class Meter:
    """Plain numbers, so that a checkpoint in the midst of an epoch keeps it as JSON.

    Attributes:
        sums: name → [sum, over how many].
        rows: sequences seen.
        tokens: steps of all of them.
        seconds: spent on them.
        largest_norm: the largest gradient norm before clipping.
    """

    sums: dict[str, list[float]] = field(default_factory=dict)
    rows: int = 0
    tokens: int = 0
    seconds: float = 0.0
    largest_norm: float = 0.0

    def add(self, name: str, mean: float, count: float) -> None:
        """Take in a mean over `count` things."""
        entry = self.sums.setdefault(name, [0.0, 0.0])
        entry[0] += mean * count
        entry[1] += count

    def mean(self, name: str) -> float:
        """The mean so far; NaN if nothing was counted."""
        total, count = self.sums.get(name, (0.0, 0.0))
        return total / count if count else float("nan")

    def means(self, prefix: str) -> dict[str, float]:
        """All means, their names behind `prefix`."""
        return {prefix + name: self.mean(name) for name in self.sums}

    def rates(self) -> tuple[float, float]:
        """Sequences a second, tokens a second."""
        return (self.rows / self.seconds, self.tokens / self.seconds) if self.seconds else (0.0, 0.0)

    def costs(self) -> dict[str, float]:
        """What the epoch's training took."""
        sequences, tokens = self.rates()
        return {"seconds": self.seconds, "sequences_per_second": sequences, "tokens_per_second": tokens}
