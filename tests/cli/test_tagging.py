"""Tagging at the command line: train, evaluate, predict in three forms, and wrong files."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from tests.cli.conftest import TINY

from ostinato.cli.ways.tagging import is_tagged
from ostinato.data import load_tagged
from ostinato.tasks import load
from ostinato.train.run import Run as TrainingRun

Run = Callable[..., Result]
Fails = Callable[..., str]
NAMES = {"PER": ["Kelly", "Blackburn"], "LOC": ["Paris", "Rome"]}
FAST = [*TINY, "--lr", "0.03", "--character-features", "8", "--batch-size", "8"]
FAST += ["--dropout", "0.1", "--input-dropout", "0", "--word-dropout", "0.1"]


def write_sentences(path: Path, count: int, seed: int = 0) -> Path:
    draw = random.Random(seed)
    blocks = ["-DOCSTART- -X- O\n"]
    for _ in range(count):
        lines = []
        for _ in range(draw.randint(1, 3)):
            type = draw.choice(list(NAMES))
            lines += [f"{draw.choice(['saw', 'in'])} VB O", f"{draw.choice(NAMES[type])} NNP I-{type}"]
        blocks.append("\n".join([*lines, ". . O"]) + "\n")
    path.write_text("\n".join(blocks))
    return path


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from click.testing import CliRunner

    from ostinato.cli.main import cli

    folder = tmp_path_factory.mktemp("tagger")
    file = write_sentences(folder / "eng.train", 80)
    words = ["train", "tag", str(file), "--out", str(folder / "model"), "--quiet", *FAST, "--epochs", "8"]
    result = CliRunner().invoke(cli, words, prog_name="ostinato")
    assert result.exit_code == 0, result.output
    return folder / "model"


def test_train_writes_a_model_that_tags(model: Path) -> None:
    tagger = load(model)
    assert tagger.scheme_ == "iob1"
    assert tagger.metrics_["held_out"]["f1"] > 0.9
    assert "F1" in (model / "report.html").read_text() or "f1" in (model / "report.html").read_text()


def test_evaluate(run: Run, model: Path, tmp_path: Path) -> None:
    file = write_sentences(tmp_path / "eng.test.conll", 20, seed=1)
    found = json.loads(run("evaluate", model, file, "--json").stdout)
    table = load_tagged(file)
    assert found["f1"] == load(model).score(table.tokens, table.tags)
    assert [row["type"] for row in found["types"]] == ["LOC", "PER"]
    assert "precision" in run("evaluate", model, file).stdout


def test_predict_text(run: Run, model: Path) -> None:
    said = run("predict", model, stdin="saw Kelly in Rome.\n\nin Paris\n").stdout
    assert said == "saw O\nKelly I-PER\nin O\nRome I-LOC\n. O\n\n\nin O\nParis I-LOC\n\n"
    row = json.loads(run("predict", model, "--json", stdin="saw Kelly in Rome.\n").stdout)
    assert row["entities"] == [
        {"text": "Kelly", "type": "PER", "start": 1, "stop": 2},
        {"text": "Rome", "type": "LOC", "start": 3, "stop": 4},
    ]
    assert row["places"][1] == [4, 9]
    marked = run("predict", model, "--as", "marked", stdin="saw Kelly in Rome.\n").stdout
    assert marked == "saw [Kelly PER] in [Rome LOC] .\n"


def test_predict_columns_and_json_lines_alike(run: Run, model: Path, tmp_path: Path) -> None:
    file = write_sentences(tmp_path / "a.txt", 10, seed=2)
    table = load_tagged(file)
    (tmp_path / "a.jsonl").write_text("".join(json.dumps({"tokens": row}) + "\n" for row in table.tokens))
    columns = run("predict", model, file).stdout
    assert run("predict", model, tmp_path / "a.jsonl").stdout == columns
    again = tmp_path / "b.conll"
    again.write_text(columns)
    assert load_tagged(again).tags == load(model).predict(table.tokens)


def test_baselines_train_too(run: Run, tmp_path: Path) -> None:
    file = write_sentences(tmp_path / "eng.conll", 40)
    for verb in ("window-tags", "word-tags"):
        found = json.loads(run("train", verb, file, "--out", tmp_path / verb, "--quiet", "--json").stdout)
        assert found["valid_f1"] > 0.9


def test_plain_labels(run: Run, tmp_path: Path) -> None:
    file = write_sentences(tmp_path / "eng.conll", 60)
    result = run(
        "train", "tag", file, "--label", "2", "--out", tmp_path / "m", "--quiet", "--json", *FAST, "--epochs", "5"
    )
    assert "valid_f1" not in json.loads(result.stdout) and json.loads(result.stdout)["valid_accuracy"] > 0.9
    assert "/NNP" in run("predict", tmp_path / "m", "--as", "marked", stdin="saw Kelly\n").stdout


def test_interrupted_training_is_resumed(run: Run, tmp_path: Path) -> None:
    file = write_sentences(tmp_path / "eng.conll", 40)
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    words = ["train", "tag", file, "--quiet", *FAST, "--schedule", "none"]
    assert run(*words, "--out", whole, "--epochs", "3").exit_code == 0
    with pytest.MonkeyPatch.context() as patch:
        plain = TrainingRun._epoch

        def broken(self: TrainingRun, show: object) -> object:
            if self.epoch == 1:
                raise KeyboardInterrupt
            return plain(self, show)  # type: ignore[arg-type]

        patch.setattr(TrainingRun, "_epoch", broken)
        assert run(*words, "--out", parts, "--epochs", "3").exit_code == 130
    assert run(*words, "--out", parts, "--epochs", "3", "--resume").exit_code == 0
    assert (whole / "model.safetensors").read_bytes() == (parts / "model.safetensors").read_bytes()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a X O\nb O\n", "line 2: 2 columns: expected 3 as in line 1"),
        ("a\nb\n", "expected a token and its tag"),
        ("a O\n\nb O\n", "all tokens have the tag 'O', at least 2 tags are needed"),
        ("", "no sentences"),
    ],
)
def test_wrong_files(fails: Fails, tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "f.conll").write_text(text)
    assert words in fails("train", "tag", tmp_path / "f.conll", "--out", tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_unclosed_tags_are_told(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "f.conll"
    file.write_text("a B-X\nb E-X\n\nc B-X\nd O\n\n" + "a S-X\nb O\n\n" * 20)
    result = run("train", "word-tags", file, "--out", tmp_path / "m", "--dry-run")
    assert (
        "1 tags in 1 sentences break bioes" in result.stderr and "the first in the sentence at line 4" in result.stderr
    )


def test_unknown_type_in_the_held_out_file(fails: Fails, tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_text("a B-X\nb O\n")
    (tmp_path / "b.conll").write_text("a B-X\n\nc B-Y\n")
    said = fails("train", "tag", tmp_path / "a.conll", "--valid", tmp_path / "b.conll", "--out", tmp_path / "m")
    assert "b.conll, line 3: the tag 'B-Y' is of a type that a.conll lacks" in said


def test_as_is_for_taggers(fails: Fails, run: Run, tmp_path: Path) -> None:
    rows = "".join(f"{text},{label}\n" for text, label in [("good fun", "pos"), ("so bad", "neg")] * 20)
    (tmp_path / "r.csv").write_text("text,label\n" + rows)
    assert run("train", "bag-of-words", tmp_path / "r.csv", "--out", tmp_path / "m", "--quiet").exit_code == 0
    assert "is no tagger" in fails("predict", tmp_path / "m", "--as", "conll", stdin="x\n")


def test_is_tagged(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("EU B-ORG\nsays O\n\nParis B-LOC\n")
    (tmp_path / "b.txt").write_text("a fine film\nand one more\n")
    (tmp_path / "c.jsonl").write_text('{"tokens": ["a"], "tags": ["X"]}\n')
    (tmp_path / "d.jsonl").write_text('{"text": "a", "label": "X"}\n')
    found = [is_tagged(tmp_path / name, None) for name in ("a.txt", "b.txt", "c.jsonl", "d.jsonl")]
    assert found == [True, False, True, False]
    assert is_tagged("x.conllu", None) and not is_tagged("x.csv", None) and is_tagged("x", "conll")


def test_data_check(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "f.conll"
    file.write_text("Kelly B-PER\nsleeps O\n\nParis I-LOC\n\n" + "Rome B-LOC\n\n" * 3)
    found = json.loads(run("data", "check", file, "--json").stdout)
    assert (found["rows"], found["tokens"], found["scheme"]) == (5, 6, "iob2")
    assert found["labels"] == {"LOC": 4, "PER": 1}
    kinds = {odd["kind"]: odd for odd in found["oddities"]}
    assert kinds["tags that break iob2"]["first"][0].endswith("f.conll, line 4")
    assert kinds["same value as an earlier row"]["count"] == 2
    shown = run("data", "check", file).stdout
    assert "iob2" in shown and "line 4" in shown


def test_compare(run: Run, fails: Fails, tmp_path: Path) -> None:
    file = write_sentences(tmp_path / "f.conll", 60)
    small = [
        "--hidden-size",
        "8",
        "--embedding-size",
        "8",
        "--epochs",
        "5",
        "--threads",
        "1",
        "--lr",
        "0.03",
        "--dropout",
        "0.1",
    ]
    found = json.loads(run("compare", file, "--json", *small, "--batch-size", "8").stdout)
    assert [row["name"] for row in found["models"]] == [
        "recurrent network",
        "window of words, ridge",
        "most frequent tag",
    ]
    assert all(row["f1"] > 0.9 and row["size_bytes"] > 0 for row in found["models"])
    assert "tokens/s" in run("compare", file, *small).stdout
    assert "--pooling is given" in fails("compare", file, "--pooling", "last")


def test_vectors_from_a_file(run: Run, tmp_path: Path) -> None:
    file = write_sentences(tmp_path / "eng.conll", 40)
    (tmp_path / "v.txt").write_text("kelly 1 0 0\nparis 0 1 0\n")
    words = [
        "train",
        "tag",
        file,
        "--out",
        tmp_path / "m",
        "--json",
        "--quiet",
        *FAST,
        "--embedding",
        tmp_path / "v.txt",
    ]
    found = json.loads(run(*words).stdout)
    assert 0 < found["embedding_coverage"] < 1
    (tmp_path / "v.txt").unlink()
    tagger = load(tmp_path / "m")
    assert tagger.network_.embedding.embedding_dim == 3 and tagger.embedding is None
    assert run("predict", tmp_path / "m", stdin="in Paris\n").exit_code == 0


def test_marked_text_is_coloured_on_a_terminal_alone(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from io import StringIO

    from rich.console import Console

    from ostinato.cli.tag_forms import marked

    tagger = load(model)
    text = marked(tagger, ["saw", "Kelly"], ["O", "I-PER"])
    written = {}
    for name, settings in {"colour": {"force_terminal": True}, "plain": {"no_color": True}}.items():
        Console(file=(file := StringIO()), **settings).print(text)  # type: ignore[arg-type]
        written[name] = file.getvalue()
    assert "\x1b[" in written["colour"] and written["plain"] == "saw [Kelly PER]\n"
