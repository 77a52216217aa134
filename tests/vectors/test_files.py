"""Files go to gensim and come from it unchanged; broken ones are named."""

import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ostinato import DataError, InputError
from ostinato.vectors import KeyedVectors
from ostinato.vectors.files import looks_like

FORMATS = {"v.txt": "word2vec", "v.bin": "binary", "v.glove.txt": "glove", "v.safetensors": "safetensors"}


def same(a: Any, b: Any) -> bool:
    return a.index_to_key == b.index_to_key and np.array_equal(a.vectors, b.vectors)


@pytest.mark.parametrize("name", [*FORMATS, "v.txt.gz", "v.bin.gz", "v.glove.txt.gz"])
def test_there_and_back(kv: KeyedVectors, tmp_path: Path, name: str) -> None:
    kv.save(tmp_path / name)
    assert looks_like(tmp_path / name) == FORMATS[name.removesuffix(".gz")]
    again = KeyedVectors.load(tmp_path / name)
    assert same(kv, again)
    assert same(KeyedVectors.load(tmp_path / name, limit=7), KeyedVectors(kv.index_to_key[:7], kv.vectors[:7]))
    assert not list(tmp_path.glob(".*"))
    if name.endswith(".safetensors"):
        assert isinstance(again.vectors, np.memmap) and again.get_vecattr("w1", "count") == 299


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("ending", ["", ".gz"])
def test_gensim_reads_ours_and_we_read_gensims(
    kv: KeyedVectors, peer: Any, tmp_path: Path, binary: bool, ending: str
) -> None:
    from gensim.models import KeyedVectors as Gensim

    ours, theirs = tmp_path / f"ours{ending}", tmp_path / f"theirs{ending}"
    kv.save_word2vec_format(ours, binary=binary)
    peer.save_word2vec_format(str(theirs), binary=binary)
    assert same(Gensim.load_word2vec_format(str(ours), binary=binary), kv)
    assert same(KeyedVectors.load_word2vec_format(theirs, binary=binary), kv)
    assert same(KeyedVectors.load(theirs), kv)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # gensim leaves the file open
def test_gensim_reads_ours_without_a_header(kv: KeyedVectors, peer: Any, tmp_path: Path) -> None:
    from gensim.models import KeyedVectors as Gensim

    kv.save(tmp_path / "v", format="glove")
    assert same(Gensim.load_word2vec_format(str(tmp_path / "v"), no_header=True), kv)


def test_objects_of_gensim(kv: KeyedVectors, peer: Any) -> None:
    assert same(KeyedVectors.from_gensim(peer), kv)
    assert KeyedVectors.from_gensim(peer).get_vecattr("w1", "count") == peer.get_vecattr("w1", "count") == 299
    with pytest.raises(InputError, match="a list; expected gensim's"):
        KeyedVectors.from_gensim([])


def test_old_binary_files_have_line_ends(tmp_path: Path) -> None:
    numbers = np.arange(6, dtype="<f4").reshape(3, 2) * 10  # 10.0 has bytes that are line ends
    body = b"".join(b"%s " % w + v.tobytes() + b"\n" for w, v in zip((b"a", b"b", b"c"), numbers, strict=True))
    (tmp_path / "v.bin").write_bytes(b"3 2\n" + body)
    assert same(KeyedVectors.load(tmp_path / "v.bin", format="binary"), KeyedVectors(["a", "b", "c"], numbers))


