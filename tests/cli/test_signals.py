"""Signals and DNA from a file to a model and back."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from tests.tasks.speech.conftest import RATE, spoken, write_wav

SMALL = ["--hidden-size", "8", "--epochs", "6", "--threads", "1", "--preset"]


@pytest.fixture
def walks(tmp_path: Path) -> Path:
    """40 sequences, a row a step, in no order."""
    draw = random.Random(0)
    lines = []
    for number in range(40):
        level = number % 2
        for step in range(draw.randint(3, 8)):
            numbers = ",".join(f"{level + draw.gauss(0, 0.1):.3f}" for _ in range(2))
            lines.append(f"w{number},{step},{numbers},{'run' if level else 'sit'}")
    draw.shuffle(lines)
    path = tmp_path / "walks.csv"
    path.write_text("\n".join(["walk,t,x,y,label", *lines]) + "\n", encoding="utf-8")
    return path


def test_long_table(run: Callable[..., Result], walks: Path, tmp_path: Path) -> None:
    out = tmp_path / "m"
    done = run("train", "classify", walks, "--sequence", "walk,t", "--out", out, "-q", *SMALL, "signals")
    assert done.exit_code == 0, done.stderr
    said = run("evaluate", out, walks, "--json")  # the columns are remembered
    assert said.exit_code == 0, said.stderr
    assert '"rows": 40' in said.stdout
    lines = run("predict", out, walks).stdout.splitlines()
    assert len(lines) == 40 and lines[0].split("\t")[0] in ("run", "sit")
    walks.write_text("walk,t,x,y\na,0,1,1\na,1,1,1\n", encoding="utf-8")  # nothing has a label in earnest
    assert len(run("predict", out, walks).stdout.splitlines()) == 1


def test_no_such_column(fails: Callable[..., str], walks: Path, tmp_path: Path) -> None:
    said = fails("train", "classify", walks, "--sequence", "walks,t", "--out", tmp_path / "m")
    assert "walks.csv, line 1: no column 'walks'" in said


def test_fasta(run: Callable[..., Result], fails: Callable[..., str], tmp_path: Path) -> None:
    draw = random.Random(0)
    records = []
    for number in range(40):
        letters = "".join(draw.choice("ACGT") for _ in range(6))
        records.append(f">s{number} label={'ab'[number % 2]}\n{letters}{('GGGG', 'TTTT')[number % 2]}\n")
    path = tmp_path / "s.fasta"
    path.write_text("".join(records), encoding="utf-8")
    done = run("train", "classify", path, "--out", tmp_path / "m", "-q", *SMALL, "dna")
    assert done.exit_code == 0, done.stderr
    assert len(run("predict", tmp_path / "m", path).stdout.splitlines()) == 40
    path.write_text(">s1\nACGT\n>s2\nACQT\n", encoding="utf-8")
    assert "line 3: has 'Q' at letter 3" in fails("predict", tmp_path / "m", path)


def test_spoken_commands(run: Callable[..., Result], fails: Callable[..., str], tmp_path: Path) -> None:
    pytest.importorskip("soundfile")
    draw, words = np.random.default_rng(0), tmp_path / "words"
    for number in range(40):
        word = ("ab", "ba")[number % 2]
        (words / word).mkdir(parents=True, exist_ok=True)
        write_wav(words / word / f"{number}.wav", spoken(word, draw), RATE)
    out, more = tmp_path / "m", ["--lr", 0.02, "--epochs", 12, "--preset", "signals", "--hidden-size", 8, "-q"]
    done = run("train", "classify", words, "--sequence", f"log-mel@{RATE}", "--bias", "single", "--out", out, *more)
    assert done.exit_code == 0, done.stderr
    assert run("predict", out, words / "ab" / "0.wav").stdout.startswith("ab\t")
    assert len(run("predict", out, words).stdout.splitlines()) == 40
    write_wav(words / "ab" / "0.wav", np.zeros(0), RATE)
    assert "0.wav: zero length" in fails("predict", out, words / "ab" / "0.wav")
    assert "log-mel@RATE" in fails("train", "classify", words, "--sequence", "x", "--out", out, "--force")


@pytest.mark.parametrize("columns", [False, True])
def test_pen_strokes(run: Callable[..., Result], fails: Callable[..., str], tmp_path: Path, columns: bool) -> None:
    draw, rows = random.Random(0), []
    for number in range(40):  # the same two lines, drawn in one go or in two
        x, y, side = draw.uniform(-50, 50), draw.uniform(-50, 50), draw.uniform(1, 20)
        down, right = [[x, y], [x, y + side]], [[x, y + side], [x + side, y + side + draw.gauss(0, 0.1 * side)]]
        strokes = [down, right] if number % 2 else [down + right[1:]]
        if columns:
            strokes = [[list(axis) for axis in zip(*stroke, strict=True)] for stroke in strokes]
        rows.append({"label": "two" if number % 2 else "one", "strokes": strokes})
    path, column = tmp_path / "strokes.jsonl", "strokes@columns@0.1" if columns else "strokes@0.1"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    out, calm = tmp_path / "m", ["--crop", 0, "--time-warp", 0, "--epochs", 25, "--lr", 0.02]
    done = run("train", "classify", path, "--sequence", column, "--out", out, "-q", *SMALL, "signals", *calm)
    assert done.exit_code == 0, done.stderr
    found = json.loads(run("evaluate", out, path, "--json").stdout)  # how strokes are read is remembered
    assert found["accuracy"] == 1.0
    row = json.dumps({"strokes": rows[1]["strokes"]})
    assert run("predict", out, stdin=row + "\n").stdout.startswith("two\t")
    assert "stroke 1 has no points" in fails("predict", out, stdin='{"strokes": [[], [[0, 0]]]}\n')
    assert json.loads(run("data", "check", path, "--sequence", column, "--json").stdout)["rows"] == 40
    assert "expected a number from 0.001 up" in fails("data", "check", path, "--sequence", "strokes@0")
