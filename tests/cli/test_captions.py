"""`train caption`, and `predict` and `evaluate` of a captioner."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

TINY = ["--hidden-size", 12, "--decoder-size", 24, "--embedding-size", 12, "--dropout", 0, "--batch-size", 8,
        "--epochs", 40, "--lr", 0.01, "--beam", 2, "--threads", 1]  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    rows = [({"x": [i == k for i in range(3)], "says": text}) for k, text in enumerate(["up", "to the left", "down"])]
    lines = [json.dumps({**row, "x": [float(x) for x in row["x"]]}) for row in rows * 8]  # type: ignore[union-attr]
    (tmp_path / "v.jsonl").write_text("\n".join(lines) + "\n")
    return tmp_path / "v.jsonl"


def test_from_file_to_captions(run: Callable[..., Result], fails: Callable[..., str], file: Path) -> None:
    out = file.parent / "m"
    words = ["train", "caption", file, "--sequence", "x", "--label", "says", "--out", out]
    dry = json.loads(run(*words, "--dry-run", "--json", "-q").stdout)
    assert dry["numbers a row"] == 3 and dry["held out"] == 2 and not out.exists()
    result = run(*words, "--json", "-q", *TINY)
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["held_out"]["rows"] == 2 and not (file.parent / "m.checkpoint").exists()
    assert run("predict", out, file).stdout.splitlines()[:3] == ["up", "to the left", "down"]
    (line,) = run("predict", out, "--json", stdin='{"x": [0, 0, 1]}\n').stdout.splitlines()
    assert json.loads(line)["caption"] == "down"
    assert json.loads(run("evaluate", out, file, "--json").stdout)["exact"] == 1.0
    assert "100.00% of 24 texts" in run("evaluate", out, file).stdout
    assert run("predict", out, file, "--beam", 1).stdout.splitlines()[:3] == ["up", "to the left", "down"]
    assert "--beam 99, expected at most" in fails("predict", out, file, "--beam", 99)
    assert "holds a model already" in fails(*words)
    (file.parent / "w.jsonl").write_text('{"x": [1.0, 2.0], "says": "a"}\n')
    assert "expected 3" in fails("evaluate", out, file.parent / "w.jsonl")
