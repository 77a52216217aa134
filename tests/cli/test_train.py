"""Training writes a whole model and says what it did; the model does what it says."""

import csv
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from tests.cli.conftest import TINY, spawn, write_motions, write_reviews

from ostinato.tasks import load

Run = Callable[..., Result]
FILES = {"config.json", "data.json", "metrics.json", "model.safetensors", "report.html", "tokenizer.json"}


def test_a_model_is_a_folder(model: Path) -> None:
    assert {path.name for path in model.iterdir()} == FILES
    assert [path.name for path in model.parent.iterdir() if "model" in path.name] == ["model"]
    assert json.loads((model / "data.json").read_text())["text"] == "text"
    metrics = json.loads((model / "metrics.json").read_text())
    assert metrics["held_out"]["rows"] == 8
    assert metrics["held_out"]["accuracy"] == 1.0
    page = (model / "report.html").read_text()
    assert "SequenceClassifier on r.csv" in page
    assert "100.00 %" in page
    config = json.loads((model / "config.json").read_text())
    assert config["arguments"]["checkpoint"] is None


def test_json_summary_agrees_with_the_model(run: Run, reviews: Path, tmp_path: Path) -> None:
    result = run("train", "classify", reviews, "--out", tmp_path / "m", "--json", "--seed", "3", *TINY)
    assert result.exit_code == 0
    said = json.loads(result.stdout)
    fitted = load(tmp_path / "m")
    assert (said["rows"], said["train_rows"], said["valid_rows"]) == (60, 54, 6)
    assert said["parameters"] == fitted.parameters_
    assert said["epochs"] == 2
    assert said["size_bytes"] == sum(path.stat().st_size for path in (tmp_path / "m").iterdir())
    assert fitted.get_params()["random_state"] == 3
    assert fitted.get_params()["hidden_size"] == 8


def test_messages_go_to_stderr(run: Run, reviews: Path, tmp_path: Path) -> None:
    result = run("train", "classify", reviews, "--out", tmp_path / "m", *TINY)
    assert "epoch 1/2" in result.stderr
    assert "epoch 1/2" not in result.stdout
    assert "60 rows, 2 classes: neg 30, pos 30; 54 to learn from, 6 held out" in result.stderr
    quiet = run("train", "classify", reviews, "--out", tmp_path / "n", "-q", *TINY)
    assert quiet.stderr == ""
    assert quiet.stdout


