"""`describe` finds each oddity that is planted, and none that is not."""

import json
from pathlib import Path

import numpy as np
import pytest

from ostinato._core.errors import DataError
from ostinato.data import describe


def odd(found: dict) -> dict[str, int]:
    return {entry["kind"]: entry["count"] for entry in found["oddities"]}


def save(tmp_path: Path, rows: list[dict]) -> Path:
    path = tmp_path / "t.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


CLEAN = [{"text": f"a good film number {row}", "label": "ab"[row % 2]} for row in range(20)]


def test_clean(tmp_path: Path) -> None:
    found = describe(save(tmp_path, CLEAN))
    assert found["oddities"] == found["notes"] == []
    assert (found["rows"], found["labels"]) == (20, {"a": 10, "b": 10})
    assert found["lengths"]["words"] == {"min": 5, "median": 5.0, "mean": 5.0, "p95": 5.0, "max": 5}
    characters = [len(row["text"]) for row in CLEAN]
    assert found["lengths"]["characters"]["mean"] == np.mean(characters)
    assert found["lengths"]["characters"]["p95"] == np.quantile(characters, 0.95)
    assert found["vocabulary"]["words"] == 4 + 20
    assert found["vocabulary"]["words_seen_once"] == 20
    assert found["vocabulary"]["characters"] == len(set("".join(row["text"] for row in CLEAN)))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "empty text"),
        (" \n", "empty text"),
        ("a ", "space at an end"),
        ("a\u0085b", "unusual line break"),
        ("a\u2028b", "unusual line break"),
        ("a\x00b", "control character"),
        ("a\x96b", "control character"),
        ("a\u200bb", "invisible character"),
        ("a<br />b", "HTML tag"),
        ("a\ufffdb", "replacement character"),
        ("caf\u00c3\u00a9", "looks like another encoding"),
        ("it\u00e2\u20ac\u2122s", "looks like another encoding"),
        ("cafe\u0301", "not in Unicode's form NFC"),
        ("word " * 100, "very long row"),
        (CLEAN[0]["text"], "same value as an earlier row"),
        (None, "missing text"),
        ([1], "wrong text"),
    ],
)
def test_texts(tmp_path: Path, text: object, kind: str) -> None:
    found = describe(save(tmp_path, [*CLEAN, {"text": text, "label": "a"}]))
    assert odd(found)[kind] == 1
    (entry,) = (entry for entry in found["oddities"] if entry["kind"] == kind)
    assert entry["first"] == ["line 21"]
    assert set(odd(found)) <= {kind, "space at an end"}
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize("text", ["Ça va, São Paulo, Âme", "tab\tand\nnew line", "a < b > c", "3 <4"])
def test_ordinary_texts(tmp_path: Path, text: str) -> None:
    assert odd(describe(save(tmp_path, [*CLEAN, {"text": text, "label": "a"}]))) == {}


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        (["a", "a", "a"], "a single class"),
        (["a", "a", "b"], "class with one row"),
        (["a"] * 25 + ["b"] * 2, "unequal classes"),
        (["Pos", "Pos", "pos", "pos"], "labels that differ in case or spaces alone"),
        (["a ", "a ", "b", "b"], "label with a space at an end"),
        (["a", "b", "a", "b", None], "missing label"),
        (["a", "b", "a", "b", ""], "missing label"),
        (["a", "b", "a", "b", [1]], "wrong label"),
    ],
)
def test_labels(tmp_path: Path, labels: list, kind: str) -> None:
    found = describe(save(tmp_path, [{"text": f"t{row}", "label": label} for row, label in enumerate(labels)]))
    assert kind in odd(found)
    assert json.loads(json.dumps(found)) == found


def test_one_text_under_several_labels_counts_once(tmp_path: Path) -> None:
    rows = [{"text": "same", "label": label} for label in ("a", "b", "c", "a")]
    assert odd(describe(save(tmp_path, rows)))["same value under several labels"] == 1
    assert "same value under several labels" not in odd(describe(save(tmp_path, [rows[0]] * 3)))


def test_without_labels(tmp_path: Path) -> None:
    found = describe(save(tmp_path, CLEAN), label=None)
    assert found["labels"] is None
    assert odd(found) == {}


def test_sequences(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    rows = [draw.normal(size=(5 + row, 2)) for row in range(10)]
    records = [{"x": row.tolist(), "label": number % 2} for number, row in enumerate(rows)]
    found = describe(save(tmp_path, records), sequence="x")
    assert found["oddities"] == []
    assert found["lengths"]["steps"]["median"] == 9.5
    every = np.concatenate(rows)
    for column, numbers in enumerate(found["inputs"]):
        assert numbers["mean"] == pytest.approx(every[:, column].mean(), abs=1e-6)
        assert numbers["std"] == pytest.approx(every[:, column].std(), rel=1e-6)
        assert (numbers["min"], numbers["max"]) == pytest.approx((every[:, column].min(), every[:, column].max()))
    records += [{"x": [[float("nan"), 1]], "label": 1}, {"x": [[1, 2, 3]], "label": 1}, records[0]]
    assert odd(describe(save(tmp_path, records), sequence="x")) == {"wrong x": 2, "same value as an earlier row": 1}


def test_inputs(tmp_path: Path) -> None:
    records = [{"x": [[1, row, row * 1000]], "label": row % 2} for row in range(10)]
    found = odd(describe(save(tmp_path, records), sequence="x"))
    assert found == {"constant input": 1, "inputs of very unequal spread": 1}


def test_nothing_but_wrong_rows(tmp_path: Path) -> None:
    found = describe(save(tmp_path, [{"text": None, "label": None}]))
    assert (found["rows"], found["labels"], found["lengths"]["words"]) == (1, {}, {})
    assert describe(save(tmp_path, [{"x": None, "label": 1}]), sequence="x")["inputs"] == []


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("text,label\na,1,2\n")
    with pytest.raises(DataError, match="line 2: 3 columns"):
        describe(path)
