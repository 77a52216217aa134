"""Spans survive every scheme; what breaks a scheme is repaired and counted."""

from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato._core.errors import InputError
from ostinato.data.tags import SCHEMES, Span, convert, detect, parse, repair, spans
from ostinato.data.tags.schemes import write

TYPES = ("PER", "LOC")
ROWS = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3), st.sampled_from(TYPES)), max_size=5)


def _laid(parts: list[tuple[int, int, str]]) -> tuple[list[Span], int]:
    found, place = [], 0
    for gap, length, type in parts:
        found.append(Span(place + gap, place + gap + length, type))
        place += gap + length
    return found, place + 1


@given(ROWS, st.sampled_from(list(SCHEMES)), st.sampled_from(list(SCHEMES)))
def test_spans_survive_every_conversion(parts: list[tuple[int, int, str]], first: str, second: str) -> None:
    found, length = _laid(parts)
    tags = write(found, length, first)
    assert spans(tags) == found
    assert spans(convert(tags, second)) == found


@pytest.mark.parametrize("scheme", list(SCHEMES))
def test_follows_allows_exactly_the_tags_that_need_no_repair(scheme: str) -> None:
    rule = SCHEMES[scheme]
    tags = ["O", *(f"{prefix}-{type}" for prefix in rule.prefixes for type in TYPES)]
    for row in product(tags, repeat=3):
        around = [parse(tag) for tag in ("O", *row, "O")]
        allowed = all(rule.follows(*pair) for pair in pairwise(around))
        assert allowed == (repair([row], scheme).changed == 0), row


@pytest.mark.parametrize(
    ("rows", "scheme"),
    [
        ([["I-PER", "B-PER", "O"]], "iob1"),
        ([["B-PER", "I-PER", "O"]], "iob2"),
        ([["B-PER", "I-PER", "O"], ["I-LOC"], ["B-LOC"]], "iob2"),  # one broken sentence does not change the scheme
        ([["S-PER", "O"]], "bioes"),
        ([["U-PER", "O"]], "bilou"),
        ([["B-PER", "L-PER"]], "bilou"),
        ([["NN", "VB"]], None),
        ([["O", "O"]], None),
        ([["B", "I"]], None),
        ([], None),
    ],
)
def test_detect(rows: list[list[str]], scheme: str | None) -> None:
    assert detect(rows) == scheme


def test_repair_counts_tags_and_names_rows() -> None:
    done = repair([["B-PER", "E-PER"], ["B-PER", "I-PER"], ["E-LOC", "O"]], "bioes")
    assert done.tags == [["B-PER", "E-PER"], ["B-PER", "E-PER"], ["S-LOC", "O"]]
    assert (done.changed, done.rows) == (2, [1, 2])


def test_unknown_scheme() -> None:
    with pytest.raises(InputError, match="expected one of iob2, iob1, bioes, bilou"):
        convert(["O"], "iob3")
