"""What is written by other programs is read back unchanged: every format, plain and gzipped."""

import csv
import gzip
import io
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ostinato.data import load, read

AWKWARD = [
    "plain",
    "",
    " spaces at both ends ",
    'quotes "here" and "',
    "comma, and\ttab",
    "two\nlines",
    "two\r\nlines",
    "old\rMac",
    "<br /><br />tag",
    "next\u0085line",
    "separator\u2028and\u2029",
    "nul\x00inside",
    "\ufeffmark",
    "emoji 👩‍👩‍👧 e\u0301",
    "'single'",
    "\\backslash\\n",
    "\x0b\x0c\x1c\x1d\x1e",
    "NA",
    "3.0",
]
texts = st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=8)
SETTINGS = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def save(path: Path, content: bytes) -> Path:
    if path.suffix == ".gz":
        content = gzip.compress(content)
    path.write_bytes(content)
    return path


def table(values: list[str], labels: list[str], delimiter: str, ending: str = "\r\n") -> bytes:
    stream = io.StringIO(newline="")
    # Python 3.11 leaves a lone carriage return unquoted when lines end in a line feed, and cannot read it back itself
    quoting = csv.QUOTE_ALL if ending == "\n" else csv.QUOTE_MINIMAL
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=ending, quoting=quoting)
    writer.writerow(["id", "text", "label"])
    for number, (value, label) in enumerate(zip(values, labels, strict=True)):
        writer.writerow([number, value, label])
    return stream.getvalue().encode()


def lines(values: list[str], labels: list[str], ascii_only: bool = True) -> bytes:
    rows = [json.dumps({"text": v, "label": c}, ensure_ascii=ascii_only) for v, c in zip(values, labels, strict=True)]
    return ("\n".join(rows)).encode()


@SETTINGS
@given(texts, st.sampled_from(["\n", "\r\n"]), st.sampled_from([("csv", ","), ("tsv", "\t")]), st.booleans())
@example(AWKWARD, "\n", ("csv", ","), True)
@example(AWKWARD, "\r\n", ("tsv", "\t"), False)
def test_csv(tmp_path: Path, values: list[str], ending: str, kind: tuple[str, str], packed: bool) -> None:
    labels = [f"class {number % 2}" for number in range(len(values))]
    path = tmp_path / f"t.{kind[0]}{'.gz' if packed else ''}"
    found = load(save(path, table(values, labels, kind[1], ending)))
    assert found.values == values
    assert found.labels == labels


@SETTINGS
@given(texts, st.booleans(), st.booleans())
@example(AWKWARD, False, True)
def test_json_lines(tmp_path: Path, values: list[str], packed: bool, ascii_only: bool) -> None:
    labels = ["a"] * len(values)
    path = tmp_path / f"t.jsonl{'.gz' if packed else ''}"
    found = load(save(path, lines(values, labels, ascii_only)))
    assert (found.values, found.labels) == (values, labels)


@SETTINGS
@given(texts, st.booleans())
@example(AWKWARD, True)
def test_parquet(tmp_path: Path, values: list[str], packed: bool) -> None:
    stream = io.BytesIO()
    pyarrow.parquet.write_table(pa.table({"label": ["a"] * len(values), "text": values}), stream)
    path = tmp_path / f"t.parquet{'.gz' if packed else ''}"
    assert load(save(path, stream.getvalue())).values == values


@SETTINGS
@given(texts)
@example(AWKWARD)
def test_folder(tmp_path_factory: pytest.TempPathFactory, values: list[str]) -> None:
    folder = tmp_path_factory.mktemp("classes")
    for number, value in enumerate(values):
        place = folder / ("pos" if number % 2 else "neg")
        place.mkdir(exist_ok=True)
        if number % 3:
            (place / f"{number:03}.txt").write_bytes(value.encode())
        else:
            (place / f"{number:03}.txt.gz").write_bytes(gzip.compress(value.encode()))
    found = load(folder)
    # a mark at a text's very beginning is the file's byte order mark
    assert found.values == [value.removeprefix("\ufeff") for value in values]
    assert found.labels == ["pos" if number % 2 else "neg" for number in range(len(values))]


