"""The real data sets, against Python's own csv and json modules and what their README says."""

import csv
import gzip
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from ostinato.data import describe, load, read

pytestmark = pytest.mark.data


def test_reviews(data_dir: Path) -> None:
    path = data_dir / "imdb_train.csv.gz"
    found = load(path)
    assert Counter(found.labels) == {"neg": 12_500, "pos": 12_500}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert found.values == [row["text"] for row in rows]
    assert found.labels == [row["label"] for row in rows]
    raw = gzip.decompress(path.read_bytes())
    for mark in ("<br />", "\u0085"):
        assert sum(text.count(mark) for text in found.values) == raw.count(mark.encode()) > 0


def test_first_reviews_only(data_dir: Path) -> None:
    reading = read(data_dir / "imdb_test.csv.gz", limit=10)
    assert len(list(reading)) == 10


def test_report_on_reviews(data_dir: Path) -> None:
    found = describe(data_dir / "imdb_train.csv.gz", limit=5000)
    assert found["rows"] == 5000
    counts = {entry["kind"]: entry["count"] for entry in found["oddities"]}
    texts = load(data_dir / "imdb_train.csv.gz", limit=5000).values
    assert counts["same value as an earlier row"] == 5000 - len(set(texts))
    assert counts["unusual line break"] == sum(text.splitlines() != [text] for text in texts)


def test_names(data_dir: Path) -> None:
    found = describe(data_dir / "names_by_language.csv.gz", text="name", label="language")
    counts = {entry["kind"]: entry["count"] for entry in found["oddities"]}
    assert (found["rows"], len(found["labels"])) == (20_050, 18)
    assert counts["same value as an earlier row"] == 20_050 - 17_450
    assert counts["same value under several labels"] == 469


def test_motions(data_dir: Path) -> None:
    path = data_dir / "basic_motions_train.jsonl.gz"
    found = load(path, sequence="x")
    assert [row.shape for row in found.values] == [(100, 6)] * 40
    assert set(Counter(found.labels).values()) == {10}
    with gzip.open(path, "rt") as file:
        for row, line in zip(found.values, file, strict=True):
            np.testing.assert_array_equal(row, np.array(json.loads(line)["x"], np.float32))


def test_tab_separated_and_plain(data_dir: Path) -> None:
    unlabelled = read(data_dir / "imdb_unsup.txt.gz", label=None, limit=2000)
    with gzip.open(data_dir / "imdb_unsup.txt.gz", "rb") as file:
        assert [row.value for row in unlabelled] == [next(file).decode().removesuffix("\n") for _ in range(2000)]
