"""The spans that a sequence of tags marks, in whichever scheme it is written.

A tag is `O`, or a prefix and a type, `B-PER`. Where one span ends and the next begins is what the evaluation script of
the CoNLL tasks says of IOB1 and IOB2, right or wrong: `I-PER` after `O` begins a span, and so does a change of type.
"""

from collections.abc import Sequence
from typing import NamedTuple

_BEGINS = frozenset("BSU")  # these begin a span wherever they stand
_ENDS = frozenset("ELSU")  # behind these no span goes on


class Span(NamedTuple):
    """Tokens `start` to `stop` (excluded) that are one thing of a type.

    Example:
        >>> Span(0, 2, "PER")
        Span(start=0, stop=2, type='PER')
    """

    start: int
    stop: int
    type: str


def parse(tag: str) -> tuple[str, str]:
    """Cut a tag into prefix and type; what has no hyphen is all prefix.

    Example:
        >>> parse("B-PER"), parse("I-NP-SBJ"), parse("O")
        (('B', 'PER'), ('I', 'NP-SBJ'), ('O', ''))
    """
    prefix, _, type = tag.partition("-")
    return prefix, type


def spans(tags: Sequence[str]) -> list[Span]:
    """Read the spans of one sentence's tags: IOB1, IOB2, BIOES, BILOU, or a broken mixture of them.

    Args:
        tags: T tags. Plain labels (`NN`) mark no spans.

    Returns:
        The spans, from left to right; they do not overlap.

    Source: conlleval (Tjong Kim Sang 2004) for `B` and `I`; `E`/`L` end a span and `S`/`U` are one, as their names say
        (conlleval, written before them, joins neighbours `S-PER S-PER` to one span).

    Example:
        >>> spans(["I-PER", "I-PER", "O", "I-LOC", "B-LOC", "I-ORG"])  # doctest: +NORMALIZE_WHITESPACE
        [Span(start=0, stop=2, type='PER'), Span(start=3, stop=4, type='LOC'), Span(start=4, stop=5, type='LOC'),
         Span(start=5, stop=6, type='ORG')]
    """
    found: list[Span] = []
    begin: int | None = None
    last_prefix, last_type = "O", ""
    for place, tag in enumerate(tags):
        prefix, type = parse(tag)
        inside = prefix in _PREFIXES
        fresh = inside and (begin is None or prefix in _BEGINS or last_prefix in _ENDS or type != last_type)
        if begin is not None and (fresh or not inside):
            found.append(Span(begin, place, last_type))
            begin = None
        if fresh:
            begin = place
        last_prefix, last_type = prefix, type
    if begin is not None:
        found.append(Span(begin, len(tags), last_type))
    return found


_PREFIXES = frozenset("BIESLU")
