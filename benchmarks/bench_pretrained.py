"""What word vectors are good for: film reviews with few labels, and plenty of reviews without.

    scripts/bench pretrained --rows 1000 5000 25000 --seeds 3

Vectors are learned from the 50,000 unlabelled reviews alone. The classifier begins with them, or with random vectors of
the same size; all else is the default preset. The labelled rows are the first of the training part (its classes
alternate); each model cuts what it stops by from these. The test part is the original one, looked at once a model.
"""

import argparse
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bench_accuracy import data_dir, imdb
from machine import machine
from ostinato import SequenceClassifier
from ostinato.tasks.evaluate import evaluate
from ostinato.text import Tokenizer
from ostinato.vectors import Corpus, KeyedVectors, WordVectors

RESULTS = Path(__file__).parent / "results"


def learned(size: int) -> KeyedVectors:
    """Vectors of the unlabelled reviews, cut into words and lowercased as the classifier does it."""
    with gzip.open(data_dir() / "imdb_unsup.txt.gz", "rt", encoding="utf-8", newline="\n") as lines:
        reviews = list(lines)
    tokenizer = Tokenizer("word")
    corpus = Corpus.read((tokenizer.cut(review) for review in reviews), min_count=5)
    return WordVectors(vector_size=size, epochs=5, random_state=0).fit(corpus).vectors_


def picture(rows: list[dict[str, Any]], path: Path) -> None:
    """Accuracy over labelled reviews, both beginnings."""
    figure = Figure(figsize=(5, 3.4), dpi=160, layout="constrained")
    axes = figure.subplots()
    for begins in ("random", "pretrained"):
        own = [row for row in rows if row["begins"] == begins]
        places = [row["rows"] for row in own]
        axes.errorbar(places, [row["mean"] for row in own], [row["std"] for row in own], marker="o", label=begins)
    axes.set_xscale("log")
    axes.set_xlabel("labelled reviews")
    axes.set_ylabel("test accuracy")
    axes.legend(frameon=False)
    FigureCanvasAgg(figure).print_png(str(path))


def main() -> None:
    """Fit all, print and store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="*", default=[1000, 5000, 25000])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--size", type=int, default=64)
    args = parser.parse_args()
    X, y, X_test, y_test = imdb()
    vectors, found = learned(args.size), []
    for count in args.rows:
        for begins in ("random", "pretrained"):
            scores = []
            for seed in range(args.seeds):
                embedding = vectors if begins == "pretrained" else None
                model = SequenceClassifier(embedding=embedding, embedding_size=args.size, random_state=seed)
                model.fit(X[:count], y[:count])
                scores.append(evaluate(model, X_test, y_test)["accuracy"])
            spread = float(np.std(scores, ddof=1)) if len(scores) > 1 else 0.0
            found.append({"rows": count, "begins": begins, "mean": float(np.mean(scores)), "std": spread})
            print(json.dumps(found[-1]), flush=True)
    result = {"seeds": args.seeds, "dimensions": args.size, "rows": found, "machine": machine()}
    (RESULTS / "pretrained_imdb.json").write_text(json.dumps(result, indent=1) + "\n")
    picture(found, RESULTS / "pretrained_imdb.png")


if __name__ == "__main__":
    main()
