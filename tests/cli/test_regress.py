"""`ostinato train regress`, and what the other verbs do with such a model."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ostinato.cli.main import cli

TINY = ["--hidden-size", "8", "--threads", "1", "--dropout", "0", "--lr", "0.03", "--batch-size", "8"]


def write_loads(path: Path, rows: int) -> Path:
    draw = random.Random(0)
    lines = []
    for _ in range(rows):
        steps = [[draw.gauss(0, 1)] for _ in range(draw.randint(2, 5))]
        lines.append(json.dumps({"x": steps, "load": 100 + 20 * steps[-1][0]}))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def loads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("loads")
    write_loads(folder / "loads.jsonl", 120)
    words = ["train", "regress", "loads.jsonl", "--sequence", "x", "--label", "load", "--out", "model", *TINY, "-q"]
    words[2], words[8] = str(folder / "loads.jsonl"), str(folder / "model")
    result = CliRunner().invoke(cli, [*words, "--epochs", "25", "--json"])
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["valid_r2"] > 0.8
    return folder


def test_page_and_metrics(loads: Path) -> None:
    html = (loads / "model" / "report.html").read_text(encoding="utf-8")
    assert "SequenceRegressor on loads.jsonl" in html and "Class by class" not in html
    kept = json.loads((loads / "model" / "metrics.json").read_text())["held_out"]
    assert set(kept) == {"rows", "r2", "mae", "rmse"}


def test_evaluate(loads: Path, run: Callable[..., Result]) -> None:
    said = json.loads(run("evaluate", loads / "model", loads / "loads.jsonl", "--json").stdout)
    assert said["rows"] == 120 and said["r2"] > 0.8 and said["mae"] < said["rmse"]


def test_predict(loads: Path, run: Callable[..., Result]) -> None:
    lines = run("predict", loads / "model", loads / "loads.jsonl").stdout.splitlines()
    assert len(lines) == 120 and all(20 < float(line) < 180 for line in lines)
    first = json.loads(run("predict", loads / "model", loads / "loads.jsonl", "--json").stdout.splitlines()[0])
    assert first["value"] == pytest.approx(float(lines[0]), rel=1e-5)


def test_baseline(loads: Path, run: Callable[..., Result], tmp_path: Path) -> None:
    words = ["--sequence", "x", "--label", "load", "--summary", "last", "--out", tmp_path / "m", "--json"]
    result = run("train", "summary-regress", loads / "loads.jsonl", *words)
    assert json.loads(result.stdout)["valid_r2"] > 0.999  # the last step is all there is to know


def test_a_label_that_is_no_number(fails: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("text,label\na,1\nb,good\n", encoding="utf-8")
    said = fails("train", "regress", tmp_path / "r.csv", "--out", tmp_path / "m")
    assert "row 2" in said and "'good', a number is needed" in said
    (tmp_path / "r.csv").write_text("text,label\na,1\nb,1\n", encoding="utf-8")
    assert "all 2 rows have the number 1" in fails("train", "regress", tmp_path / "r.csv", "--out", tmp_path / "m")


def test_front_and_changes(loads: Path, run: Callable[..., Result], tmp_path: Path) -> None:
    words = ["--sequence", "x", "--label", "load", "--out", tmp_path / "m", "--epochs", 2, "-q", *TINY]
    front = ["--convolutions", 1, "--convolution-size", 4, "--kernel-size", 3, "--jitter", 0.1, "--time-warp", 0.1]
    result = run("train", "regress", loads / "loads.jsonl", *words, *front)
    assert result.exit_code == 0, result.stderr
    kept = json.loads((tmp_path / "m" / "config.json").read_text())["arguments"]
    assert kept["convolutions"] == 1 and kept["jitter"] == 0.1
