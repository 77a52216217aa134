"""A dozen wrong inputs: each ends with one line that names place and remedy, and with nothing written."""

import gzip
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import TINY, write_motions, write_reviews

Fails = Callable[..., str]


def csv_file(folder: Path, content: str | bytes, name: str = "data.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


WRONG_FILES = {
    "missing column": ("review,label\nfine,pos\n", ["line 1", "no column 'text'", "review"]),
    "semicolons": ("text;label\nfine;pos\n", ["no column 'text'", "separated by ';': save it with commas"]),
    "tabs": ("text\tlabel\nfine\tpos\n", ["no column 'text'", "separated by tabs", "--format tsv"]),
    "not UTF-8": (b"text,label\nfine,pos\ncaf\xe9,neg\n", ["line 3", "--encoding"]),
    "header only": ("text,label\n", ["no rows"]),
    "no bytes": ("", ["empty"]),
    "one class only": ("text,label\n" + "fine,pos\n" * 12, ["'pos'", "at least 2 classes"]),
    "missing label": ("text,label\nfine,pos\nbad,\n", ["row 2", "'label'", "--missing skip"]),
    "ragged row": ("text,label\nfine,pos\nbad,neg,more\n", ["line 3"]),
    "open quotation mark": ('text,label\nfine,pos\n"bad,neg\n', ["line 3"]),
}


@pytest.mark.parametrize("kind", list(WRONG_FILES))
def test_wrong_file(fails: Fails, tmp_path: Path, kind: str) -> None:
    content, says = WRONG_FILES[kind]
    file = csv_file(tmp_path, content)
    message = fails("train", "classify", file, "--out", tmp_path / "model")
    assert "data.csv" in message
    for part in says:
        assert part in message, message
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.csv"]


def test_missing_file(fails: Fails, tmp_path: Path) -> None:
    assert "absent.csv: no such file" in fails("train", "classify", tmp_path / "absent.csv", "--out", tmp_path / "m")
    assert list(tmp_path.iterdir()) == []


def test_broken_gzip(fails: Fails, tmp_path: Path) -> None:
    whole = gzip.compress(write_reviews(tmp_path / "r.csv", 500).read_bytes())
    (tmp_path / "r.csv").unlink()
    cut, flipped = bytearray(whole[:-200]), bytearray(whole)
    flipped[len(whole) // 2] ^= 0xFF
    for content in (cut, flipped, b"text,label\nfine,pos\n"):
        file = csv_file(tmp_path, bytes(content), "r.csv.gz")
        assert "gzip" in fails("train", "classify", file, "--out", tmp_path / "m")
    assert [path.name for path in tmp_path.iterdir()] == ["r.csv.gz"]


@pytest.mark.parametrize("number", ["NaN", "Infinity"])
def test_nan_in_a_sequence(fails: Fails, tmp_path: Path, number: str) -> None:
    file = write_motions(tmp_path / "m.jsonl", 12)
    lines = file.read_text().splitlines()
    lines[6] = '{"x": [[1.0, 2.0], [' + number + ', 1.0]], "label": "class 0"}'
    file.write_text("\n".join(lines))
    message = fails("train", "classify", file, "--sequence", "x", "--out", tmp_path / "m")
    assert "line 7" in message
    assert "step 1" in message


def test_unknown_label_at_evaluation(fails: Fails, model: Path, tmp_path: Path) -> None:
    file = csv_file(tmp_path, "text,label\nfine,pos\nbad,nag\n")
    message = fails("evaluate", model, file)
    assert "row 2" in message
    assert "'nag'" in message
    assert "'neg', 'pos'" in message


def test_unknown_label_in_the_held_out_file(fails: Fails, reviews: Path, tmp_path: Path) -> None:
    held = csv_file(tmp_path, "text,label\nfine,other\n", "held.csv")
    message = fails("train", "classify", reviews, "--valid", held, "--out", tmp_path / "m")
    assert "held.csv, row 1" in message
    assert not (tmp_path / "m").exists()


def test_wrong_width_at_prediction(fails: Fails, motion_model: Path, tmp_path: Path) -> None:
    good, wide = write_motions(tmp_path / "good.jsonl", 3), write_motions(tmp_path / "wide.jsonl", 3, width=3)
    message = fails("predict", motion_model, wide)
    assert "line 1" in message
    assert "3 numbers a step, expected 2" in message
    good.write_text(good.read_text() + wide.read_text())
    assert "line 4" in fails("predict", motion_model, good)


def test_texts_for_a_model_of_numbers_and_the_other_way(
    fails: Fails, model: Path, motion_model: Path, tmp_path: Path
) -> None:
    assert "expected" in fails("predict", motion_model, stdin="a text\n")
    assert "expected" in fails("predict", model, write_motions(tmp_path / "m.jsonl", 2), "--sequence", "x")


def test_not_utf8_on_stdin(fails: Fails, model: Path) -> None:
    assert "line 2" in fails("predict", model, stdin=b"fine\ncaf\xe9\n")


def test_unwritable_output_is_found_before_training(fails: Fails, reviews: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").write_text("years of work")
    for out in (tmp_path / "file", tmp_path / "file" / "below", tmp_path / "full", Path("/proc/model")):
        message = fails("train", "classify", reviews, "--out", out, "--force")
        assert str(out) in message
        assert "epoch" not in message
    assert (tmp_path / "full" / "thesis.tex").read_text() == "years of work"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_folder_without_the_right_to_write(fails: Fails, reviews: Path, tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    assert "locked" in fails("train", "classify", reviews, "--out", locked / "m")


def test_a_model_is_replaced_only_if_told(
    fails: Fails, run: Callable[..., object], reviews: Path, tmp_path: Path
) -> None:
    words = ["train", "bag-of-words", reviews, "--C", "1", "--out", tmp_path / "m", "-q"]
    assert run(*words).exit_code == 0  # type: ignore[attr-defined]
    before = (tmp_path / "m" / "config.json").read_bytes()
    assert "--force" in fails(*words)
    assert (tmp_path / "m" / "config.json").read_bytes() == before
    assert run(*words, "--force", "--C", "2").exit_code == 0  # type: ignore[attr-defined]
    assert (tmp_path / "m" / "config.json").read_bytes() != before


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json", "metrics.json", "data.json"])
def test_a_flipped_byte_in_the_model(fails: Fails, model: Path, tmp_path: Path, name: str) -> None:
    copy = Path(shutil.copytree(model, tmp_path / "copy"))
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    assert name in fails("predict", copy, stdin="fine\n")
    (copy / name).unlink()
    assert name in fails("evaluate", copy, model)


def test_not_a_model(fails: Fails, tmp_path: Path) -> None:
    assert "does not exist" in fails("predict", tmp_path / "absent", stdin="x\n")
    assert "config.json" in fails("predict", tmp_path, stdin="x\n")


def test_wrong_settings_name_the_argument(fails: Fails, reviews: Path, tmp_path: Path) -> None:
    for words in (["--cell", "lstn"], ["--lr", "-1"], ["--max-length", "0"], ["--validation-fraction", "none"]):
        message = fails("train", "classify", reviews, "--out", tmp_path / "m", *TINY, *words)
        assert words[0].strip("-").replace("-", "_") in message.replace("-", "_")
    assert not (tmp_path / "m").exists()


def test_a_loss_that_is_not_finite_is_a_failure(fails: Fails, reviews: Path, tmp_path: Path) -> None:
    words = ["--optimizer", "sgd", "--lr", "1e38", "--clip-norm", "none", "--epochs", "30"]
    message = fails("train", "classify", reviews, "--out", tmp_path / "m", *TINY, *words, code=1)
    assert "lr" in message
    assert not (tmp_path / "m").exists()


def test_nothing_to_resume(fails: Fails, reviews: Path, tmp_path: Path) -> None:
    assert "--resume" in fails("train", "classify", reviews, "--out", tmp_path / "m", "--resume")


def test_too_few_rows(fails: Fails, tmp_path: Path) -> None:
    file = csv_file(tmp_path, "text,label\nfine,pos\nbad,neg\n")
    assert "--valid" in fails("train", "classify", file, "--out", tmp_path / "m")


def test_json_lines_with_a_broken_row(fails: Fails, model: Path, tmp_path: Path) -> None:
    file = tmp_path / "r.jsonl"
    file.write_text(json.dumps({"text": "fine"}) + "\n{broken\n")
    assert "line 2" in fails("predict", model, file)
