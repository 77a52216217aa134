"""`train music`, and `evaluate` and `generate` of a music model."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ostinato.cli.main import cli
from ostinato.data import read_midi

Run = Callable[..., Result]
SCALE = [[60], [62, 65], [64], [], [72, 48]]
TINY = ["--hidden-size", "12", "--epochs", "20", "--lr", "0.03", "--batch-size", "4", "--transpose", "2"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of music, and a tiny model of it; do not change them."""
    folder = tmp_path_factory.mktemp("music")
    parts = {"train": [SCALE * 3] * 10, "valid": [SCALE * 2], "test": [SCALE, SCALE]}
    (folder / "m.json").write_text(json.dumps(parts))
    words = ["train", "music", folder / "m.json", "--out", folder / "m", "-q", "--threads", 1, "--step", 0.5, *TINY]
    result = CliRunner().invoke(cli, [*map(str, words)])
    assert result.exit_code == 0, result.stderr
    return folder


def test_train_says_what_came_out(run: Run, folder: Path, tmp_path: Path) -> None:
    words = ["train", "music", folder / "m.json", "--out", tmp_path / "m"]
    dry = json.loads(run(*words, "--dry-run", "--json", "-q").stdout)
    assert (dry["pieces"], dry["steps"], dry["held out"]) == (10, 150, 1) and not (tmp_path / "m").exists()
    found = json.loads(run(*words, "--json", "-q", *TINY, "--threads", 1).stdout)
    assert found["held_out"]["steps"] == found["held_out_counts"]["steps"] == 10
    assert found["epochs"] == 20 and not (tmp_path / "m.checkpoint").exists()
    said = run(*words, "--force", "--valid", folder / "m.json", *TINY, "--epochs", 1)
    assert "nats a step" in said.stdout and "counts of each note" in said.stdout and "generate" in said.stderr


def test_a_plain_list_holds_a_share_out(run: Run, tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text(json.dumps([SCALE] * 10))
    words = ["train", "music", tmp_path / "m.json", "--out", tmp_path / "m", "-q", "--json", *TINY, "--epochs", 1]
    found = json.loads(run(*words, "--validation-fraction", 0.3).stdout)
    assert (found["train_pieces"], found["held_out"]["pieces"]) == (7, 3)
    found = json.loads(run(*words, "--force", "--validation-fraction", "none").stdout)
    assert found["train_pieces"] == 10 and "held_out" not in found


def test_evaluate_measures_the_test_part(run: Run, folder: Path) -> None:
    assert json.loads(run("evaluate", folder / "m", folder / "m.json", "--json").stdout)["pieces"] == 2
    assert "nats a step" in run("evaluate", folder / "m", folder / "m.json").stdout


def test_generate_to_midi_and_as_lines(run: Run, folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("mido")
    one = run("generate", folder / "m", "--length", 6, "--seed", 1)
    lines = [[int(word) for word in line.split()] for line in one.stdout.splitlines()]
    assert len(lines) == 6
    result = run("generate", folder / "m", "--length", 6, "--seed", 1, "--out", tmp_path / "s.mid", "--json")
    told = json.loads(result.stdout)
    assert told["steps"] == lines and told["step"] == 0.5
    sounding = [number for number, notes in enumerate(lines) if notes]
    assert read_midi(tmp_path / "s.mid", step=0.5) == lines[sounding[0] : sounding[-1] + 1]
    words = ["generate", folder / "m", "--prompt", folder / "m.json", "--length", 2, "--temperature", 0]
    assert len(run(*words).stdout.splitlines()) == 17
    again = run("evaluate", folder / "m", tmp_path / "s.mid", "--json")
    assert json.loads(again.stdout)["pieces"] == 1


def test_wrong_words(fails: Callable[..., str], folder: Path, model: Path, tmp_path: Path) -> None:
    assert "--top-k 3 is given" in fails("generate", folder / "m", "--top-k", 3)
    assert "ends in .mid" in fails("generate", folder / "m", "--out", tmp_path / "s.wav")
    assert "is no music model" in fails("generate", model, "--out", tmp_path / "s.mid")
    assert "no such file" in fails("train", "music", tmp_path / "none.json", "--out", tmp_path / "m")
    (tmp_path / "m.json").write_text(json.dumps({"valid": [SCALE]}))
    assert "train is needed" in fails("train", "music", tmp_path / "m.json", "--out", tmp_path / "m")
    (tmp_path / "w.json").write_text("[[[12]]]")
    assert "pitch 12, expected a whole number from 21" in fails(
        "train", "music", tmp_path / "w.json", "--out", tmp_path / "m", "-q", "--validation-fraction", "none"
    )


def test_a_verb_that_has_nothing_to_ask_names_another(fails: Callable[..., str], folder: Path) -> None:
    said = fails("predict", folder / "m", folder / "m.json")
    assert "is a MusicModel, ostinato predict has nothing to ask it; use: ostinato generate" in said


def test_every_task_that_predict_cannot_ask_has_another_verb() -> None:
    from ostinato.cli.models import _VERBS
    from ostinato.tasks import TASKS, Tagger, Task

    labelled = {name for name, task in TASKS.items() if issubclass(task, Task | Tagger)}
    asked = labelled | {"regress", "summary-regress", "caption", "lm"}
    assert {task for verb, task in _VERBS if verb == "predict"} == set(TASKS) - asked
