"""How spans are written as tags: IOB1, IOB2, BIOES, BILOU; told apart, repaired and converted by way of the spans."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ostinato._core.errors import InputError
from ostinato.data.tags.spans import Span, parse, spans


@dataclass(frozen=True)
class Scheme:
    """One way to write spans as tags.

    Args:
        prefixes: what may stand before a type.
        write: prefixes of a span, from its length and whether it follows a span of its own type without a gap.
        follows: whether a tag (prefix, type) may stand behind another; `O` stands before the first and behind the last.
    """

    prefixes: frozenset[str]
    write: Callable[[int, bool], list[str]]
    follows: Callable[[tuple[str, str], tuple[str, str]], bool]


def _iob1(length: int, touches: bool) -> list[str]:
    return ["B" if touches else "I"] + ["I"] * (length - 1)


def _iob2(length: int, touches: bool) -> list[str]:
    return ["B"] + ["I"] * (length - 1)


def _closed(begin: str, end: str, single: str) -> Callable[[int, bool], list[str]]:
    return lambda length, touches: [single] if length == 1 else [begin, *["I"] * (length - 2), end]


def _follows_iob1(before: tuple[str, str], now: tuple[str, str]) -> bool:
    return now[0] != "B" or (before[0] != "O" and before[1] == now[1])  # B only parts neighbours of one type


def _follows_iob2(before: tuple[str, str], now: tuple[str, str]) -> bool:
    return now[0] != "I" or (before[0] != "O" and before[1] == now[1])


def _follows_closed(begin: str, end: str) -> Callable[[tuple[str, str], tuple[str, str]], bool]:
    def follows(before: tuple[str, str], now: tuple[str, str]) -> bool:
        goes_on, is_open = now[0] in ("I", end), before[0] in (begin, "I")
        return goes_on == is_open and (not goes_on or before[1] == now[1])

    return follows


SCHEMES: dict[str, Scheme] = {
    "iob2": Scheme(frozenset("BI"), _iob2, _follows_iob2),
    "iob1": Scheme(frozenset("BI"), _iob1, _follows_iob1),
    "bioes": Scheme(frozenset("BIES"), _closed("B", "E", "S"), _follows_closed("B", "E")),
    "bilou": Scheme(frozenset("BILU"), _closed("B", "L", "U"), _follows_closed("B", "L")),
}


@dataclass(frozen=True)
class Repair:
    """Sentences whose tags keep to a scheme, and what it took.

    Args:
        tags: B lists of tags.
        changed: tags that are others than before.
        rows: numbers of the sentences that have such.
    """

    tags: list[list[str]]
    changed: int
    rows: list[int]


def detect(sentences: Iterable[Sequence[str]]) -> str | None:
    """Tell the scheme of a corpus: of those whose prefixes it uses the one that needs the fewest repairs.

    Args:
        sentences: B lists of tags.

    Returns:
        Key of `SCHEMES`; `None` where the tags are plain labels (`NN`, `VB`), which mark no spans.

    Example:
        >>> detect([["I-PER", "O", "I-LOC", "B-LOC"]]), detect([["B-PER", "O"]]), detect([["NN", "VB"]])
        ('iob1', 'iob2', None)
        >>> detect([["B-PER", "E-PER", "S-LOC"]])
        'bioes'
    """
    rows = [list(tags) for tags in sentences]
    kinds = {parse(tag) for tags in rows for tag in tags}
    prefixes = {prefix for prefix, _ in kinds if prefix != "O"}
    typed = all(type for prefix, type in kinds if prefix != "O")
    fitting = [name for name, scheme in SCHEMES.items() if prefixes <= scheme.prefixes]
    if not prefixes or not typed or not fitting:
        return None
    return min(fitting, key=lambda name: repair(rows, name).changed)


def repair(sentences: Iterable[Sequence[str]], scheme: str) -> Repair:
    """Write the spans of tags anew, so that they keep to their scheme.

    Args:
        sentences: B lists of tags, in the scheme or nearly.
        scheme: key of `SCHEMES`.

    Returns:
        The tags, and how many had to change where. The spans are the same as before.

    Raises:
        InputError: no such scheme.

    Example:
        >>> repair([["O", "I-PER", "I-PER"], ["B-LOC"]], "iob2")
        Repair(tags=[['O', 'B-PER', 'I-PER'], ['B-LOC']], changed=1, rows=[0])
    """
    rows = [list(tags) for tags in sentences]
    whole = [convert(tags, scheme) for tags in rows]
    changes = [sum(a != b for a, b in zip(old, new, strict=True)) for old, new in zip(rows, whole, strict=True)]
    return Repair(whole, sum(changes), [row for row, count in enumerate(changes) if count])


def convert(tags: Sequence[str], scheme: str) -> list[str]:
    """Write one sentence's spans in a scheme.

    Args:
        tags: T tags, in any scheme.
        scheme: key of `SCHEMES`.

    Returns:
        T tags that mark the same spans.

    Raises:
        InputError: no such scheme.

    Example:
        >>> convert(["I-PER", "I-PER", "B-PER"], "bioes")
        ['B-PER', 'E-PER', 'S-PER']
    """
    return write(spans(tags), len(tags), scheme)


def write(found: Sequence[Span], length: int, scheme: str) -> list[str]:
    """Write spans as the tags of a sentence.

    Args:
        found: spans, from left to right, that do not overlap.
        length: tokens of the sentence.
        scheme: key of `SCHEMES`.

    Raises:
        InputError: no such scheme.

    Example:
        >>> write([Span(1, 3, "LOC")], 4, "bilou")
        ['O', 'B-LOC', 'L-LOC', 'O']
    """
    if scheme not in SCHEMES:
        raise InputError(f"scheme {scheme!r}, expected one of {', '.join(SCHEMES)}; choose one")
    tags = ["O"] * length
    end, type = -1, ""
    for span in found:
        touches = span.start == end and span.type == type
        prefixes = SCHEMES[scheme].write(span.stop - span.start, touches)
        tags[span.start : span.stop] = [f"{prefix}-{span.type}" if span.type else prefix for prefix in prefixes]
        end, type = span.stop, span.type
    return tags
