"""Arguments that the library names become the options they are on the command line."""

import pytest

from ostinato.cli.wording import as_typed


@pytest.mark.parametrize(
    ("library", "here"),
    [
        ("lr=-1.0 is out of range", "--lr -1.0 is out of range"),
        ("pass format=, one of csv", "pass --format, one of csv"),
        ("ngrams=(2, 1), expected", "--ngrams 2,1, expected"),
        ("pooling=('max', 'mean')", "--pooling max,mean"),
        ("random_state=-1", "--seed -1"),
        ("penalty='l3', expected one of 'l1'", "--penalty l3, expected one of 'l1'"),
        ("resume=True needs", "--resume needs"),
        ("bidirectional=False", "--no-bidirectional"),
        ("C=None or class_weight='balanced'", "--C none or --class-weight balanced"),
        ("is 'lr=3', one of", "is 'lr=3', one of"),
        ("a.b=3 x-lr=3 something=4", "a.b=3 x-lr=3 something=4"),
    ],
)
def test_as_typed(library: str, here: str) -> None:
    assert as_typed(library) == here
