"""`train lm`, `generate`, `evaluate` of a language model, and `--pretrained`."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ostinato.cli.main import cli
from ostinato.tasks import LanguageModel

TEXT = "the cat sat on the mat\nthe dog sat on the rug\na cat saw the dog\n" * 30
TINY = [
    "--hidden-size",
    "8",
    "--embedding-size",
    "8",
    "--epochs",
    "3",
    "--streams",
    "4",
    "--length",
    "9",
    "--lr",
    "0.02",
]

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "book.txt.gz"
    path.write_bytes(gzip.compress(TEXT.encode()))
    return path


@pytest.fixture(scope="module")
def writer(book: Path) -> Path:
    """A tiny language model; do not change it."""
    out = book.parent / "model"
    result = CliRunner().invoke(cli, ["train", "lm", str(book), "--out", str(out), "-q", "--threads", "1", *TINY])
    assert result.exit_code == 0, result.stderr
    return out


def test_train_says_what_came_out(run: Run, book: Path, tmp_path: Path) -> None:
    result = run("train", "lm", book, "--out", tmp_path / "m", "--json", "-q", *TINY)
    found = json.loads(result.stdout)
    assert found["held_out"]["tokens"] == found["held_out_ngram"]["tokens"] > 10
    assert found["held_out"]["perplexity"] > 1 and found["epochs"] == 3
    assert {"config.json", "model.safetensors", "tokenizer.json", "metrics.json"} <= {
        file.name for file in (tmp_path / "m").iterdir()
    }
    assert not (tmp_path / "m.checkpoint").exists()


def test_words_for_people(run: Run, book: Path, tmp_path: Path) -> None:
    said = run("train", "lm", book, "--out", tmp_path / "m", *TINY).stdout
    assert "perplexity" in said and "Kneser-Ney" in said and "bits a character" in said


def test_a_folder_and_a_preset(run: Run, tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text(TEXT[:300])
    (tmp_path / "texts" / "b.txt").write_text(TEXT[300:900])
    result = run("train", "lm", tmp_path / "texts", "--out", tmp_path / "m", "--preset", "characters", "--json", "-q",
                 *TINY, "--valid", tmp_path / "texts" / "a.txt")  # fmt: skip
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["vocabulary"] < 30


def test_generate_is_repeated_by_its_seed(run: Run, writer: Path) -> None:
    one, two, other = (
        run("generate", writer, "--prompt", "the cat", "--length", 12, "--seed", seed).stdout for seed in (1, 1, 2)
    )
    assert one == two != other
    assert one.startswith("the cat ") and one.endswith("\n")
    found = json.loads(run("generate", writer, "--prompt", "the cat", "--length", 12, "--seed", 1, "--json").stdout)
    assert found["text"] + "\n" == one and found["seed"] == 1
    assert run("generate", writer, "--prompt", "-", "--length", 12, "--seed", 1, stdin="the cat\n").stdout == one


def test_generate_by_beam(run: Run, writer: Path) -> None:
    lines = run("generate", writer, "--prompt", "the", "--length", 5, "--beam", 3).stdout.splitlines()
    values = [float(line.split("\t")[0]) for line in lines]
    assert len(lines) == 3 and values == sorted(values, reverse=True)


def test_evaluate(run: Run, writer: Path, book: Path) -> None:
    found = json.loads(run("evaluate", writer, book, "--json").stdout)
    assert found["tokens"] == len(TEXT.split()) + TEXT.count("\n")
    assert "perplexity" in run("evaluate", writer, book).stdout


def test_evaluate_learns_on_where_it_is_told_to(run: Run, fails: Callable[..., str], writer: Path, book: Path,
                                                model: Path, reviews: Path) -> None:  # fmt: skip
    found = json.loads(run("evaluate", writer, book, "--dynamic", 0.1, "--json").stdout)
    assert found["perplexity"] == pytest.approx(LanguageModel.load(writer).perplexity(TEXT, dynamic=0.1))
    assert found["perplexity"] < json.loads(run("evaluate", writer, book, "--json").stdout)["perplexity"]
    assert "0.0 is not in the range" in fails("evaluate", writer, book, "--dynamic", 0)
    assert "is no language model; leave it out" in fails("evaluate", model, reviews, "--dynamic", 0.1)


def test_predict_tells_how_probable_each_line_is(run: Run, writer: Path) -> None:
    lines = ["the cat sat on the mat", "mat the on sat cat the", "zebra"]
    said = run("predict", writer, "--threads", 1, stdin="\n".join(lines)).stdout.splitlines()
    values = LanguageModel.load(writer).log_probability(lines)
    assert [float(line) for line in said] == pytest.approx(values, abs=1e-4)
    told = run("predict", writer, "--json", stdin=lines[0]).stdout
    assert json.loads(told)["log_probability_nats"] == pytest.approx(values[0])
    first, empty, again = map(float, run("predict", writer, stdin="the\n\nthe\n").stdout.splitlines())
    assert first == again < empty < 0  # of an empty line the end mark alone is counted


def test_pretrained(run: Run, writer: Path, reviews: Path, tmp_path: Path) -> None:
    result = run("train", "classify", reviews, "--out", tmp_path / "m", "--pretrained", writer, "--epochs", 2, "-q")
    assert result.exit_code == 0, result.stderr
    assert run("evaluate", tmp_path / "m", reviews).exit_code == 0


def test_pretrained_tagger(run: Run, writer: Path, tmp_path: Path) -> None:
    file = tmp_path / "f.conll"
    file.write_text("the O\ncat B-X\n\na O\ndog B-Y\n\n" * 10)
    words = ["--hidden-size", 4, "--epochs", 2, "--pretrained", writer, "-q", "--json"]
    result = run("train", "tag", file, "--out", tmp_path / "m", *words)
    assert result.exit_code == 0, result.stderr
    assert run("predict", tmp_path / "m", stdin="the dog\n").exit_code == 0


@pytest.mark.parametrize("content", ["", " \n"])
def test_nothing_to_read(fails: Callable[..., str], tmp_path: Path, content: str) -> None:
    (tmp_path / "empty.txt").write_text(content)
    assert "holds no text" in fails("train", "lm", tmp_path / "empty.txt", "--out", tmp_path / "m")


def test_a_training_that_diverges_leaves_no_model(fails: Callable[..., str], book: Path, tmp_path: Path) -> None:
    wild = ["--optimizer", "sgd", "--lr", "1e38", "--clip-norm", "none", "--schedule", "none"]
    said = fails("train", "lm", book, "--out", tmp_path / "m", "-q", *TINY, *wild, code=1)
    assert "in epoch 1, step" in said and "--clip-norm 1.0" in said and "--lr 1e+37" in said
    assert not (tmp_path / "m").exists()


def test_wrong_words(fails: Callable[..., str], writer: Path, model: Path, tmp_path: Path) -> None:
    assert "no such file" in fails("train", "lm", tmp_path / "none.txt", "--out", tmp_path / "m").lower()
    assert "holds a model for 'classify', expected 'lm'" in fails("generate", model)
    (tmp_path / "folder").mkdir()
    assert "no file *.txt" in fails("train", "lm", tmp_path / "folder", "--out", tmp_path / "m")


@pytest.mark.filterwarnings("default")
def test_unseen_words_in_the_prompt(run: Run, writer: Path) -> None:
    result = run("generate", writer, "--prompt", "zebra", "--seed", 0)
    assert result.exit_code == 0 and result.stdout.startswith("zebra")
    assert "'zebra' not in the vocabulary, read as <unk>" in result.stderr
