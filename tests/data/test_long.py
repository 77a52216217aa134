"""Signals in a table of one row a step."""

import io
from pathlib import Path

import numpy as np
import pytest

from ostinato._core.errors import DataError
from ostinato.data import load

LONG = """walk,t,x,y,label
a,2,3.0,30,run
b,0,7,70,sit
a,0,1.0,10,run
a,1,2.0,20,run
"""


def read(text: str, sequence: str = "walk,t", label: str | None = "label"):  # type: ignore[no-untyped-def]
    return load(io.BytesIO(text.encode()), format="csv", sequence=sequence, label=label)


def test_rows_are_gathered_in_the_order_of_time() -> None:
    found = read(LONG)
    assert found.labels == ["run", "sit"]
    np.testing.assert_array_equal(found.values[0], [[1, 10], [2, 20], [3, 30]])
    np.testing.assert_array_equal(found.values[1], [[7, 70]])


def test_channels_may_be_named() -> None:
    np.testing.assert_array_equal(read(LONG, "walk,t,y").values[0], [[10], [20], [30]])


def test_without_a_time_the_order_of_the_file_counts() -> None:
    np.testing.assert_array_equal(read(LONG, "walk,t,x").values[0].ravel(), [1, 2, 3])
    np.testing.assert_array_equal(read(LONG, "walk,,x").values[0].ravel(), [3, 1, 2])
    text = "walk,x,label\na,5,run\nb,1,sit\na,4,run\n"
    np.testing.assert_array_equal(read(text, "walk").values[0].ravel(), [5, 4])


def test_dates_are_times() -> None:
    text = "walk,t,x\na,2024-01-10,2\na,2024-01-09T12:00,1\n"
    np.testing.assert_array_equal(read(text, label=None).values[0].ravel(), [1, 2])


def test_tabs_and_gzip(tmp_path: Path) -> None:
    path = tmp_path / "walks.tsv"
    path.write_text(LONG.replace(",", "\t"), encoding="utf-8")
    assert len(load(path, sequence="walk,t")) == 2


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("a,1,2.0,20", "a,1,,20", "line 5: column 'x' holds nothing, expected a finite number"),
        ("a,1,2.0,20", "a,1,nan,20", "line 5: column 'x' holds 'nan'"),
        ("a,1,2.0,20,run", "a,1,2.0,20", "line 5: 4 columns, expected 5"),
        ("a,1,", "a,0,", "time '0' here and in line 4"),
        ("a,1,2.0,20,run", "a,1,2.0,20,sit", "line 5: the label is 'sit', expected 'run' as in line 4"),
        ("walk,t", "walks,t", "did you mean"),
    ],
)
def test_wrong_rows_are_named(old: str, new: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        read(LONG.replace(old, new, 1))


def test_empty_files_are_named() -> None:
    with pytest.raises(DataError, match="empty"):
        read("")
    with pytest.raises(DataError, match="no rows"):
        read("walk,t,x,label\n")
