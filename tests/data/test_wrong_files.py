"""Each wrong file is named with place and remedy, in one line."""

import gzip
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from ostinato._core.errors import DataError, InputError
from ostinato.data import load, read

GOOD = b"text,label\n" + b"".join(b"some text number %d,pos\n" % number for number in range(2000))
PACKED = gzip.compress(GOOD)
FLIPPED = bytearray(PACKED)
FLIPPED[len(PACKED) // 2] ^= 0xFF

# name, content, options, the message behind the file's name (... stands for anything)
CASES = [
    ("empty.csv", b"", {}, ": empty: expected a header line"),
    ("empty.csv.gz", gzip.compress(b""), {}, ": empty: expected a header line"),
    ("blank.csv", b"\n\n", {}, ": only blank lines"),
    ("header.csv", b"text,label\n", {}, ": no rows: expected at least one"),
    ("header.csv", b"text,label", {}, ": no rows: expected at least one"),
    ("empty.jsonl", b"", {}, ": no rows"),
    (
        "a.csv",
        b"txt,label\na,1\n",
        {},
        ", line 1: no column 'text': the columns are 'txt', 'label'; did you mean 'txt'?",
    ),
    ("a.csv", b"text,label\na,1\n", {"label": "class"}, ", line 1: no column 'class': the columns are 'text', 'label'"),
    ("a.csv", b"text,Label \na,1\n", {}, ", line 1: no column 'label' ... did you mean 'Label '?"),
    ("a.csv", b"text,text,label\na,b,1\n", {}, ", line 1: several columns are named 'text'"),
    ("a.csv", b'text,label\n"a\nb",1\nc,2,3\nd,4\n', {}, ", line 4: 3 columns: expected 2"),
    ("a.csv", b"text,label\na,1\nb\n", {}, ", line 3: 1 columns: expected 2"),
    (
        "a.csv",
        b'text,label\na,1\n"b,2\nc,3\nd,4\n',
        {},
        ", line 3: a quotation mark is opened and never closed",
    ),
    ("a.csv", b'text,label\na,1\nb,"2\nc,3\n', {}, ", line 3: a quotation mark is opened and never closed"),
    ("a.csv", b'text,label\na,1\nb,"2', {}, ", line 3: a quotation mark is opened and never closed"),
    ("a.csv", b'text,label\n"a\n\nb",1\n\nc,\n', {}, ", row 2, line 6, column 'label': missing"),
    ("a.csv", b"text,label\na, \n", {}, ", row 1, line 2, column 'label': missing"),
    ("a.csv", b"text,label\na,1\nb\xff,2\n", {}, ", line 3, byte 16: not UTF-8; convert it, or pass its encoding"),
    ("a.csv.gz", gzip.compress(b"text,label\na,1\nb\xff,2\n"), {}, ", line 3, byte 16: not UTF-8"),
    ("a.csv", b"text,label\n" + b"x" * 300_000 + b",1\ncaf\xe9,2\n", {}, ", line 3, byte 300017: not UTF-8"),
    ("a.csv", b"text,label\na,1\nb\xc3", {}, ", line 3, byte 16: not UTF-8"),
    ("a.csv", "text,label\n".encode("utf-16"), {}, ", line 1, byte 0: not UTF-8 ... encoding='utf-16'"),
    ("a.jsonl", b'{"text":"\xff"}', {"label": None}, ", line 1, byte 9: not UTF-8"),
    ("a.csv.gz", PACKED[:-20], {}, ": gzip cut short"),
    ("a.csv.gz", bytes(FLIPPED), {}, ": damaged gzip"),
    ("a.csv.gz", GOOD, {}, ": named .gz but not gzipped"),
    ("a.jsonl", b'{"text":"a","label":1}\n{"text":}\n', {}, ", line 2: no JSON: Expecting value at column 9"),
    ("a.jsonl", b'{"text":"a","label":1}\n[1]\n', {}, ", line 2: a JSON list: expected an object"),
    ("a.json", b'[{"text":"a","label":1}]', {}, ", line 1: a JSON list: expected an object"),
    ("a.json", b'[\n{"text":"a","label":1}\n]', {}, ", line 1: no JSON"),
    ("a.jsonl", b"[" * 100_000, {}, ", line 1: no JSON"),
    ("a.jsonl", b'{"txt":"a","label":1}', {}, ", line 1: no column 'text'"),
    ("a.jsonl", b'{"text":"a","label":1}\n{"text":"b"}', {}, ", line 2, column 'label': missing"),
    ("a.jsonl", b'{"text":"a","label":null}', {}, ", line 1, column 'label': missing"),
    ("a.jsonl", b'{"text":"a","label":NaN}', {}, ", line 1, column 'label': missing"),
    ("a.jsonl", b'{"text":null,"label":1}', {}, ", line 1, column 'text': missing"),
    ("a.jsonl", b'{"text":"\\ud800","label":1}', {}, ", line 1, column 'text': '\\ud800' ... surrogate"),
    ("a.jsonl", b'{"text":["a"],"label":1}', {}, ", line 1, column 'text': a list: expected a text"),
    ("a.jsonl", b'{"text":"a","label":[1]}', {}, ", line 1, column 'label': a list: expected one label"),
    ("a.parquet", b"PAR1 nothing", {}, ": no readable Parquet"),
    ("a.parquet", b"", {}, ": no readable Parquet"),
    ("a.txt", b"one line\n", {}, ": plain text has no column 'label': expected label=None"),
    ("a.txt", b"\xff", {"label": None}, ", line 1, byte 0: not UTF-8"),
    ("a.csv", GOOD, {"encoding": "utf8000"}, ": encoding 'utf8000': unknown"),
    ("a.cvs", GOOD, {}, ": ending '.cvs': expected one of .csv ... did you mean '.csv'?"),
    ("a.xlsx", GOOD, {}, ": ending '.xlsx' ... pass format="),
    ("a", GOOD, {}, ": ending ''"),
]


def one_line(raised: pytest.ExceptionInfo[Exception]) -> None:
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(("name", "content", "options", "message"), CASES, ids=lambda value: str(value)[:40])
def test_file(tmp_path: Path, name: str, content: bytes, options: dict, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError) as raised:
        load(path, **options)
    place, *rest = message.split(" ... ")
    assert str(raised.value).startswith(f"{path}{place}")
    assert all(part in str(raised.value) for part in rest)
    one_line(raised)


SEQUENCES = [
    ([[[1, 2]], [[1, 2], [3, float("nan")]]], ", line 2, column 'x': step 1, input 1: nan: expected a finite number"),
    ([[[1, 2]], [[1, float("inf")]]], ", line 2, column 'x': step 0, input 1: inf"),
    ([[[1, 2]], [[1, 1e300]]], ", line 2, column 'x': step 0, input 1: inf"),
    ([[[1, 2]], [[1, None]]], ", line 2, column 'x': step 0, input 1: null: expected a number"),
    ([[[1, 2]], [[1, "2"]]], ", line 2, column 'x': step 0, input 1: '2': expected a number"),
    ([[[1, 2]], [[1, 2], [3]]], ", line 2, column 'x': steps of unequal width"),
    ([[[1, 2]], [[1, 2, 3]]], ", line 2, column 'x': 3 inputs a step: expected 2"),
    ([[[1, 2]], [1, 2]], ", line 2, column 'x': 1 inputs a step: expected 2"),
    ([[[1, 2]], []], ", line 2, column 'x': 0 steps"),
    ([[[1, 2]], [[], []]], ", line 2, column 'x': "),
    ([[[1, 2]], [[[1]]]], ", line 2, column 'x': "),
    ([[[1, 2]], "text"], ", line 2, column 'x': 'text': expected a list of numbers"),
    ([[[1, 2]], 7], ", line 2, column 'x': '7': expected a list of numbers"),
    ([[[1, 2]], None], ", line 2, column 'x': missing"),
]


@pytest.mark.parametrize(("rows", "message"), SEQUENCES, ids=lambda value: str(value)[:40])
def test_sequence(tmp_path: Path, rows: list, message: str) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text("".join(json.dumps({"x": row, "label": 1}) + "\n" for row in rows))
    with pytest.raises(DataError) as raised:
        load(path, sequence="x")
    assert str(raised.value).startswith(f"{path}{message}")
    one_line(raised)


def test_parquet_places(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pyarrow.parquet.write_table(pa.table({"text": ["a"] * 2000 + [None], "label": ["x"] * 2001}), path)
    with pytest.raises(DataError, match=r"t.parquet, row 2001, column 'text': missing"):
        load(path)
    with pytest.raises(DataError, match=r"no column 'txt'.*did you mean 'text'"):
        load(path, text="txt")


def test_missing_file(tmp_path: Path) -> None:
    (tmp_path / "reviews.csv.gz").write_bytes(PACKED)
    with pytest.raises(DataError, match=r"review.csv: no such file; did you mean 'reviews.csv.gz'\?"):
        load(tmp_path / "review.csv")
    with pytest.raises(DataError, match=r"nowhere/x.csv: no such file; check the path"):
        load(tmp_path / "nowhere" / "x.csv")


def test_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(GOOD)
    path.chmod(0)
    try:
        path.open().close()
    except PermissionError:
        with pytest.raises(DataError, match=r"a.csv: cannot be read: Permission denied"):
            load(path)
    else:
        pytest.skip("this user may read everything")


def test_folders(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no class folders: expected a folder a class"):
        load(tmp_path)
    with pytest.raises(DataError, match=r": a folder: expected a file"):
        load(tmp_path, format="csv")
    with pytest.raises(DataError, match=r"no folder: expected one"):
        load(tmp_path / "none", format="folder")
    (tmp_path / "train" / "pos").mkdir(parents=True)
    (tmp_path / "train" / "pos" / "1.txt").write_text("a")
    with pytest.raises(DataError, match=r"did you mean '.*train'"):
        load(tmp_path)
    (tmp_path / "train" / "pos" / "2.txt").write_bytes(b"ab\n\xff")
    with pytest.raises(DataError, match=r"2.txt, line 2, byte 3: not UTF-8"):
        load(tmp_path / "train")


def test_folder_notes(tmp_path: Path) -> None:
    for place in ("neg/1.txt", "neg/2.txt", "neg/notes.md", "pos/1.txt", "unsup/1.txt", "readme.txt", ".hidden/x.txt"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_text(place)
    found = load(tmp_path)
    assert found.values == ["neg/1.txt", "pos/1.txt", "neg/2.txt"]  # in turn
    assert found.notes == [
        "folder 'neg': 1 entries that are no .txt left out",
        "folder 'unsup' left out: its 1 texts have no label",
        "1 files beside the class folders left out",
    ]


def test_skipping(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"text,label\na,1\nb,\nc,2\nd,\n")
    found = load(path, missing="skip")
    assert (found.values, found.labels) == (["a", "c"], ["1", "2"])
    assert found.notes == ["2 rows with a missing value skipped"]
    broken = tmp_path / "a.jsonl"
    broken.write_bytes(b'{"text": [1], "label": 2}')
    with pytest.raises(DataError):  # wrong is not missing
        load(broken, missing="skip")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"text": "a", "sequence": "b"}, "text='a' and sequence='b': expected one"),
        ({"missing": "drop"}, "missing 'drop': expected one of error, skip"),
        ({"limit": 0}, "limit 0: expected at least 1"),
    ],
)
def test_arguments(options: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read("x.csv", **options)


def test_streams() -> None:
    with pytest.raises(DataError, match=r"a stream has no name.*pass format="):
        read(io.BytesIO(GOOD))
    with pytest.raises(DataError, match=r"format 'josnl'.*did you mean 'jsonl'"):
        read(io.BytesIO(GOOD), format="josnl")
    with pytest.raises(DataError, match=r"stream: a text stream: expected bytes"):
        list(read(io.StringIO("text"), format="lines", label=None))
    with pytest.raises(DataError, match=r"stream, line 3: 3 columns: expected 2; put quotation"):
        list(read(io.BytesIO(b"text,label\na,1\nb,2,3\n"), format="csv"))
    with pytest.raises(DataError, match=r"stream, line 3: a quotation mark is opened and never closed"):
        list(read(io.BytesIO(b'text,label\na,1\nb,"2'), format="csv"))
