"""How rows spread over classes."""

from collections import Counter

from ostinato.data.report.oddities import Tally

_UNEVEN = 10  # times the smallest class


class LabelSummary:
    """Rows a class, and what is odd about the classes."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self.counts: Counter[str] = Counter()

    def add(self, label: str, place: str) -> None:
        """Take a label in."""
        self.counts[label] += 1
        if label != label.strip():
            self._tally.add("label with a space at an end", "another class than without it; take it off", place)

    def finish(self) -> None:
        """Look at the classes as a whole."""
        counts = self.counts
        if len(counts) == 1:
            self._tally.add("a single class", f"all rows are {next(iter(counts))!r}: there is nothing to tell apart")
        for label in counts:
            if counts[label] == 1:
                self._tally.add("class with one row", f"{label!r} and the like cannot be both trained on and measured")
        if len(counts) > 1 and max(counts.values()) > _UNEVEN * min(counts.values()):
            self._tally.add(
                "unequal classes",
                f"the largest has {max(counts.values())} rows, the smallest {min(counts.values())}: "
                f"weigh them (class_weight='balanced') and look beyond accuracy",
            )
        folded = Counter(label.strip().casefold() for label in counts)
        for name, spellings in folded.items():
            if spellings > 1:
                self._tally.add(
                    "labels that differ in case or spaces alone", f"{name!r} and the like; write them alike"
                )
