"""A tag a letter and a tag a step at the command line."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ostinato.cli.main import cli
from ostinato.tasks import load

Run = Callable[..., Result]
FAST = ["--hidden-size", 8, "--epochs", 12, "--threads", 1, "--lr", 0.03, "--batch-size", 8, "--dropout", 0.1, "-q"]


def write_genes(path: Path, count: int, seed: int = 0) -> Path:
    draw = random.Random(seed)
    lines = ["name,sequence,tags"]
    for number in range(count):
        letters = "".join(draw.choice("ACGTN") for _ in range(draw.randint(4, 9)))
        lines.append(f"g{number},{letters},{''.join('s' if letter in 'CG' else 'w' for letter in letters)}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def genes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("genes")
    file = write_genes(folder / "genes.csv", 80)
    words = ["train", "tag", file, "--text", "sequence", "--label", "tags", "--tokenizer", "dna", *FAST]
    done = CliRunner().invoke(cli, [str(word) for word in [*words, "--out", folder / "model"]], prog_name="ostinato")
    assert done.exit_code == 0, done.stderr
    return folder


def test_page_and_metrics(genes: Path) -> None:
    html = (genes / "model" / "report.html").read_text(encoding="utf-8")
    assert "Who is taken for whom" in html and "Class by class" in html and "letters" in html
    assert load(genes / "model").metrics_["held_out"]["accuracy"] > 0.95


def test_evaluate(run: Run, genes: Path) -> None:
    other = write_genes(genes / "other.csv", 20, seed=1)
    found = json.loads(run("evaluate", genes / "model", other, "--json").stdout)
    assert found["accuracy"] > 0.95 and [row["tag"] for row in found["tags"]] == ["s", "w"]
    assert found["letters"] == sum(row["steps"] for row in found["tags"])
    shown = run("evaluate", genes / "model", other).stdout
    assert "precision" in shown and "letters" in shown


def test_predict(run: Run, genes: Path, tmp_path: Path) -> None:
    assert run("predict", genes / "model", stdin="ACG\n\nT\n").stdout == "A w\nC s\nG s\n\n\nT w\n\n"
    assert run("predict", genes / "model", "--as", "marked", stdin="ACGT\n").stdout == "[A w] [CG s] [T w]\n"
    long = run("predict", genes / "model", "--as", "marked", stdin="AACC" * 100 + "\nA\n").stdout
    assert long.count("\n") == 2  # a row a line, however long
    row = json.loads(run("predict", genes / "model", "--json", stdin="ACG\n").stdout)
    assert row["text"] == "ACG" and row["tags"] == ["w", "s", "s"] and len(row["probabilities"]) == 3
    whole = run("predict", genes / "model", genes / "genes.csv").stdout  # the column is remembered
    assert whole.count("\n\n") == 80
    (tmp_path / "s.fasta").write_text(">a\nAC\nG\n>b\nT\n", encoding="utf-8")
    assert run("predict", genes / "model", tmp_path / "s.fasta").stdout == "A w\nC s\nG s\n\nT w\n\n"
    (tmp_path / "s.conll").write_text("A x\nC x\n\nT x\n", encoding="utf-8")
    assert run("predict", genes / "model", tmp_path / "s.conll").stdout == "A w\nC s\n\nT w\n\n"


def test_two_columns(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "genes.conll"
    file.write_text("A w\nC s\nR w\n\nG s\nT w\n\n" * 20, encoding="utf-8")
    done = run("train", "tag", file, "--tokenizer", "dna", "--out", tmp_path / "m", *FAST, "--json")
    assert json.loads(done.stdout)["valid_accuracy"] == 1.0, done.stderr


def test_baselines(run: Run, genes: Path, tmp_path: Path) -> None:
    for verb in ("window-tags", "word-tags"):
        words = [
            "--text",
            "sequence",
            "--label",
            "tags",
            "--tokenizer",
            "char",
            "--out",
            tmp_path / verb,
            "-q",
            "--json",
        ]
        found = json.loads(run("train", verb, genes / "genes.csv", *words).stdout)
        assert found["valid_accuracy"] > 0.95


def test_wrong_letters_and_counts_are_named(fails: Callable[..., str], genes: Path, tmp_path: Path) -> None:
    words = ["--text", "sequence", "--label", "tags", "--tokenizer", "dna", "--out", tmp_path / "m"]
    file = write_genes(tmp_path / "g.csv", 20)
    text = file.read_text(encoding="utf-8")
    file.write_text(text + "x,ACJT,wswww\n", encoding="utf-8")
    assert "g.csv, row 21, line 22: 5 tags: expected 4, one a letter" in fails("train", "tag", file, *words)
    file.write_text(text + "x,ACJT,wsww\n", encoding="utf-8")
    said = fails("train", "tag", file, *words, "--dry-run")
    assert "g.csv, row 21" in said and "has 'J' at letter 3, expected A, C, G, T, U or an ambiguity code" in said
    assert "row 21: has 'J' at letter 3" in fails("predict", genes / "model", file)
    said = fails("train", "tag", genes / "genes.csv", *words[:4], *words[6:])
    assert (
        "genes.csv, row 1, line 2: a text with a tag a letter" in said and "say --tokenizer char, or of DNA dna" in said
    )
    (tmp_path / "x.csv").write_text("sequence,tags\nAC,sx\n", encoding="utf-8")
    said = fails("train", "tag", genes / "genes.csv", *words, "--valid", tmp_path / "x.csv")
    assert "x.csv, row 1, line 2: the tag 'x' is of a type that genes.csv lacks, one of s, w is needed" in said


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_a_tag_a_step(run: Run, fails: Callable[..., str], tmp_path: Path, form: str) -> None:
    draw, file = random.Random(0), tmp_path / f"walks.{form}"
    lines = [] if form == "jsonl" else ["walk,t,x,y,tags"]
    for number in range(50):
        turn, T = draw.randint(2, 4), draw.randint(5, 9)
        x = [[5.0 * (step >= turn) + draw.gauss(0, 0.3), draw.gauss(0, 1)] for step in range(T)]
        tags = ["walk" if step >= turn else "sit" for step in range(T)]
        if form == "jsonl":
            lines.append(json.dumps({"x": x, "tags": tags}))
        else:
            lines += [f"w{number},{step},{a:.3f},{b:.3f},{tags[step]}" for step, (a, b) in enumerate(x)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    column = "x" if form == "jsonl" else "walk,t"
    done = run("train", "tag", file, "--sequence", column, "--label", "tags", "--out", tmp_path / "m", *FAST)
    assert done.exit_code == 0, done.stderr
    found = json.loads(run("evaluate", tmp_path / "m", file, "--json").stdout)
    assert found["accuracy"] > 0.95 and "steps" in found
    said = run("predict", tmp_path / "m", file).stdout
    assert said.startswith("0 sit\n1 sit\n") and said.count("\n\n") == 50
    assert run("predict", tmp_path / "m", file, "--as", "marked").stdout.startswith("[0-")
    assert set(json.loads(run("predict", tmp_path / "m", file, "--json").stdout.splitlines()[0])) == {
        "tags",
        "probabilities",
    }
