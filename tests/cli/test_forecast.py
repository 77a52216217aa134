"""`ostinato forecast`: from a file of series to a model, its forecasts, and how good they would have been."""

import csv
import io
import json
import math
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from click.testing import CliRunner, Result
from tests.cli.conftest import spawn

from ostinato.cli.main import cli

TINY = ["--look-back", "12", "--horizon", "3", "--hidden-size", "8", "--epochs", "15", "--lr", "0.02", "--threads", "1"]


def load(day: int) -> float:
    return 500 + 30 * math.sin(day / 3) + 3 * math.sin(7.7 * day)


def write_wide(path: Path, days: int = 160, *, without: tuple[int, ...] = ()) -> Path:
    dates = np.datetime64("2024-01-01") + np.arange(days)
    lines = [f"{date},{load(day):.3f},{day % 7}" for day, date in enumerate(dates) if day not in without]
    path.write_text("\n".join(["date,load,weekday", *lines]) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("series")
    file = write_wide(folder / "load.csv", without=(40, 41, 90))
    words = [
        "forecast",
        "train",
        file,
        "--target",
        "load",
        "--out",
        folder / "model",
        *TINY,
        "--season",
        "19",
        "--json",
    ]
    result = CliRunner().invoke(cli, [*map(str, words), "--until", "2024-05-20", "-q"])
    assert result.exit_code == 0, result.stderr
    said = json.loads(result.stdout)
    assert "'load.csv', dates: 3 missing, previous" in result.stderr
    assert "'load.csv', 'load': 3 missing, previous" in result.stderr
    names = [row["forecast"] for row in said["held_out"]]
    assert names == ["Forecaster", "linear", "seasonal naive", "naive", "drift"]
    assert said["held_out"][0]["r2"] > 0.7 and said["rows"] == 140 - 3
    return folder


def test_page(trained: Path) -> None:
    html = (trained / "model" / "report.html").read_text(encoding="utf-8")
    assert "Forecaster on load.csv" in html and "The rows to come" in html and html.count("data:image/png") == 6
    assert "forecasts of the end of each series in load.csv, which was learned from afterwards" in html
    assert "seasonal naive" in html  # the simple forecasts stand beside it


def test_predict(trained: Path, run: Callable[..., Result], tmp_path: Path) -> None:
    result = run("forecast", "predict", trained / "model", "--picture", tmp_path / "f.png", "--level", "0.8")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["date"] for row in rows] == ["2024-05-20", "2024-05-21", "2024-05-22"]
    for day, row in enumerate(rows, start=140):
        assert abs(float(row["forecast"]) - load(day)) < 15
        assert float(row["lower"]) < float(row["forecast"]) < float(row["upper"])
    assert (tmp_path / "f.png").read_bytes()[1:4] == b"PNG"


def test_predict_from_a_newer_file(trained: Path, run: Callable[..., Result], tmp_path: Path) -> None:
    file = write_wide(tmp_path / "load.csv", 170)
    lines = run("forecast", "predict", trained / "model", file, "--json").stdout.splitlines()
    first = json.loads(lines[0])
    assert len(lines) == 3 and first["date"] == "2024-06-19" and abs(first["forecast"] - load(170)) < 15


def test_backtest(trained: Path, run: Callable[..., Result], tmp_path: Path) -> None:
    words = [
        "--since",
        "2024-05-20",
        "--by",
        "step",
        "--forecasts",
        tmp_path / "all.csv",
        "--picture",
        tmp_path / "b.png",
    ]
    said = json.loads(run("forecast", "backtest", trained / "model", trained / "load.csv", *words, "--json").stdout)
    assert said["forecasts"] == 18 and said["r2"] > 0.7 and len(said["step"]) == 3
    rows = list(csv.DictReader(io.StringIO((tmp_path / "all.csv").read_text())))
    assert len(rows) == 18 * 3
    errors = [abs(float(row["truth"]) - float(row["forecast"])) for row in rows]
    assert np.mean(errors) == pytest.approx(said["mae"], rel=1e-4)
    assert (tmp_path / "b.png").read_bytes()[1:4] == b"PNG"
    shown = run("forecast", "backtest", trained / "model", trained / "load.csv", "--since", "140", "--by", "series")
    assert "load.csv" in shown.stdout and "coverage" in shown.stdout


def test_long_form_and_parquet(run: Callable[..., Result], tmp_path: Path) -> None:
    days = np.arange(100)
    dates = (np.datetime64("2024-01-01") + days).tolist()
    columns = {
        "shop": ["a"] * 100 + ["b"] * 80,
        "day": [*dates, *dates[:80]],
        "sold": [load(int(d)) for d in days] + [load(int(d)) / 10 for d in days[:80]],
        "price": [float(d % 5) for d in days] + [float(d % 5) for d in days[:80]],
    }
    pa.parquet.write_table(pa.table(columns), tmp_path / "shops.parquet")
    words = ["--series", "shop", "--past", "price", "--calendar", "day_of_week", *TINY, "-q", "--json"]
    result = run("forecast", "train", tmp_path / "shops.parquet", "--target", "sold", "--out", tmp_path / "m", *words)
    assert json.loads(result.stdout)["series"] == 2, result.stderr
    rows = list(csv.DictReader(io.StringIO(run("forecast", "predict", tmp_path / "m").stdout)))
    assert [row["series"] for row in rows] == ["a"] * 3 + ["b"] * 3
    assert float(rows[0]["forecast"]) > 300 > 100 > float(rows[3]["forecast"])


