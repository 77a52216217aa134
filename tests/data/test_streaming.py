"""Readers take a file in pieces: from a stream without an end, the first rows come at once and in little memory."""

import gzip
import io
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from ostinato.data import load, read

ROWS = {
    "csv": (b"text,label\n", b"a text of some words,pos\n"),
    "tsv": (b"text\tlabel\n", b"a text of some words\tpos\n"),
    "jsonl": (b"", b'{"text": "a text of some words", "label": "pos"}\n'),
    "lines": (b"", b"a text of some words\n"),
}


class Endless(io.RawIOBase):
    """A file that never ends, and knows how much of it was read."""

    def __init__(self, head: bytes, row: bytes) -> None:
        self.head, self.row, self.given = head, row, 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        piece, self.head = self.head + self.row * (size // len(self.row)), b""
        self.given += len(piece)
        return piece


@pytest.mark.parametrize("format", ROWS)
def test_endless(format: str) -> None:
    stream = Endless(*ROWS[format])
    found = list(read(stream, format=format, label=None, limit=10))
    assert [row.value for row in found] == ["a text of some words"] * 10
    assert stream.given < 100e6


@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_memory(tmp_path: Path, format: str) -> None:
    head, row = ROWS[format]
    path = tmp_path / f"big.{format}.gz"
    with gzip.open(path, "wb", 1) as file:
        file.write(head + row * 200_000)
    tracemalloc.start()
    rows = sum(1 for _ in read(path, limit=60_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rows == 60_000
    assert peak < 20e6  # pyarrow's block of 1 MB as Python's objects; all rows would be twice that, and grow


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (b"one\ntwo\n", "one|two"),
        (b'{"text": "one"}\n{"text": "two"}', "one|two"),
        (b'\xef\xbb\xbf{"text": "one"}', "one"),
        (gzip.compress(b"one\ntwo\n"), "one|two"),
    ],
)
def test_standard_input(monkeypatch: pytest.MonkeyPatch, given: bytes, wanted: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
    found = load("-", label=None)
    assert "|".join(found.values) == wanted
    assert found.name == "standard input"


def test_standard_input_of_another_format(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"text,label\na,1\n")))
    assert load("-", format="csv").labels == ["1"]


def test_leaving_early_closes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(ROWS["csv"][0] + ROWS["csv"][1] * 100_000)
    before = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").is_dir() else 0
    for _ in range(5):
        rows: Iterator[object] = iter(read(path))
        next(rows)
        del rows
    after = len(list(Path("/proc/self/fd").iterdir())) if before else 0
    assert after <= before + 1
