"""Recordings to a model to texts, at the command line."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from tests.tasks.speech.conftest import RATE, recordings, write_wav

pytest.importorskip("soundfile")
pytest.importorskip("jiwer")

SMALL = [
    "--sample-rate-hz",
    RATE,
    "--bands",
    12,
    "--cell",
    "gru",
    "--hidden-size",
    12,
    "--num-layers",
    1,
    "--dropout",
    0,
]
TRAINED = [*SMALL, "--lr", 0.02, "--batch-size", 8, "--convolution-size", 12, "--threads", 1, "-q"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "sounds"
    made.mkdir()
    for number, (sound, text) in enumerate(zip(*recordings(60, 0), strict=True)):
        write_wav(made / f"{number:02}.wav", sound, RATE)
        (made / f"{number:02}.txt").write_text(text, encoding="utf-8")
    return made


def test_folder_to_texts(run: Callable[..., Result], fails: Callable[..., str], folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "model"
    done = run("train", "transcribe", folder, "--out", out, "--epochs", 30, "--json", *TRAINED)
    assert done.exit_code == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["train_recordings"] == 57 and said["held_out"]["rows"] == 3
    found = json.loads(run("evaluate", out, folder, "--json").stdout)
    assert found["rows"] == 60 and found["character_error_rate"] < 0.2
    lines = run("transcribe", out, folder / "00.wav", folder / "01.wav").stdout.splitlines()
    assert [line.split("\t")[0] for line in lines] == [str(folder / "00.wav"), str(folder / "01.wav")]
    assert json.loads(run("transcribe", out, folder / "00.wav", "--json", "--beam", 1).stdout)["file"].endswith(
        "00.wav"
    )
    empty = write_wav(tmp_path / "empty.wav", np.zeros(0), RATE)
    assert "empty.wav: zero length" in fails("transcribe", out, empty)
    broken = run("transcribe", out, folder / "00.wav", folder / "01.wav", empty, folder / "02.wav")
    assert broken.exit_code != 0 and "empty.wav: zero length" in broken.stderr
    assert broken.stdout.splitlines() == lines  # what stands before it is written
    assert "no.wav: no such file" in fails("transcribe", out, tmp_path / "no.wav")


def test_wrong_folders(fails: Callable[..., str], folder: Path, tmp_path: Path) -> None:
    (folder / "07.txt").unlink()
    assert "07.wav: no 07.txt beside it" in fails("train", "transcribe", folder, "--out", tmp_path / "m", *TRAINED)
    assert "--missing skip" in fails("train", "transcribe", folder, "--out", tmp_path / "m", *TRAINED)
    (tmp_path / "none").mkdir()
    assert "no recording in it" in fails("train", "transcribe", tmp_path / "none", "--out", tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_dry_run(run: Callable[..., Result], folder: Path, tmp_path: Path) -> None:
    done = run("train", "transcribe", folder, "--out", tmp_path / "m", "--dry-run", "--json")
    assert json.loads(done.stdout)["recordings"] == 57
    assert not (tmp_path / "m").exists()