def test_hours_are_written_in_all_rows_or_in_none(run: Callable[..., Result], tmp_path: Path) -> None:
    hours = np.datetime64("2024-01-01T00") + np.arange(94)
    lines = [f"{str(hour).replace('T', ' ')}:00,{load(number):.3f}" for number, hour in enumerate(hours)]
    file = tmp_path / "hours.csv"
    file.write_text("\n".join(["date,load", *lines]) + "\n", encoding="utf-8")
    words = ["--method", "naive", "--horizon", "4", "--out", tmp_path / "m", "-q"]
    assert run("train", "forecast-baseline", file, *words).exit_code == 0
    rows = csv.DictReader(io.StringIO(run("forecast", "predict", tmp_path / "m").stdout))
    assert [row["date"][8:] for row in rows] == ["04T22:00:00", "04T23:00:00", "05T00:00:00", "05T01:00:00"]


def test_ctrl_c_keeps_what_was_learned_and_resuming_ends_as_if_never_interrupted(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    file = write_wide(tmp_path / "load.csv")
    words = ["forecast", "train", file, "--target", "load", *TINY[:6], "--epochs", "60", "--threads", "1"]
    process = spawn(*words, "--out", tmp_path / "m")
    assert process.stderr is not None
    while "epoch 3/" not in (seen := process.stderr.readline()):
        assert seen, "the training ended before it could be interrupted"
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130 and stdout == "" and "Traceback" not in stderr
    assert stderr.splitlines()[-1].startswith("error: interrupted; ") and "--resume" in stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["load.csv", "m.checkpoint"]
    assert run(*words, "--out", tmp_path / "m", "--resume").exit_code == 0
    assert run(*words, "--out", tmp_path / "whole").exit_code == 0
    assert not (tmp_path / "m.checkpoint").exists()
    name = "model.safetensors"
    assert (tmp_path / "m" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_baseline(trained: Path, run: Callable[..., Result], tmp_path: Path) -> None:
    words = ["--target", "load", "--method", "linear", "--look-back", "20", "--horizon", "2", "--out", tmp_path / "m"]
    assert run("train", "forecast-baseline", trained / "load.csv", *words, "-q").exit_code == 0
    assert len(run("forecast", "predict", tmp_path / "m").stdout.splitlines()) == 3


def test_dry_run_writes_nothing(trained: Path, run: Callable[..., Result], tmp_path: Path) -> None:
    words = ["--target", "load", "--out", tmp_path / "m", "--dry-run", "--json"]
    said = json.loads(run("forecast", "train", trained / "load.csv", *words).stdout)
    assert said["would train"] == "Forecaster" and not (tmp_path / "m").exists()


def test_wrong_files(trained: Path, fails: Callable[..., str], tmp_path: Path) -> None:
    out, file = ("--out", tmp_path / "m"), tmp_path / "load.csv"
    assert "name it by --target" in fails("forecast", "train", trained / "load.csv", *out)
    assert "no column 'laod'; did you mean 'load'?" in fails(
        "forecast", "train", trained / "load.csv", "--target", "laod", *out
    )
    file.write_text("date,load\n2024-01-02,1\n2024-01-01,2\n", encoding="utf-8")
    assert "sort the rows by date" in fails("forecast", "train", file, *out)
    file.write_text("date,load\n2024-01-02,1\n2024-01-02,2\n", encoding="utf-8")
    assert "repeats the one before" in fails("forecast", "train", file, *out)
    file.write_text("date,load\n2024-01-01,1\n2024-01-02,many\n", encoding="utf-8")
    assert "row 2, column 'load': 'many' is no number" in fails("forecast", "train", file, *out)
    file.write_text("date,load\n01/02/2024,1\n", encoding="utf-8")
    assert "say how dates are written, as %m/%d/%Y" in fails("forecast", "train", file, *out)
    file.write_text("date,load\n2024-01-01,1,2\n", encoding="utf-8")
    assert "line 2: 3 columns, expected 2" in fails("forecast", "train", file, *out)
    file.write_text("date,load\n", encoding="utf-8")
    assert "no rows" in fails("forecast", "train", file, *out)
    file.write_text("date,load\n2024-01-01,\n2024-01-02,\n", encoding="utf-8")
    assert "missing values alone" in fails("forecast", "train", file, *out)
    write_wide(file, 20)
    assert "expected at least" in fails("forecast", "train", file, "--target", "load", "--horizon", "30", *out)
