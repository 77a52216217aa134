"""Pairs of sentences from two files or two columns; a missing half or line is named."""

import gzip
from pathlib import Path

import pytest

from ostinato._core.errors import DataError, InputError
from ostinato.data import read_parallel


def write(path: Path, lines: list[str]) -> Path:
    content = "".join(f"{line}\n" for line in lines).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def test_two_files(tmp_path: Path) -> None:
    """Lines end at the line feed alone; a tab or a Unicode line separator is text."""
    left = ["a\u0085b", "c\u2028d", "e"]
    source, target = write(tmp_path / "t.en", left), write(tmp_path / "t.de.gz", ["Ä", "B\tb", " c "])
    found = read_parallel(source=source, target=target)
    assert found.sources == left and found.targets == ["Ä", "B\tb", " c "]
    assert found.places[2] == f"{source}, line 3"
    assert read_parallel(source=source, target=target, limit=2).targets == ["Ä", "B\tb"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("p.tsv", "en\tde\na cat\teine Katze\nno\tnein\n"),
        ("p.csv", "de,en\neine Katze,a cat\nnein,no\n"),
        ("p.jsonl", '{"en": "a cat", "de": "eine Katze"}\n{"en": "no", "de": "nein"}\n'),
    ],
)
def test_columns(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    found = read_parallel(tmp_path / name, source="en", target="de")
    assert (found.sources, found.targets) == (["a cat", "no"], ["eine Katze", "nein"])
    assert len(read_parallel(tmp_path / name, source="en", target="de", limit=1)) == 1


def test_files_of_unequal_length(tmp_path: Path) -> None:
    source, target = write(tmp_path / "a", ["x"] * 1200), write(tmp_path / "b", ["y"] * 1199)
    for limit in (None, 5):
        with pytest.raises(DataError, match=r"a has 1,200 lines and .*b 1,199, expected as many"):
            read_parallel(source=source, target=target, limit=limit)


def test_half_a_pair(tmp_path: Path) -> None:
    source, target = write(tmp_path / "a", ["x", "", "z", "w"]), write(tmp_path / "b", ["1", "2", " ", "4"])
    with pytest.raises(DataError, match=r"a, line 2: the source is empty, .* other half is '2'"):
        read_parallel(source=source, target=target)
    found = read_parallel(source=source, target=target, missing="skip")
    assert found.sources == ["x", "w"] and found.targets == ["1", "4"]
    assert found.notes == ["2 pairs with an empty half skipped"]
    (tmp_path / "p.jsonl").write_text('{"source": "a", "target": "b"}\n{"source": "c", "target": ""}\n')
    with pytest.raises(DataError, match=r"column 'target'|the target is empty"):
        read_parallel(tmp_path / "p.jsonl")
    assert read_parallel(tmp_path / "p.jsonl", missing="skip").sources == ["a"]
    with pytest.raises(InputError, match="missing 'drop'"):
        read_parallel(source=source, target=target, missing="drop")


@pytest.mark.data
def test_real_pairs(data_dir: Path) -> None:
    files = [data_dir / f"multi30k_val.{language}.txt.gz" for language in ("en", "de")]
    found = read_parallel(source=files[0], target=files[1])
    assert len(found) == 1014 and found.sources[0].startswith("A group of men")
