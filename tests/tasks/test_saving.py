"""A model folder is written whole or not at all, and a damaged one is named, not half-loaded."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from ostinato import load
from ostinato._core.errors import InputError, ModelFileError
from ostinato.tasks import BagOfWords, SequenceClassifier, check_writable, saving

FILES = ["config.json", "metrics.json", "model.safetensors", "report.html", "tokenizer.json"]


@pytest.fixture
def folder(tmp_path: Path, fitted: SequenceClassifier) -> Path:
    return fitted.save(tmp_path / "model", extra_files={"report.html": "<p>good</p>"})


def test_the_folder_holds_these_files(folder: Path, fitted: SequenceClassifier) -> None:
    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert [path.name for path in folder.parent.iterdir()] == ["model"]  # no temporary folder is left
    config = json.loads((folder / "config.json").read_text())
    assert config["format_version"] == 1 and config["task"] == "classify"
    assert config["arguments"]["hidden_size"] == fitted.hidden_size
    assert sorted(config["files"]) == [name for name in FILES if name != "config.json"]
    assert (folder / "report.html").read_text() == "<p>good</p>"


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_byte_anywhere_is_found(folder: Path, name: str) -> None:
    whole = (folder / name).read_bytes()
    for place in {*range(0, len(whole), max(1, len(whole) // 40)), len(whole) - 2}:
        damaged = bytearray(whole)
        damaged[place] ^= 1
        (folder / name).write_bytes(damaged)
        with pytest.raises(ModelFileError, match=rf"{name}.*(copy the folder again|upgrade|train again)") as raised:
            load(folder)
        assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelFileError, match=f"{name}: no such file"):
        load(folder)


def test_a_newer_format_asks_for_an_upgrade(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    config |= {"format_version": 2, "library_version": "9.1.0"}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelFileError, match=r"format_version 2 \(ostinato 9\.1\.0\), expected at most 1; upgrade"):
        load(folder)


def test_no_folder_or_another_task(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="does not exist"):
        load(tmp_path / "nothing")
    with pytest.raises(ModelFileError, match="is a file"):
        load(folder / "config.json")
    with pytest.raises(ModelFileError, match=r"holds a model for 'classify', expected 'bag-of-words'"):
        BagOfWords.load(folder)


def test_a_listed_file_cannot_lie_elsewhere(folder: Path) -> None:
    (folder.parent / "secret").write_text("x")
    config = json.loads((folder / "config.json").read_text())
    config["files"]["../secret"] = "0"
    config["checksum"] = saving._checksum(config)
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelFileError, match="expected a plain name"):
        load(folder)


def test_an_old_model_is_replaced_and_nothing_else(folder: Path, fitted: SequenceClassifier, tmp_path: Path) -> None:
    fitted.save(folder)
    assert not (folder / "report.html").exists()  # replaced as a whole, not added to
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.tex").write_text("years of work")
    with pytest.raises(InputError, match="not a model of ostinato"):
        fitted.save(tmp_path / "thesis")
    assert (tmp_path / "thesis" / "chapter1.tex").read_text() == "years of work"
    with pytest.raises(InputError, match="is a file"):
        fitted.save(tmp_path / "thesis" / "chapter1.tex")


@pytest.mark.parametrize("step", ["_write_file", "_put_in_place"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_half_way_leaves_the_old_model(
    folder: Path, fitted: SequenceClassifier, monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException
) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def fail(path: Path, *rest: object) -> None:
        if step == "_put_in_place" or path.name == "metrics.json":
            raise error

    monkeypatch.setattr(saving, step, fail)
    with pytest.raises(ModelFileError if isinstance(error, OSError) else KeyboardInterrupt):
        fitted.save(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


def test_the_old_model_comes_back_if_the_new_one_cannot_move_in(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        saving._put_in_place(tmp_path / "never written", folder)
    load(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_check_writable(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_writable(tmp_path / "a" / "b" / "model") == tmp_path / "a" / "b" / "model"
    assert not (tmp_path / "a").exists()
    check_writable(folder)

    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkdtemp", refuse)
    with pytest.raises(InputError, match=r"cannot write a model to .*model2' \(Permission denied\).*give another path"):
        check_writable(tmp_path / "model2")


def test_everything_is_flushed_to_the_disk(
    fitted: SequenceClassifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[int] = []
    monkeypatch.setattr("os.fsync", flushed.append)
    fitted.save(tmp_path / "model")
    assert len(flushed) == 4 + 2  # four files, their folder, and the folder around it


def test_a_model_may_be_moved(folder: Path, fitted: SequenceClassifier, tmp_path: Path) -> None:
    shutil.move(folder, tmp_path / "elsewhere")
    np.testing.assert_array_equal(load(tmp_path / "elsewhere").predict(["good"]), fitted.predict(["good"]))


@pytest.mark.parametrize("name", ["config.json", "../x", "model.safetensors", "a/b"])
def test_extra_files_have_names_of_their_own(fitted: SequenceClassifier, tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="expected a plain file name"):
        fitted.save(tmp_path / "model", extra_files={name: b""})
    assert not list(tmp_path.iterdir())
