"""`ostinato vectors`: from a text to vectors, and what is asked of them."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from ostinato.kernels.native.library import missing
from ostinato.vectors import KeyedVectors

pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))

Run = Callable[..., Result]
Fails = Callable[..., str]
FEW = ["--vector-size", "8", "--min-count", "1", "--sample", "0", "--epochs", "3", "--threads", "1"]


@pytest.fixture
def text(tmp_path: Path) -> Path:
    draw = random.Random(0)
    topics = [[f"{name}{k}" for k in range(6)] for name in ("sea", "song", "pan")]
    lines = [" ".join(draw.choices(draw.choice(topics), k=7)) for _ in range(300)]
    (tmp_path / "text.txt").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path / "text.txt"


@pytest.fixture
def made(run: Run, text: Path) -> Path:
    out = text.with_name("v.safetensors")
    result = run("vectors", "train", text, "--out", out, *FEW, "--lr", "0.2", "-q")
    assert result.exit_code == 0, result.stderr
    return out


@pytest.mark.parametrize("method", ["skipgram", "cbow", "glove", "svd"])
def test_train(run: Run, text: Path, method: str) -> None:
    out = text.with_name("v.txt")
    result = run("vectors", "train", text, "--out", out, *FEW, "--method", method, "--json")
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["words"] == 18 and found["dimensions"] == 8 and len(KeyedVectors.load(out)) == 18
    assert not list(text.parent.glob(".*"))  # no checkpoint is left
    assert "epoch 3, 100%: loss" in result.stderr or method == "svd"


def test_asked(run: Run, made: Path) -> None:
    near = json.loads(run("vectors", "similar", made, "sea1", "--top", "5", "--json").stdout)
    assert len(near) == 5 and all(row["word"].startswith("sea") for row in near)
    assert "cosine" in run("vectors", "similar", made, "sea1", "--minus", "pan1").stdout
    found = json.loads(run("vectors", "analogy", made, "sea1", "sea2", "pan1", "--json", "--top", "3").stdout)
    assert [row["word"] for row in found] == [
        w for w, _ in KeyedVectors.load(made).most_similar(["sea2", "pan1"], ["sea1"], topn=3)
    ]


def test_asked_by_an_index(run: Run, made: Path, fails: Fails) -> None:
    pytest.importorskip("faiss")
    out = made.with_name("v.index")
    result = run("vectors", "index", made, "--out", out, "--threads", "1")
    assert result.exit_code == 0 and "18 words" in result.stderr
    for ask in (("similar", made, "sea1", "--minus", "pan1"), ("analogy", made, "sea1", "sea2", "pan1")):
        exact, near = (json.loads(run("vectors", *ask, "--json", *way).stdout) for way in ((), ("--index", out)))
        assert [row["word"] for row in near] == [row["word"] for row in exact] and len(near) > 5
    assert "is there already" in fails("vectors", "index", made, "--out", out)
    assert "not an index of these vectors" in fails("vectors", "similar", made, "sea1", "--limit", "17", "--index", out)
    assert "no index, or a damaged one" in fails("vectors", "similar", made, "sea1", "--index", made)


def test_measured(run: Run, made: Path, tmp_path: Path) -> None:
    (tmp_path / "q.txt").write_text(": all\nsea1 sea2 pan1 pan2\n")
    (tmp_path / "p.tsv").write_text("sea1\tsea2\t9\nsea1\tpan2\t1\nsong1\tsong4\t8\n")
    words = ("vectors", "evaluate", made, "--analogies", tmp_path / "q.txt", "--pairs", tmp_path / "p.tsv")
    found = json.loads(run(*words, "--json").stdout)
    assert found["pairs"][0]["spearman"] > 0.4 and found["analogies"]["sections"][-1]["asked"] == 1
    assert "spearman" in run(*words).stdout


def test_converted_and_drawn(run: Run, made: Path, fails: Fails) -> None:
    out = made.with_name("v.bin.gz")
    assert run("vectors", "convert", made, out, "--limit", "4").exit_code == 0
    assert KeyedVectors.load(out).index_to_key == KeyedVectors.load(made).index_to_key[:4]
    assert "is there already" in fails("vectors", "convert", made, out)
    for kind, words in (("pca", []), ("tsne", ["--words", "sea1,sea2,pan1,pan2,song1"])):
        picture = made.with_name(f"{kind}.png")
        result = run("vectors", "plot", made, "--out", picture, "--map", kind, *words)
        assert result.exit_code == 0, result.stderr
        assert picture.read_bytes()[1:4] == b"PNG"


def test_wrong_usage_is_one_line(fails: Fails, made: Path, text: Path, tmp_path: Path) -> None:
    assert "did you mean 'sea1'" in fails("vectors", "similar", made, "Sea1")
    assert "has no vector" in fails("vectors", "analogy", made, "sea1", "sea2", "xyzzy")
    assert "nothing to measure on" in fails("vectors", "evaluate", made)
    assert "is there already" in fails("vectors", "train", text, "--out", made)
    assert "no such folder" in fails("vectors", "train", text, "--out", tmp_path / "absent" / "v.txt")
    assert "cannot be read" in fails("vectors", "train", tmp_path / "absent.txt", "--out", tmp_path / "w.txt")
    assert "no word occurs 5 times" in fails("vectors", "train", write(tmp_path, "a b"), "--out", tmp_path / "w.txt")
    assert "method" in fails("vectors", "train", text, "--out", tmp_path / "w.txt", "--method", "bert")
    assert "no such checkpoint" in fails("vectors", "train", text, "--out", tmp_path / "w.txt", "--resume")
    broken = tmp_path / "broken.txt"
    broken.write_text("3 2\na 1 2\n")
    assert "promises 3" in fails("vectors", "similar", broken, "a")


def write(folder: Path, content: str) -> Path:
    path = folder / "small.txt"
    path.write_text(content)
    return path


def test_a_classifier_begins_with_them(run: Run, fails: Fails, reviews: Path, made: Path, tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("".join(f"{w} {k}.5 1 -1 0.25\n" for k, w in enumerate(["film", "plot", "awful", "lovely"])))
    tiny = ["--hidden-size", "8", "--epochs", "1", "--threads", "1", "--seed", "0", "--json"]
    result = run("train", "classify", reviews, "--out", tmp_path / "model", "--embedding", words, *tiny)
    assert result.exit_code == 0, result.stderr
    said = json.loads(result.stdout)
    assert 0 < said["embedding_coverage"] < 1
    assert run("predict", tmp_path / "model", stdin="a lovely film\n").exit_code == 0
    assert "none of the" in fails("train", "classify", reviews, "--out", tmp_path / "other", "--embedding", made, *tiny)
