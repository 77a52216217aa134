"""What can be odd about a text, and why it matters: one line a check."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

_FIRST = 5

_LINE_BREAK = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")  # where str.splitlines breaks, but no file format does
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f]")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
_TAG = re.compile("</?[a-zA-Z][^<>]*>")
# UTF-8 read as Latin-1 or Windows-1252: é becomes Ã©, a curly quotation mark becomes â€™
_MOJIBAKE = re.compile("\u00c3[\u0080-\u00bf]|\u00c2[\u0080-\u00bf]|\u00e2\u20ac.")


@dataclass(frozen=True)
class Check:
    """One thing that can be odd.

    Attributes:
        found: tells whether a text has it.
        meaning: why it matters, or what to do.
    """

    found: Callable[[str], object]
    meaning: str


TEXT_CHECKS: dict[str, Check] = {
    "empty text": Check(lambda text: not text or text.isspace(), "nothing to learn from; they all look alike"),
    "space at an end": Check(lambda text: text != text.strip() and not text.isspace(), "kept; 'char' and 'bpe' see it"),
    "unusual line break": Check(
        _LINE_BREAK.search, "kept; programs that split lines at U+0085, U+2028 … break the row"
    ),
    "control character": Check(_CONTROL.search, "kept; often a sign of text read in a wrong encoding"),
    "invisible character": Check(_INVISIBLE.search, "words that look alike differ; remove U+200B, U+00AD and the like"),
    "HTML tag": Check(_TAG.search, "kept; 'word' makes a simple tag one token"),
    "replacement character": Check(
        lambda text: "\ufffd" in text, "characters were lost before; read the original again"
    ),
    "looks like another encoding": Check(
        _MOJIBAKE.search, "UTF-8 was read as Latin-1, it seems; read the original again"
    ),
    "not in Unicode's form NFC": Check(
        lambda text: not unicodedata.is_normalized("NFC", text), "'word' unifies it; 'char' and 'bpe' see two spellings"
    ),
}


@dataclass
class Tally:
    """Counts oddities and remembers the first few places of each."""

    counts: dict[str, int] = field(default_factory=dict)
    places: dict[str, list[str]] = field(default_factory=dict)
    meanings: dict[str, str] = field(default_factory=dict)

    def add(self, kind: str, meaning: str, place: str | None = None, count: int = 1) -> None:
        """Count an oddity.

        Args:
            kind: its name.
            meaning: why it matters.
            place: the row, if it is one row's.
            count: how many.
        """
        self.counts[kind] = self.counts.get(kind, 0) + count
        self.meanings[kind] = meaning
        places = self.places.setdefault(kind, [])
        if place is not None and len(places) < _FIRST:
            places.append(place)

    def text(self, text: str, place: str) -> None:
        """Run all checks over a text."""
        for kind, check in TEXT_CHECKS.items():
            if check.found(text):
                self.add(kind, check.meaning, place)

    def entries(self) -> list[dict[str, object]]:
        """List what was found, most frequent first, as plain dicts."""
        kinds = sorted(self.counts, key=lambda kind: -self.counts[kind])
        return [
            {"kind": kind, "count": self.counts[kind], "first": self.places[kind], "meaning": self.meanings[kind]}
            for kind in kinds
        ]
