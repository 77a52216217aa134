"""`train translate`, `translate`, and `evaluate` of a translator."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.tasks.translation.conftest import sentences, turned

from ostinato.cli.main import cli

TINY = [
    *("--tokenizer", "space"),
    *("--embedding-size", "32"),
    *("--hidden-size", "32"),
    *("--decoder-size", "64"),
    *("--dropout", "0"),
    *("--input-dropout", "0"),
    *("--output-dropout", "0"),
    *("--batch-size", "50"),
    *("--max-tokens", "none"),
    *("--epochs", "10"),
    *("--lr", "0.01"),
    *("--threads", "1"),
    "-q",
]

Run = Callable[..., Result]
Fails = Callable[..., str]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("pairs")
    sources = sentences(1200, 0, "abcdef", 5)
    (folder / "train.fwd").write_text("\n".join(sources) + "\n")
    (folder / "train.bwd").write_text("\n".join(map(turned, sources)) + "\n")
    return folder / "train.fwd", folder / "train.bwd"


@pytest.fixture(scope="module")
def turner(files: tuple[Path, Path]) -> Path:
    """A translator that turns around; do not change it."""
    out = files[0].parent / "model"
    words = ["train", "translate", "--source", str(files[0]), "--target", str(files[1]), "--out", str(out), *TINY]
    result = CliRunner().invoke(cli, words)
    assert result.exit_code == 0, result.stderr
    assert "BLEU" in result.stdout and "nrefs:1|case:mixed" in result.stdout
    return out


def test_translate(run: Run, turner: Path, tmp_path: Path) -> None:
    found = run("translate", turner, stdin="a b c\n\nf e\n")
    assert found.stdout == "c b a\n\ne f\n"
    assert "line 2: empty, answered by an empty line" in found.stderr
    (tmp_path / "in.txt").write_text("a b c\nf e\n")
    assert run("translate", turner, tmp_path / "in.txt", "--beam", 1).stdout == "c b a\ne f\n"
    lines = [json.loads(line) for line in run("translate", turner, "--json", stdin="a b\nc d\n").stdout.splitlines()]
    assert [line["source"] for line in lines] == ["a b", "c d"]
    assert lines[0]["translations"][0]["text"] == "b a" and lines[0]["translations"][0]["log_probability_nats"] < 0


def test_n_best(run: Run, turner: Path, fails: Callable[..., str]) -> None:
    rows = [
        line.split("\t") for line in run("translate", turner, "--n-best", 3, stdin="a b\n\nc\n").stdout.splitlines()
    ]
    assert [row[0] for row in rows] == ["1"] * 3 + ["3"] * 3
    scores = [float(row[2]) for row in rows[:3]]
    assert rows[0][1] == "b a" and scores == sorted(scores, reverse=True)
    assert "wider --beam" in fails("translate", turner, "--n-best", 9, stdin="a\n")


def test_attention_is_drawn(run: Run, turner: Path, tmp_path: Path) -> None:
    run("translate", turner, "--attention", tmp_path / "a.png", stdin="a b c\n")
    assert (tmp_path / "a.png").read_bytes()[1:4] == b"PNG"


def test_evaluate(run: Run, turner: Path, files: tuple[Path, Path], tmp_path: Path) -> None:
    held = sentences(30, 3, "abcdef", 5)
    (tmp_path / "t.fwd").write_text("\n".join(held) + "\n")
    (tmp_path / "t.bwd").write_text("\n".join(map(turned, held)) + "\n")
    rows = "".join(f"{source}\t{turned(source)}\n" for source in held)
    (tmp_path / "t.tsv").write_text("source\ttarget\n" + rows)
    one = json.loads(run("evaluate", turner, tmp_path / "t.fwd", "--references", tmp_path / "t.bwd", "--json").stdout)
    two = json.loads(run("evaluate", turner, tmp_path / "t.tsv", "--json").stdout)
    assert one == two and one["pairs"] == 30 and one["bleu"] > 90
    assert "chrF" in run("evaluate", turner, tmp_path / "t.tsv").stdout


def test_evaluate_by_another_search(
    run: Run, fails: Fails, turner: Path, files: tuple[Path, Path], model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["evaluate", turner, files[0], "--references", files[1], "--limit", 5, "--json"]
    assert "--beam 20, expected at most 7" in fails(*words, "--beam", 20)
    assert "--beam 2 is given" in fails("predict", model, "--beam", 2, stdin="a film\n")
    asked = "ostinato.tasks.translation.Translator.evaluate"
    monkeypatch.setattr(asked, lambda self, *pairs: {"beam": self.beam, "penalty": self.length_penalty})
    assert json.loads(run(*words).stdout) == {"beam": 5, "penalty": 1.0}
    assert json.loads(run(*words, "--beam", 3, "--length-penalty", 0).stdout) == {"beam": 3, "penalty": 0.0}


def test_columns_valid_and_dry_run(run: Run, tmp_path: Path) -> None:
    rows = "".join(f"{source}\t{turned(source)}\n" for source in sentences(40, 0))
    (tmp_path / "p.tsv").write_text("en\tde\n" + rows)
    words = ["train", "translate", tmp_path / "p.tsv", "--source", "en", "--target", "de", "--out", tmp_path / "m"]
    dry = json.loads(run(*words, "--dry-run", "--json", "--valid", tmp_path / "p.tsv", "-q").stdout)
    assert (dry["pairs"], dry["held out"]) == (40, 40) and not (tmp_path / "m").exists()
    said = json.loads(run(*words, "--json", *TINY, "--epochs", 1, "--limit", 30, "--preset", "small").stdout)
    assert said["train_pairs"] == 29 and said["held_out"]["pairs"] == 1 and said["epochs"] == 1
    assert json.loads((tmp_path / "m" / "data.json").read_text()) == {"text": "en", "label": "de"}
    assert json.loads(run("evaluate", tmp_path / "m", tmp_path / "p.tsv", "--json").stdout)["pairs"] == 40
    assert not (tmp_path / "m.checkpoint").exists()


def test_wrong_input(fails: Callable[..., str], turner: Path, files: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "short").write_text("a\n" * 1100)
    words = ["train", "translate", "--out", tmp_path / "m"]
    said = fails(*words, "--source", files[0], "--target", tmp_path / "short")
    assert "has 1,200 lines and" in said and "1,100, expected as many" in said
    (tmp_path / "gap").write_text("a\n\nb\n")
    (tmp_path / "full").write_text("a\nb\nc\n")
    said = fails(*words, "--source", tmp_path / "gap", "--target", tmp_path / "full")
    assert "gap, line 2: the source is empty" in said and "--missing skip" in said
    assert "--beam 20, expected at most 7" in fails("translate", turner, "--beam", 20, stdin="a\n")
    assert "is a Translator, ostinato predict has nothing to ask it" in fails("predict", turner, stdin="a\n")
    assert "needed together" in fails(*words, "--valid-source", files[0])
    assert "no such file" in fails(*words).lower()


def test_ctrl_c_keeps_the_training(
    run: Run, fails: Callable[..., str], files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    words = ["train", "translate", "--source", files[0], "--target", files[1], "--limit", 60, "--out", tmp_path / "m"]
    words += [*TINY, "--epochs", 2]
    monkeypatch.setattr("ostinato.tasks.translation.Translator.evaluate", stop)
    assert "the same command with --resume goes on" in fails(*words, code=130)
    assert "keeps an interrupted training" in fails(*words)
    monkeypatch.undo()
    assert "--resume needs the same" in fails(*words, "--resume", "--limit", 50)
    assert run(*words, "--resume").exit_code == 0 and not (tmp_path / "m.checkpoint").exists()
