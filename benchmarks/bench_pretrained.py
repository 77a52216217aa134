"""What word vectors are good for: film reviews with few labels, and plenty of reviews without.

    scripts/bench pretrained --rows 1000 5000 25000 --seeds 3

Vectors are learned from the 50,000 unlabelled reviews alone, less those that also stand among the labelled ones. The
classifier begins with them, or with random vectors of the same size; all else is the default preset. Beside it stand a
logistic regression on the mean of a review's vectors and the bag of words. The labelled rows are the first of the
training part (its classes alternate); each model cuts what it stops by from these. The test part is the original one,
looked at once a model and seed.

Results and picture are written after each fit, and the same command goes on where it was stopped; --again begins anew.
"""

import argparse
import gzip
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator
from sklearn.linear_model import LogisticRegressionCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from bench_accuracy import data_dir, imdb
from machine import machine
from ostinato import BagOfWords, SequenceClassifier
from ostinato.text import Tokenizer
from ostinato.vectors import Corpus, WordVectors

RESULTS = Path(__file__).parent / "results"
STORED = RESULTS / "pretrained_imdb.json"
CUT = Tokenizer("word").fit(["-"]).cut  # as the classifier cuts; it asks no vocabulary
NAMES = {
    "random": "classifier, random vectors at first",
    "pretrained": "classifier, vectors of the unlabelled reviews at first",
    "mean": "logistic regression on the mean of those vectors",
    "bag": "`BagOfWords()`",
}


def learned(size: int, labelled: set[str]) -> WordVectors:
    """Vectors of the unlabelled reviews, cut into words and lowercased as the classifier does it; one thread."""
    with gzip.open(data_dir() / "imdb_unsup.txt.gz", "rt", encoding="utf-8", newline="\n") as lines:
        reviews = [line.rstrip("\n") for line in lines]
    kept = [review for review in reviews if review not in labelled]
    print(f"{len(kept):,} of {len(reviews):,} unlabelled reviews", flush=True)
    corpus = Corpus.read(map(CUT, kept), min_count=5)
    return WordVectors(vector_size=size, epochs=5, n_threads=1, random_state=0).fit(corpus)


def models(vectors: WordVectors, size: int) -> dict[str, Callable[[int], Any]]:
    """An unfitted model a name and seed."""

    class Mean:
        """The sentence baseline; the penalty is chosen on five parts of the training rows."""

        def fit(self, X: list[str], y: list[str]) -> "Mean":
            choose = LogisticRegressionCV(
                Cs=8, max_iter=1000, l1_ratios=(0.0,), scoring="neg_log_loss", use_legacy_attributes=False
            )
            self.model = make_pipeline(StandardScaler(), choose).fit(vectors.transform(map(CUT, X)), y)
            return self

        def predict(self, X: list[str]) -> Any:
            return self.model.predict(vectors.transform(map(CUT, X)))

    return {
        "mean": lambda _: Mean(),
        "bag": lambda seed: BagOfWords(random_state=seed),
        "pretrained": lambda seed: SequenceClassifier(
            embedding=vectors.vectors_, embedding_size=size, random_state=seed
        ),
        "random": lambda seed: SequenceClassifier(embedding_size=size, random_state=seed),
    }


def summary(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row for each number of labelled reviews and model: mean and standard deviation over the seeds."""
    found = []
    for count, name in dict.fromkeys((run["rows"], run["model"]) for run in runs):
        scores = [run["accuracy"] for run in runs if (run["rows"], run["model"]) == (count, name)]
        spread = float(np.std(scores, ddof=1)) if len(scores) > 1 else None
        found.append(
            {"rows": count, "model": name, "mean": float(np.mean(scores)), "std": spread, "seeds": len(scores)}
        )
    return found


def picture(rows: list[dict[str, Any]], path: Path) -> None:
    """Accuracy over labelled reviews, a line a model."""
    figure = Figure(figsize=(6, 3.8), dpi=160, layout="constrained")
    axes = figure.subplots()
    for name, text in NAMES.items():
        own = sorted((row for row in rows if row["model"] == name), key=lambda row: row["rows"])
        places, bars = [row["rows"] for row in own], [row["std"] or 0.0 for row in own]
        axes.errorbar(places, [row["mean"] for row in own], bars, marker="o", capsize=3, label=text.replace("`", ""))
    axes.set_xscale("log")
    axes.set_xticks(ticks := sorted({row["rows"] for row in rows}), [f"{tick:,}" for tick in ticks])
    axes.minorticks_off()
    axes.yaxis.set_major_locator(MultipleLocator(0.02))
    axes.yaxis.set_major_formatter("{x:.0%}")
    axes.set_xlabel("labelled reviews")
    axes.set_ylabel("test accuracy")
    axes.legend(frameon=False, fontsize=8)
    FigureCanvasAgg(figure).print_png(str(path))


def main() -> None:
    """Fit all that is not there yet; print, store and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="*", default=[1000, 5000, 25000])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--again", action="store_true", help="begin anew")
    args = parser.parse_args()
    torch.set_num_threads(1)  # one thread: what is done in pieces is what it would be in one
    about = {"dimensions": args.size, "machine": machine()}
    runs: list[dict[str, Any]] = []
    if STORED.exists() and not args.again:
        before = json.loads(STORED.read_text())
        if any(before[key] != value for key, value in about.items()):
            parser.error(f"{STORED} was measured with other settings or on another machine; --again begins anew")
        runs = before["runs"]
    X, y, X_test, y_test = imdb()
    vectors = learned(args.size, {*X, *X_test})
    made = models(vectors, args.size)
    for count, seed, name in ((c, s, n) for c in args.rows for s in range(args.seeds) for n in made):
        place = {"rows": count, "model": name, "seed": seed}
        if any(place.items() <= run.items() for run in runs) or (name in ("mean", "bag") and seed):
            continue  # there already; and those two draw nothing that matters
        begun = time.perf_counter()
        model = made[name](seed).fit(X[:count], y[:count])
        seconds = time.perf_counter() - begun
        right = np.asarray(model.predict(X_test)) == np.asarray(y_test)
        runs.append({**place, "accuracy": float(right.mean()), "fit_seconds": round(seconds, 1)})
        print(json.dumps(runs[-1]), flush=True)
        STORED.write_text(json.dumps({**about, "summary": summary(runs), "runs": runs}, indent=1) + "\n")
        picture(summary(runs), RESULTS / "pretrained_imdb.png")


if __name__ == "__main__":
    main()