def test_pyarrows_own_csv(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    pyarrow.csv.write_csv(pa.table({"text": AWKWARD, "label": range(len(AWKWARD))}), path)
    found = load(path)
    assert found.values == AWKWARD
    assert found.labels == [str(number) for number in range(len(AWKWARD))]


def test_plain_lines(tmp_path: Path) -> None:
    path = save(tmp_path / "t.txt.gz", "one\u0085\u2028 \r\n\n three".encode())
    found = load(path, label=None)
    assert (found.values, found.labels) == (["one\u0085\u2028 ", "", " three"], None)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "latin-1", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = save(tmp_path / "t.csv", "text,label\r\nn\u00e9,a\r\n".encode(encoding))
    assert load(path, encoding=encoding).values == ["n\u00e9"]


def test_byte_order_mark(tmp_path: Path) -> None:
    for ending, content in [("csv", b"text,label\na,b\n"), ("jsonl", b'{"text":"a","label":"b"}\n')]:
        path = save(tmp_path / f"t.{ending}", b"\xef\xbb\xbf" + content)
        assert load(path).values == ["a"]


def test_numbers_are_texts_and_labels(tmp_path: Path) -> None:
    path = save(
        tmp_path / "t.jsonl", b'{"text": 3, "label": 1}\n{"text": 2.5, "label": true}\n{"text": "x", "label": "1"}'
    )
    found = load(path)
    assert (found.values, found.labels) == (["3", "2.5", "x"], ["1", "True", "1"])
    pyarrow.parquet.write_table(
        pa.table({"text": [3, 4], "label": pa.array(["a", "b"]).dictionary_encode()}), tmp_path / "t.pq"
    )
    assert load(tmp_path / "t.pq").labels == ["a", "b"]


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_sequences(tmp_path: Path, ending: str) -> None:
    sequences = [[[1.0, 2.0], [3.5, -1e-3]], [[0.0, 7.0]]]
    scalars = [[1.0, 2.0, 3.0], [4.0]]
    path = tmp_path / f"t.{ending}"
    if ending == "jsonl":
        path.write_text(
            "".join(json.dumps({"x": x, "s": s, "label": 0}) + "\n" for x, s in zip(sequences, scalars, strict=True))
        )
    else:
        pyarrow.parquet.write_table(pa.table({"x": sequences, "s": scalars, "label": [0, 0]}), path)
    for found, wanted in zip(load(path, sequence="x").values, sequences, strict=True):
        np.testing.assert_array_equal(found, np.array(wanted, np.float32))
        assert found.dtype == np.float32
    assert [found.shape for found in load(path, sequence="s").values] == [(3, 1), (1, 1)]


def test_row_longer_than_a_block(tmp_path: Path) -> None:
    long = "a long, long text\n" * 200_000  # 3.6 MB, several of pyarrow's blocks
    values = ["first", long, "third", "fourth"]
    assert load(save(tmp_path / "t.csv", table(values, list("abcd"), ","))).values == values


def test_blank_lines_hold_no_row(tmp_path: Path) -> None:
    path = save(tmp_path / "t.csv", b"\n\ntext,label\n\na,1\n\n\nb,2\n\n")
    assert load(path).values == ["a", "b"]
    assert load(save(tmp_path / "t.jsonl", b'\n{"text":"a","label":1}\n \n\n')).values == ["a"]


def test_columns_by_name(tmp_path: Path) -> None:
    path = save(tmp_path / "t.csv", b'"a b",label,\xc3\xa9,text\n1,2,3,4\n')
    assert load(path, text="a b", label="\u00e9").values == ["1"]
    assert load(path, text="text", label="text").labels == ["4"]
    assert load(path, label=None).labels is None


def test_places(tmp_path: Path) -> None:
    path = save(tmp_path / "t.csv", b'text,label\n"a\nb",1\nc,2\n')
    assert [row.place for row in read(path)] == [f"{path}, row 1", f"{path}, row 2"]
    path = save(tmp_path / "t.jsonl", b'\n{"text":"a","label":1}\n')
    assert [row.place for row in read(path)] == [f"{path}, line 2"]


def test_a_reading_can_be_read_again(tmp_path: Path) -> None:
    reading = read(save(tmp_path / "t.csv", b"text,label\na,1\nb,2\n"))
    assert list(reading) == list(reading)


def test_streams() -> None:
    for format, content in [("csv", b"text,label\na,1\n"), ("jsonl", b'{"text":"a","label":1}'), ("lines", b"a\n")]:
        for stored in (content, gzip.compress(content)):
            found = load(io.BytesIO(stored), format=format, label=None)
            assert found.values == ["a"]
