"""Pen strokes: offsets, size, even distances, Quick, Draw!'s columns, and what is wrong with them."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from ostinato._core.errors import DataError, InputError
from ostinato.data import Strokes, describe, load
from ostinato.data.strokes import are_strokes, stroked

CROSS = [[[10, 10], [14, 18]], [[14, 10], [12, 14], [10, 18]]]  # 4 wide, 8 high


def test_offsets_and_the_lifted_pen() -> None:
    expected = [[0, 0, 0], [0.5, 1, 1], [0, -1, 0], [-0.25, 0.5, 0], [-0.25, 0.5, 1]]
    np.testing.assert_array_equal(Strokes()(CROSS), np.float32(expected))
    assert Strokes()(CROSS).dtype == np.float32


def test_offsets_lead_back_to_the_points() -> None:
    draw = np.random.default_rng(0)
    strokes = [draw.normal(50, 20, (draw.integers(1, 9), 2)) for _ in range(5)]
    points = np.concatenate(strokes)
    steps = Strokes()(strokes)
    size = np.ptp(points, axis=0).max()
    np.testing.assert_allclose(points[0] + size * np.cumsum(steps[:, :2], axis=0), points, rtol=1e-5)
    assert np.flatnonzero(steps[:, 2]).tolist() == (np.cumsum([len(s) for s in strokes]) - 1).tolist()


def test_neither_size_nor_place_matters() -> None:
    other = [[[7 * x - 300, 7 * y + 5] for x, y in stroke] for stroke in CROSS]
    for pen in (Strokes(), Strokes(spacing=0.1)):
        np.testing.assert_allclose(pen(other), pen(CROSS), atol=1e-6)


def test_even_distances() -> None:
    steps = Strokes(spacing=0.1)(CROSS)
    lengths = np.hypot(steps[:, 0], steps[:, 1])
    ends = np.flatnonzero(steps[:, 2])
    within = np.delete(lengths, [0, ends[0] + 1, *ends])  # not between strokes; the last piece of one is shorter
    np.testing.assert_allclose(within, 0.1, rtol=1e-5)
    assert (lengths[ends] <= 0.1 + 1e-6).all()
    whole, kept = Strokes()(CROSS)[:, :2].sum(axis=0), steps[:, :2].sum(axis=0)
    np.testing.assert_allclose(kept, whole, atol=1e-6)  # the last point is where it was
    np.testing.assert_array_equal(Strokes(spacing=9.0)(CROSS)[:, 2], [0, 1, 0, 1])  # both ends at least


def test_a_straight_line_of_ten_spacings_has_eleven_points() -> None:
    assert len(Strokes(spacing=0.1)([[[0, 0], [1, 0]]])) == 11
    many = [[[x / 97, 0.0] for x in range(98)]]
    assert len(Strokes(spacing=0.1)(many)) == 11


def test_time_is_kept_and_runs_along() -> None:
    timed = [[[0, 0, 100], [10, 0, 200]], [[10, 10, 500]]]
    steps = Strokes()(timed)
    assert steps.shape == (3, 4) and steps[:, 2].tolist() == [0, 100, 300] and steps[:, 3].tolist() == [0, 1, 1]
    even = Strokes(spacing=0.25)(timed)
    assert even[:, 2].tolist() == [0, 25, 25, 25, 25, 300]


@pytest.mark.parametrize("pen", [Strokes(), Strokes(spacing=0.05)])
def test_dots_and_repeated_points(pen: Strokes) -> None:
    assert pen([[[3, 4]]]).tolist() == [[0, 0, 1]]
    assert pen([[[3, 4]], [[3, 4]]]).tolist() == [[0, 0, 1], [0, 0, 1]]
    assert np.isfinite(pen([[[0, 0], [0, 0], [1, 0], [1, 0]]])).all()
    assert pen([[[5, 5], [5, 5]]])[-1].tolist() == [0, 0, 1]


def test_columns_are_points_turned_around() -> None:
    columns = [[list(axis) for axis in zip(*stroke, strict=True)] for stroke in CROSS]
    np.testing.assert_array_equal(Strokes(columns=True)(columns), Strokes()(CROSS))
    two = [[[1, 2], [3, 9]]]  # two points, or two columns: nobody can tell
    assert Strokes()(two).tolist() != Strokes(columns=True)(two).tolist()


@pytest.mark.parametrize(
    ("pen", "strokes", "words"),
    [
        (Strokes(), [], "no strokes, expected at least one"),
        (Strokes(), None, "no strokes"),
        (Strokes(), [[[0, 0]], []], "stroke 2 has no points"),
        (Strokes(columns=True), [[[], []]], "stroke 1 has no points"),
        (Strokes(), [[[0, 0], [1, float("nan")]]], "stroke 1, point 2, y is nan, expected a finite number"),
        (Strokes(), [[[0, 0], [None, 1]]], "stroke 1, point 2, x is nan"),
        (Strokes(), [[[0, 0], [1]]], r"stroke 1 is \[\[0, 0\], \[1\]\], expected points"),
        (Strokes(), [[0, 1], [1, 2]], r"stroke 1 is \[0, 1\], expected points"),
        (Strokes(), [[["a", 1]]], "stroke 1 is"),
        (Strokes(), [[[0, 1, 2, 3], [4, 5, 6, 7]]], "or say that strokes are columns"),
        (Strokes(columns=True), [*CROSS, [[0, 1, 2, 3]]], "or say that strokes are points"),
        (Strokes(), [[[0, 0]], [[1, 1, 5]]], "stroke 2 has points of 3 numbers, expected 2 as in stroke 1"),
        (Strokes(), [[[0, 0, 5]], [[1, 1, 7], [1, 1, 6]]], "stroke 2 has the time 6 after 7"),
    ],
)
def test_what_is_wrong_is_named(pen: Strokes, strokes: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        pen(strokes)


@pytest.mark.parametrize("spacing", [0, -1, 1e-9, float("nan"), float("inf")])
def test_wrong_spacing(spacing: float) -> None:
    with pytest.raises(InputError, match=r"expected a number from 0\.001 up"):
        Strokes(spacing=spacing)


def test_names_with_options() -> None:
    assert stroked("a@b") == ("a@b", Strokes()) and stroked("x") == ("x", Strokes())
    assert stroked("x@0.1@columns") == stroked("x@columns@0.1") == ("x", Strokes(0.1, True))
    assert not are_strokes([]) and not are_strokes("abc") and not are_strokes([1, 2]) and are_strokes([[], [[0, 0]]])


def test_json_lines_and_parquet(tmp_path: Path) -> None:
    rows = [{"label": "x", "strokes": CROSS}, {"label": "dot", "strokes": [[[1, 1]]]}]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    pa.parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    for name in ("a.jsonl", "a.parquet"):
        table = load(tmp_path / name, sequence="strokes@0.1")
        assert table.labels == ["x", "dot"]
        np.testing.assert_array_equal(table.values[0], Strokes(0.1)(CROSS))
    found = describe(tmp_path / "a.jsonl", sequence="strokes")
    assert found["rows"] == 2 and found["lengths"]["steps"]["max"] == 5


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ('{"label": "x", "s": [[[0, 0]], []]}\n', "s", "line 1, column 's': stroke 2 has no points"),
        (
            '{"label": "x", "s": [[0, 1], [2, 3]]}\n',
            "s@0.1",
            "line 1, column 's@0.1': '[[0, 1], [2, 3]]': expected strokes",
        ),
        ('{"label": "x", "s": [[[0, 0]]]}\n{"label": "y", "s": [[[0, 0, 1]]]}\n', "s", "line 2, column 's': 4 inputs"),
        ('{"label": "x", "t": 1}\n', "s@0.1", "no column 's'"),
    ],
)
def test_wrong_rows_are_named(text: str, column: str, words: str) -> None:
    with pytest.raises(DataError) as raised:
        load(io.BytesIO(text.encode()), sequence=column, format="jsonl")
    assert words in str(raised.value)
