"""evaluate, predict, compare, data check, doctor and demo do what their help says."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from sklearn.metrics import accuracy_score, log_loss
from tests.cli.conftest import TINY, write_motions, write_reviews

from ostinato.cells import CELLS
from ostinato.kernels import BACKENDS
from ostinato.tasks import load

Run = Callable[..., Result]


def test_predict_says_what_the_model_says(run: Run, model: Path) -> None:
    texts = ["an awful film", "", "a lovely\u0085plot<br />", "語"]
    stdin = "\n".join(texts) + "\n"
    truth = load(model).predict_proba(texts)
    lines = run("predict", model, stdin=stdin).stdout.splitlines()
    assert [line.split("\t")[0] for line in lines] == [("neg", "pos")[i] for i in truth.argmax(axis=1)]
    assert [float(line.split("\t")[1]) for line in lines] == pytest.approx(truth.max(axis=1).tolist(), abs=1e-4)
    rows = [json.loads(line) for line in run("predict", model, "--json", stdin=stdin).stdout.splitlines()]
    assert [list(row["probabilities"].values()) for row in rows] == [pytest.approx(p, abs=1e-6) for p in truth.tolist()]


def test_predict_reads_files_streams_and_json_lines_alike(run: Run, model: Path, tmp_path: Path) -> None:
    reviews = write_reviews(tmp_path / "r.csv", 30, seed=9)
    texts = [line.rsplit(",", 1)[0] for line in reviews.read_text().splitlines()[1:]]
    (tmp_path / "r.txt").write_text("\n".join(texts) + "\n")
    as_json = "\n".join(json.dumps({"text": text}) for text in texts)
    answers = {
        run("predict", model, reviews).stdout,
        run("predict", model, tmp_path / "r.txt").stdout,
        run("predict", model, "-", stdin="\n".join(texts)).stdout,
        run("predict", model, stdin=as_json).stdout,
    }
    assert len(answers) == 1
    assert len(answers.pop().splitlines()) == 30


def test_predict_in_chunks_keeps_the_order(run: Run, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = "".join(f"{word} film\n" for word in ["awful", "lovely", "plot"] * 5)
    whole = run("predict", model, stdin=stdin).stdout
    monkeypatch.setattr("ostinato.cli.predict._ROWS", 4)
    assert run("predict", model, stdin=stdin).stdout == whole


def test_predict_says_which_rows_it_left_out(run: Run, model: Path, tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_text('{"text": "fine"}\n{"text": null}\n{"text": ""}\n')
    result = run("predict", model, tmp_path / "r.jsonl", "--missing", "skip")
    assert len(result.stdout.splitlines()) == 2
    assert result.stderr.endswith("r.jsonl: 1 rows with a missing value skipped\n")


def test_predict_of_nothing_is_said(run: Run, model: Path) -> None:
    result = run("predict", model, stdin="")
    assert result.exit_code == 2
    assert "no rows" in result.stderr or "empty" in result.stderr


def test_a_reader_that_leaves_early_ends_the_run_quietly(model: Path, tmp_path: Path) -> None:
    (tmp_path / "many.txt").write_text("an awful film\n" * 20_000)
    code = "from ostinato.cli.main import main; main()"
    line = f"{sys.executable} -c '{code}' predict {model} {tmp_path / 'many.txt'} | head -n 1"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True)
    assert done.stdout.startswith("neg\t")
    assert done.stderr == ""


def test_evaluate_against_scikit_learn(run: Run, model: Path, tmp_path: Path) -> None:
    file = write_reviews(tmp_path / "t.csv", 41, seed=4)
    rows = [line.rsplit(",", 1) for line in file.read_text().splitlines()[1:]]
    probabilities = load(model).predict_proba([text for text, _ in rows])
    said = json.loads(run("evaluate", model, file, "--json").stdout)
    truth = [label for _, label in rows]
    assert said["accuracy"] == pytest.approx(
        accuracy_score(truth, np.array(["neg", "pos"])[probabilities.argmax(axis=1)])
    )
    assert said["log_loss_nats"] == pytest.approx(log_loss(truth, probabilities))
    assert said["rows"] == 41
    table = run("evaluate", model, file).stdout
    for word in ("accuracy", "precision", "true class", "as neg"):
        assert word in table


def test_evaluate_remembers_the_columns(run: Run, tmp_path: Path) -> None:
    file = write_motions(tmp_path / "m.jsonl", 30)
    file.write_text(file.read_text().replace('"x"', '"steps"').replace('"label"', '"kind"'))
    words = ["--sequence", "steps", "--label", "kind", "--C", "1", "-q", "--out", tmp_path / "m"]
    assert run("train", "summary", file, *words).exit_code == 0
    assert run("evaluate", tmp_path / "m", file).exit_code == 0
    assert len(run("predict", tmp_path / "m", file).stdout.splitlines()) == 30


def test_compare_texts(run: Run, tmp_path: Path) -> None:
    file, test = write_reviews(tmp_path / "r.csv", 80), write_reviews(tmp_path / "t.csv", 20, seed=7)
    result = run("compare", file, "--test", test, "--seeds", "2", "--json", *TINY)
    assert result.exit_code == 0, result.stderr
    said = json.loads(result.stdout)
    assert (said["train_rows"], said["test_rows"], said["seeds"]) == (80, 20, 2)
    models = {row["model"]: row for row in said["models"]}
    assert models["bag of words, lasso"]["accuracy"] == 1.0
    assert models["always the commonest class"]["accuracy"] == 0.5
    assert models["always the commonest class"]["log_loss"] == pytest.approx(np.log(2))
    for name, row in models.items():
        if "always" not in name:
            assert {"accuracy", "accuracy_spread", "log_loss", "seconds", "parameters", "size_mb"} <= set(row)
            assert row["parameters"] > 0


def test_compare_numbers_on_a_split_of_its_own(run: Run, tmp_path: Path) -> None:
    result = run("compare", write_motions(tmp_path / "m.jsonl", 60), "--sequence", "x", *TINY)
    assert result.exit_code == 0, result.stderr
    for word in ("recurrent network", "mean of the steps", "last step", "log-loss", "12 rows of m.jsonl"):
        assert word in result.stdout


def test_data_check(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    file.write_text('text,label\nfine,pos\nfine,neg\n"",pos\n<br />x,\n', encoding="utf-8")
    found = json.loads(run("data", "check", file, "--json").stdout)
    assert found["rows"] == 4
    assert {"empty text", "missing label", "HTML tag"} <= {odd["kind"] for odd in found["oddities"]}
    table = run("data", "check", file).stdout
    for word in ("characters", "pos", "50.0%", "missing label", "row 4"):
        assert word in table
    (tmp_path / "p.txt").write_text("a\nb\n")
    assert run("data", "check", tmp_path / "p.txt").exit_code == 0
    assert run("data", "check", write_motions(tmp_path / "m.jsonl", 5), "--sequence", "x").exit_code == 0


def test_doctor_names_a_reason_for_each_cell_and_backend(run: Run) -> None:
    found = json.loads(run("doctor", "--json").stdout)
    assert {row["cell"] for row in found["backends"]} == set(CELLS)
    for row in found["backends"]:
        assert set(row) == {"cell", *BACKENDS}
        assert row["reference"] is None
    assert next(row for row in found["backends"] if row["cell"] == "lstm_peephole")["torch"]
    assert found["versions"]["torch"]
    assert "runs" in run("doctor").stdout


def test_no_colour_off_a_terminal(run: Run) -> None:
    assert "\x1b" not in run("doctor").output


def test_demo_of_digits(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("ostinato.cli.demo.digits", fromlist=["_SETTINGS"])._SETTINGS, "epochs", 12)
    result = run("demo", "--out", tmp_path / "pictures", "--json")
    assert result.exit_code == 0, result.stderr
    said = json.loads(result.stdout)
    models = {row["model"]: row["accuracy"] for row in said["models"]}
    assert models["GRU, row by row"] > 0.95
    assert models["logistic regression, last row"] < 0.7
    assert len(said["files"]) == 2
    for file in said["files"]:
        assert Path(file).read_bytes().startswith(b"\x89PNG")


@pytest.mark.data
def test_demo_of_names(run: Run, tmp_path: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("ostinato.tasks.presets", fromlist=["PRESETS"]).PRESETS["names"], "epochs", 1)
    result = run("demo", "names", "--data", data_dir, "--out", tmp_path, "--limit", "500", "--json")
    assert result.exit_code == 0, result.stderr
    assert (tmp_path / "names_report.html").read_text().startswith("<!doctype html>")


def test_demo_of_pythons_documentation(
    run: Run, fails: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = __import__("ostinato.cli.demo.docs", fromlist=["_SETTINGS"])._SETTINGS
    monkeypatch.setitem(settings, "hidden_size", 48)
    result = run("demo", "docs", "--out", tmp_path / "d", "--limit", "400", "--json")
    assert result.exit_code == 0, result.stderr
    bits = {row["model"]: row["bits_per_character"] for row in json.loads(result.stdout)["models"]}
    assert bits["LSTM, letter by letter"] < bits["1-gram, Kneser-Ney"]
    written = (tmp_path / "d" / "docs_text.txt").read_text(encoding="utf-8")
    assert written.startswith("The ") and len(written) == len("The ") + 400 + 1
    again = run("generate", tmp_path / "d" / "docs_model", "--prompt", "The ", "--length", 9, "--seed", 1)
    assert again.exit_code == 0, again.stderr
    assert "brings its own text" in fails("demo", "docs", "--data", tmp_path, "--out", tmp_path / "o")


def test_demo_of_reviews_reads_the_official_folder(run: Run, tmp_path: Path) -> None:
    from ostinato.cli.demo.imdb import reviews

    for half in ("train", "test"):
        for label in ("neg", "pos", "unsup"):
            folder = tmp_path / "aclImdb" / half / label
            folder.mkdir(parents=True)
            for number in range(6):
                (folder / f"{number}_1.txt").write_text(f"{label} {half} {number}<br />\u0085end", encoding="utf-8")
    train, test = reviews(tmp_path, limit=4)
    assert sorted(train.labels) == ["neg", "neg", "pos", "pos"]
    assert len(test) == 12
    assert set(test.labels) == {"neg", "pos"}
    assert all(text.endswith("<br />\u0085end") for text in test.values)


def test_a_demo_without_its_data_says_what_to_do(fails: Callable[..., str], tmp_path: Path) -> None:
    for name in ("imdb", "names"):
        assert "--data DIR" in fails("demo", name, "--data", tmp_path, "--out", tmp_path / "o")


def test_a_demo_that_fails_leaves_no_folder(fails: Callable[..., str], tmp_path: Path) -> None:
    fails("demo", "names", "--out", tmp_path / "o")
    assert list(tmp_path.iterdir()) == []


def test_a_download_that_fails_says_what_to_do(
    fails: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pooch.os_cache", lambda name: tmp_path / "cache")
    monkeypatch.setattr("ostinato.cli.demo.imdb.URL", "http://127.0.0.1:9/aclImdb_v1.tar.gz")
    message = fails("demo", "imdb", "--out", tmp_path / "o")
    assert "could not be downloaded" in message
    assert "--data DIR" in message
