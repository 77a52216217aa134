"""Each example runs offline and shows what it promises."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def run(name: str, *words: str) -> str:
    path = EXAMPLES / name
    done = subprocess.run([sys.executable, path, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def number(text: str, name: str) -> float:
    return float(next(line for line in text.splitlines() if line.startswith(name)).removeprefix(name).split(",")[0])


def test_every_example_is_tested_here() -> None:
    assert {path.name for path in EXAMPLES.glob("*.py")} == {
        "classify_reviews.py",
        "forecast_load.py",
        "keras_door.py",
        "pen_strokes.py",
        "rating_drift.py",
        "sensors.py",
        "tag_dna.py",
        "tag_entities.py",
        "torch_dropin.py",
        "transcribe_tones.py",
        "translate_dates.py",
        "word_vectors.py",
        "write_text.py",
    }


def test_tag_dna(tmp_path: Path) -> None:
    said = run("tag_dna.py")
    assert number(said, "recurrent network ") > 0.8 > number(said, "window of 9 letters ")
    letters, tags = said.splitlines()[-2:]
    assert len(letters) == len(tags) and set(tags) <= {"E", "I"}
    (tmp_path / "a.csv").write_text("text,tags\n" + "ACG,EEI\nGTA,IIE\n" * 40, encoding="utf-8")
    assert number(run("tag_dna.py", *[str(tmp_path / "a.csv")] * 2), "recurrent network ") == 1.0


def test_pen_strokes(tmp_path: Path) -> None:
    said = run("pen_strokes.py")
    assert number(said, "recurrent network ") > 0.95 > number(said, "mean of the steps ")
    line, cross = [[[0, 9, 20], [0, 0, 1]]], [[[0, 9], [0, 9]], [[9, 0], [0, 9]]]
    rows = [json.dumps({"word": word, "drawing": d}) for word, d in (("line", line), ("cross", cross))]
    (tmp_path / "a.ndjson").write_text("\n".join(rows * 20) + "\n", encoding="utf-8")
    said = run("pen_strokes.py", *[str(tmp_path / "a.ndjson")] * 2, "drawing@columns@0.1", "word")
    assert number(said, "recurrent network ") == 1.0


def test_reviews() -> None:
    said = run("classify_reviews.py")
    assert number(said, "recurrent network") > 0.9 > 0.7 > number(said, "bag of words")


def test_keras_door() -> None:
    assert number(run("keras_door.py"), "held-out accuracy") > 0.9


def test_sensors() -> None:
    said = run("sensors.py")
    assert number(said, "recurrent network") > 0.9 > 0.7 > number(said, "mean of the steps")


@pytest.mark.data
def test_sensors_on_real_data(data_dir: Path) -> None:
    files = [str(data_dir / f"basic_motions_{part}.jsonl.gz") for part in ("train", "test")]
    assert number(run("sensors.py", *files), "recurrent network") > 0.85


def test_write_text() -> None:
    said = run("write_text.py")
    assert number(said, "network, bits a character") < number(said, "pairs of letters")
    assert "The " in said


def test_translate_dates() -> None:
    said = run("translate_dates.py")
    assert number(said, "written to the letter, of held-out pairs") > 0.95
    assert "looked at: " in said


def test_torch_dropin() -> None:
    assert number(run("torch_dropin.py"), "largest difference:") < 1e-5


def test_word_vectors() -> None:
    said = run("word_vectors.py")
    assert "does not match: butter" in said
    assert number(said, "means of vectors, 50 labelled sentences:") > 0.9


def test_tag_entities() -> None:
    said = run("tag_entities.py")
    assert number(said, "recurrent network") > 0.95 > 0.8 > number(said, "window of words")
    assert number(said, "most frequent tag") < 0.8
    assert "Ana Brook quietly laughed. [('Ana Brook', 'PER')]" in said


def test_forecast_load() -> None:
    said = run("forecast_load.py")
    assert number(said, "recurrent network: ") < number(said, "last week's value: ") < number(said, "last value: ")
    assert "24 hours on: " in said


def test_transcribe_tones() -> None:
    assert number(run("transcribe_tones.py"), "wholly right:") > 0.9


def test_rating_drift(tmp_path: Path) -> None:
    said = run("rating_drift.py")
    assert number(said, "recurrent network") > number(said, "mean of last ratings") > number(said, "last rating")
    assert number(said, "recurrent network") > 0.85 > 0.7 > number(said, "user and item, fixed")
    rows = [f"u{n % 7},i{n % 3},{400 - n},{1 + n * n % 5}" for n in range(400)]  # out of order
    (tmp_path / "r.csv").write_text("\n".join(["user,item,day,rating", *rows]) + "\n")
    assert "recurrent network" in run("rating_drift.py", str(tmp_path / "r.csv"))