def test_same_seed_same_model(run: Run, reviews: Path, tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        run("train", "classify", reviews, "--out", tmp_path / name, "--seed", seed, "-q", *TINY)
    a, b, c = ((tmp_path / name / "model.safetensors").read_bytes() for name in "abc")
    assert a == b
    assert a != c


def test_dry_run_writes_nothing(run: Run, reviews: Path, tmp_path: Path) -> None:
    result = run("train", "classify", reviews, "--out", tmp_path / "m", "--dry-run", "--epochs", "7")
    assert result.exit_code == 0
    assert "epochs" in result.stdout
    assert not (tmp_path / "m").exists()


def test_held_out_file_and_limit(run: Run, reviews: Path, tmp_path: Path) -> None:
    held = write_reviews(tmp_path / "held.csv", 10, seed=5)
    words = ["--valid", held, "--limit", "40", "--json", "-q", *TINY]
    said = json.loads(run("train", "classify", reviews, "--out", tmp_path / "m", *words).stdout)
    assert (said["train_rows"], said["valid_rows"]) == (40, 10)


def test_preset_and_single_settings_over_it(run: Run, reviews: Path, tmp_path: Path) -> None:
    words = ["--preset", "lecture-rnn", "--hidden-size", "4", "--epochs", "1", "-q"]
    run("train", "classify", reviews, "--out", tmp_path / "m", *words)
    kept = load(tmp_path / "m").get_params()
    assert (kept["cell"], kept["hidden_size"], kept["pooling"]) == ("rnn_tanh", 4, "last")


def test_settings_of_every_kind_reach_the_estimator(run: Run, reviews: Path, tmp_path: Path) -> None:
    words = ["--no-bidirectional", "--pooling", "max,mean", "--patience", "none", "--class-weight", "neg=1,pos=2"]
    words += ["--tokenizer", "char", "--layer-norm", "--lr", "1e-2"]
    assert run("train", "classify", reviews, "--out", tmp_path / "m", "-q", *TINY, *words).exit_code == 0
    kept = load(tmp_path / "m").get_params()
    assert kept["bidirectional"] is False
    assert kept["pooling"] == ("max", "mean")
    assert kept["patience"] is None
    assert kept["class_weight"] == {"neg": 1.0, "pos": 2.0}
    assert (kept["tokenizer"], kept["layer_norm"], kept["lr"]) == ("char", True, 0.01)


@pytest.mark.parametrize("verb", ["classify", "summary"])
def test_numeric_sequences(run: Run, tmp_path: Path, verb: str) -> None:
    file = write_motions(tmp_path / "m.jsonl", 60)
    words = [*TINY[:2], "--epochs", "8", "--lr", "0.05"] if verb == "classify" else ["--C", "1"]
    result = run("train", verb, file, "--sequence", "x", "--out", tmp_path / "m", "--json", "-q", *words)
    assert json.loads(result.stdout)["valid_accuracy"] == 1.0
    assert json.loads(run("evaluate", tmp_path / "m", file, "--json").stdout)["accuracy"] > 0.9


def test_odd_characters_survive(run: Run, tmp_path: Path) -> None:
    texts = ["one<br />two\u0085three", 'a "quoted"\nline', "naïve\u2028語"]
    with (tmp_path / "r.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["text", "label"], *([text, f"c{i % 2}"] for i, text in enumerate(texts * 10))])
    result = run("data", "check", tmp_path / "r.csv", "--json")
    assert json.loads(result.stdout)["rows"] == 30
    words = ["--tokenizer", "char", "-q", "--json", *TINY]
    said = json.loads(run("train", "classify", tmp_path / "r.csv", "--out", tmp_path / "m", *words).stdout)
    assert said["rows"] == 30
    known = load(tmp_path / "m").tokenizer_.vocabulary  # type: ignore[attr-defined]
    assert {"<", "/", "語"} <= set(known)


def start_long(reviews: Path, out: Path, *words: str, epochs: int = 400) -> "object":
    return spawn("train", "classify", reviews, "--out", out, *TINY, "--patience", "none", "--epochs", epochs, *words)


def test_ctrl_c_keeps_a_checkpoint_and_resuming_ends_as_if_never_interrupted(run: Run, tmp_path: Path) -> None:
    reviews = write_reviews(tmp_path / "reviews.csv", 200)
    out = tmp_path / "m"
    process = start_long(reviews, out, epochs=60)
    seen = process.stderr.readline()  # type: ignore[attr-defined]
    while "epoch 3/" not in seen:
        seen = process.stderr.readline()  # type: ignore[attr-defined]
        assert seen, "the training ended before it could be interrupted"
    process.send_signal(signal.SIGINT)  # type: ignore[attr-defined]
    stdout, stderr = process.communicate(timeout=60)  # type: ignore[attr-defined]
    assert process.returncode == 130  # type: ignore[attr-defined]
    assert stdout == ""
    last = stderr.splitlines()[-1]
    assert last.startswith("error: interrupted; ")
    assert "m.checkpoint" in last
    assert "--resume" in last
    assert "Traceback" not in stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.checkpoint", "reviews.csv"]

    words = ["train", "classify", reviews, *TINY, "--patience", "none", "--epochs", "60"]
    refused = run(*words, "--out", out)
    assert refused.exit_code == 2
    assert "--resume" in refused.stderr
    resumed, whole = run(*words, "--out", out, "--resume"), run(*words, "--out", tmp_path / "whole")
    assert (resumed.exit_code, whole.exit_code) == (0, 0)
    assert "epoch 60/60" in resumed.stderr
    assert "epoch 1/60" not in resumed.stderr
    assert "epoch 1/60" in whole.stderr
    assert not (tmp_path / "m.checkpoint").exists()
    name = "model.safetensors"
    assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_ctrl_c_before_training_writes_nothing(reviews: Path, tmp_path: Path) -> None:
    held = tmp_path / "held.csv"
    os.mkfifo(held)  # whoever reads it waits for us
    process = start_long(reviews, tmp_path / "m", "--valid", str(held))
    with held.open("wb"):  # opens when the other end is
        process.send_signal(signal.SIGINT)  # type: ignore[attr-defined]
        _, stderr = process.communicate(timeout=60)  # type: ignore[attr-defined]
    assert process.returncode == 130  # type: ignore[attr-defined]
    assert "Traceback" not in stderr
    assert not (tmp_path / "m").exists()


def test_ctrl_c_while_the_model_is_written(
    run: Run, fails: Callable[..., str], reviews: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt(monkeypatch, "ostinato.cli.writing.model_page")
    words = ["--out", tmp_path / "m", "-q"]
    assert "--resume goes on" in fails("train", "classify", reviews, *words, *TINY, code=130)
    monkeypatch.undo()
    assert run("train", "classify", reviews, *words, *TINY, "--resume").exit_code == 0
    interrupt(monkeypatch, "ostinato.cli.writing.model_page")
    words = ["--out", tmp_path / "n", "--C", "1", "-q"]
    assert "nothing was written" in fails("train", "bag-of-words", reviews, *words, code=130)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m", "reviews.csv"]


def interrupt(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    def stop(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(place, stop)


def test_resuming_needs_the_same_seed_and_rows(
    run: Run, fails: Callable[..., str], reviews: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["train", "classify", reviews, "--out", tmp_path / "m", "-q", *TINY]
    interrupt(monkeypatch, "ostinato.cli.writing.model_page")
    fails(*words, "--seed", "3", code=130)
    monkeypatch.undo()
    assert "has --seed 3" in fails(*words, "--seed", "0", "--resume")
    assert "other rows" in fails(*words, "--limit", "50", "--resume")
    other = write_reviews(tmp_path / "other.csv", 60, seed=9)
    assert "other rows" in fails(*words[:2], other, *words[3:], "--resume")
    assert run(*words, "--resume").exit_code == 0
    run(*words[:3], "--out", tmp_path / "whole", "--seed", "3", *words[5:])
    a, b = ((tmp_path / name / "model.safetensors").read_bytes() for name in ("m", "whole"))
    assert a == b
    params = load(tmp_path / "m").get_params()
    assert (params["random_state"], params["n_threads"]) == (3, None)  # threads are the run's, not the model's


def test_an_error_leaves_no_checkpoint_folder(fails: Callable[..., str], reviews: Path, tmp_path: Path) -> None:
    fails("train", "classify", reviews, "--out", tmp_path / "m", *TINY, "--lr", "-1")
    assert [path.name for path in tmp_path.iterdir()] == ["reviews.csv"]


def test_only_what_can_be_interrupted_offers_to_resume(run: Run) -> None:
    for word in ("--resume", "--device", "--threads"):
        assert word in run("train", "classify", "--help").stdout
        assert word not in run("train", "bag-of-words", "--help").stdout
        assert word not in run("train", "summary", "--help").stdout


def test_empty_texts_are_said(run: Run, tmp_path: Path) -> None:
    file = write_reviews(tmp_path / "r.csv", 20)
    file.write_text(file.read_text() + '"",pos\n" ",neg\n')
    said = run("train", "bag-of-words", file, "--C", "1", "--out", tmp_path / "m", "-q").stderr
    assert "r.csv: 2 empty texts, first at row 21: " in said
    assert len(said.splitlines()) == 1
