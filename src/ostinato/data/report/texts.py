"""A running summary of texts: each is seen once and let go."""

import re
from array import array
from collections import Counter
from typing import Any

from ostinato.data.report.lengths import note_long, quantiles
from ostinato.data.report.oddities import Tally

_WORD = re.compile(r"\w+")


class TextSummary:
    """Lengths, vocabulary and oddities of texts."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._characters, self._words = array("q"), array("q")
        self._places: list[str] = []
        self._vocabulary: Counter[str] = Counter()
        self._alphabet: set[str] = set()

    def add(self, text: str, place: str) -> None:
        """Take a text in."""
        words = _WORD.findall(text.lower())
        self._characters.append(len(text))
        self._words.append(len(words))
        self._places.append(place)
        self._vocabulary.update(words)
        self._alphabet.update(text)
        self._tally.text(text, place)

    def finish(self) -> dict[str, Any]:
        """Sum up."""
        note_long(self._tally, self._characters, self._places, "characters")
        return {
            "lengths": {"characters": quantiles(self._characters), "words": quantiles(self._words)},
            "vocabulary": {
                "words": len(self._vocabulary),
                "words_seen_once": sum(count == 1 for count in self._vocabulary.values()),
                "characters": len(self._alphabet),
            },
        }