def test_words_with_spaces_in_gloves_files(tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_text("the 1 2 3\n. . . 4 5 6\nat name@domain.com 7 8 9\n", encoding="utf-8")
    kv = KeyedVectors.load(tmp_path / "v.txt")
    assert kv.index_to_key == ["the", ". . .", "at name@domain.com"]
    assert kv["at name@domain.com"].tolist() == [7, 8, 9]
    with pytest.raises(InputError, match=r"has a space in it.*safetensors"):
        kv.save(tmp_path / "w.txt")
    kv.save(tmp_path / "w.safetensors")
    assert same(KeyedVectors.load(tmp_path / "w.safetensors"), kv)


BROKEN = {
    "too few rows": (b"3 2\na 1 2\nb 3 4\n", "2 rows, the header promises 3; the file is cut short"),
    "too many rows": (b"1 2\na 1 2\nb 3 4\n", "more than the 1 rows that the header promises"),
    "too few numbers": (b"2 2\na 1 2\nb 3\n", "line 3: 1 numbers; 2 expected"),
    "other dimensions": (b"2 3\na 1 2\nb 3 4\n", "line 2: 2 numbers; 3 expected"),
    "no numbers": (b"a 1 2\nb x y\n", "line 2: b'x y' for 2 numbers"),
    "half a number": (b"a 1 2\nb 3 4z\n", "line 2: b'3 4z' for 2 numbers"),
    "not UTF-8": (b"a 1 2\ncaf\xe9 3 4\n", "line 2: word b'caf\\xe9' is not UTF-8"),
    "empty": (b"", "no vectors"),
    "a header alone": (b"0 5\n", "no vectors"),
    "gzip cut short": (gzip.compress(b"a 1 2\n" * 9)[:-12], "damaged gzip"),
    "safetensors cut short": (struct.pack("<Q", 200) + b'{"vectors":', "damaged or cut short"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_files_are_named(tmp_path: Path, case: str) -> None:
    content, message = BROKEN[case]
    (tmp_path / "v.txt").write_bytes(content)
    with pytest.raises(DataError) as error:
        KeyedVectors.load(tmp_path / "v.txt")
    assert message in str(error.value) and str(tmp_path / "v.txt") in str(error.value)


def test_broken_binary_files_are_named(kv: KeyedVectors, tmp_path: Path) -> None:
    path = tmp_path / "v.bin"
    kv.save(path)
    whole = path.read_bytes()
    for content, message in (
        (whole[:-5], "299 rows, the header promises 300"),
        (whole.replace(b"300 12", b"900000000000 12", 1), "300 rows, the header promises 900,000,000,000"),
        (whole.replace(b"300 12", b"299 12", 1), "more than the 299 rows"),
        (whole.replace(b"300 12", b"300 1200000", 1), "0 rows, the header promises 300"),
    ):
        path.write_bytes(content)
        with pytest.raises(DataError) as error:
            KeyedVectors.load(path, format="binary")
        assert message in str(error.value)


def test_words_twice_and_not_utf8_in_binary(tmp_path: Path) -> None:
    rows = [(b"a", 1), (b"caf\xe9", 2), (b"a", 3), (b"b", 4)]
    (tmp_path / "v.bin").write_bytes(b"4 2\n" + b"".join(w + b" " + struct.pack("<2f", x, -x) for w, x in rows))
    with pytest.raises(DataError, match=r"v.bin, word 2: word b'caf\\xe9' is not UTF-8"):
        KeyedVectors.load(tmp_path / "v.bin")
    with pytest.warns(UserWarning, match="left out"):
        kv = KeyedVectors.load(tmp_path / "v.bin", errors="skip")
    assert kv.index_to_key == ["a", "b"] and kv.vectors.tolist() == [[1, -1], [4, -4]]
    assert kv.skipped == {"words that are not UTF-8": 1, "words given twice (the first vector is kept)": 1}


def test_what_is_skipped_is_counted(tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_bytes(b"6 2\na 1 2\nb 3\ncaf\xe9 3 4\na 5 6\nc 7 x\nd 8 9\n")
    with pytest.warns(UserWarning, match="left out: 1 lines with too few numbers"):
        kv = KeyedVectors.load(tmp_path / "v.txt", errors="skip")
    assert kv.index_to_key == ["a", "d"] and kv["a"].tolist() == [1, 2]
    assert kv.skipped == {
        "lines with too few numbers": 1,
        "words that are not UTF-8": 1,
        "words given twice (the first vector is kept)": 1,
        "lines whose numbers are none": 1,
    }
    (tmp_path / "v.txt").write_bytes(b"a 1 2\na 3 4\n")
    with pytest.warns(UserWarning, match="given twice"):
        assert KeyedVectors.load(tmp_path / "v.txt")["a"].tolist() == [1, 2]


def test_a_missing_file_and_wrong_arguments(kv: KeyedVectors, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        KeyedVectors.load(tmp_path / "absent")
    with pytest.raises(InputError, match="one of word2vec, binary"):
        kv.save(tmp_path / "v", format="pickle")
    with pytest.raises(InputError, match="limit=0"):
        KeyedVectors.load(tmp_path / "absent", limit=0)
