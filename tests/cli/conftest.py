"""A small file of reviews, a model trained on it, and ways to run the command line."""

import csv
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ostinato.cli.main import cli

TINY = ["--hidden-size", "8", "--embedding-size", "8", "--epochs", "2", "--threads", "1"]
# a few steps learn nothing under the dropout and the schedule that a real file needs
PLAIN = ["--schedule", "none", "--dropout", "0.3", "--embedding-dropout", "0", "--word-dropout", "0"]


@pytest.fixture
def run() -> Callable[..., Result]:
    """Run the command line in this process."""

    def call(*words: object, stdin: str | bytes | None = None) -> Result:
        return CliRunner().invoke(cli, [str(word) for word in words], input=stdin, prog_name="ostinato")

    return call


@pytest.fixture
def fails(run: Callable[..., Result]) -> Callable[..., str]:
    """Run a command line that must fail with one line and exit code 2, and return the line."""

    def call(*words: object, code: int = 2, stdin: str | bytes | None = None) -> str:
        result = run(*words, stdin=stdin)
        assert result.exit_code == code, (result.exit_code, result.stderr)
        errors = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
        assert len(errors) == 1, result.stderr
        assert result.stderr.splitlines()[-1] == errors[0]
        assert "Traceback" not in result.stderr
        return errors[0].removeprefix("error: ")

    return call


def spawn(*words: object, **settings: object) -> "subprocess.Popen[str]":
    """Start the real program; it hears Ctrl-C even where the tests run in a shell's background, which ignores it."""
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    code += "from ostinato.cli.main import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", **settings.pop("env", {})},  # type: ignore[dict-item]
        **settings,  # type: ignore[call-overload]
    )


def write_reviews(path: Path, rows: int, seed: int = 0) -> Path:
    """Write reviews whose label is told by one word."""
    draw = random.Random(seed)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["text", "label"])
        for number in range(rows):
            label = ("neg", "pos")[number % 2]
            words = draw.choices(["film", "plot", "actor", "scene", "the", "a", "of", "music"], k=draw.randint(2, 9))
            words.append({"neg": "awful", "pos": "lovely"}[label])
            writer.writerow([" ".join(words), label])
    return path


def write_motions(path: Path, rows: int, width: int = 2) -> Path:
    """Write numeric sequences as JSON lines."""
    draw = random.Random(1)
    lines = []
    for number in range(rows):
        level = number % 2
        steps = [[level + draw.gauss(0, 0.1) for _ in range(width)] for _ in range(draw.randint(2, 6))]
        lines.append(json.dumps({"x": steps, "label": f"class {level}"}))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    """60 reviews."""
    return write_reviews(tmp_path / "reviews.csv", 60)


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model of texts; do not change it."""
    return trained(tmp_path_factory.mktemp("texts"), "classify", *TINY, "--lr", "0.05", "--epochs", "8", *PLAIN)


@pytest.fixture(scope="session")
def motion_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model of numeric sequences; do not change it."""
    return trained(tmp_path_factory.mktemp("motions"), "summary", "--C", "1", "--sequence", "x")


def trained(folder: Path, verb: str, *words: str) -> Path:
    file = write_motions(folder / "m.jsonl", 40) if verb == "summary" else write_reviews(folder / "r.csv", 80)
    result = CliRunner().invoke(cli, ["train", verb, str(file), "--out", str(folder / "model"), "-q", *words])
    assert result.exit_code == 0, result.stderr
    return folder / "model"
