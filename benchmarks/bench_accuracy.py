"""Test accuracy of each model on real text: one command a row of the README's table.

    scripts/bench accuracy imdb lecture-lstm --seeds 3

IMDb keeps its original split. The surnames have none, so a fifth of the *distinct* names is held out (a name that is
in the test part is never in the training part, whatever its language). Every choice a model makes while it fits
(when to stop, which penalty) is made on a part cut from the training rows; the test rows are looked at once, at the
end.
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import GroupShuffleSplit

from machine import machine
from ostinato import BagOfWords, SequenceClassifier
from ostinato.data import load
from ostinato.tasks.evaluate import evaluate

RESULTS = Path(__file__).parent / "results"
Split = tuple[list[str], list[str], list[str], list[str]]


def data_dir() -> Path:
    """`OSTINATO_DATA`, else `shared/data` beside the checkout."""
    return Path(os.environ.get("OSTINATO_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")


def imdb() -> Split:
    """50,000 film reviews, half of them the test part (Maas et al. 2011)."""
    train = load(data_dir() / "imdb_train.csv.gz", text="text", label="label")
    test = load(data_dir() / "imdb_test.csv.gz", text="text", label="label")
    return train.values, train.labels, test.values, test.labels


def names() -> Split:
    """20,050 surnames from 18 languages."""
    table = load(data_dir() / "names_by_language.csv.gz", text="name", label="language")
    values, labels = np.array(table.values, dtype=object), np.array(table.labels, dtype=object)
    split = GroupShuffleSplit(1, test_size=0.2, random_state=0).split(values, groups=values)
    train, test = next(split)
    return list(values[train]), list(labels[train]), list(values[test]), list(labels[test])


DATASETS: dict[str, Callable[[], Split]] = {"imdb": imdb, "names": names}


def letters(dataset: str) -> dict[str, Any]:
    """The "words" of a name are its runs of one to three letters."""
    return {"tokenizer": "char", "ngrams": (1, 3)} if dataset == "names" else {}


def characters(dataset: str) -> dict[str, Any]:
    """A name is read by its characters, a review by its words."""
    return {"tokenizer": "char"} if dataset == "names" else {}


# As the lectures have it: which of the 10,000 most frequent words occur.
LECTURE_WORDS: dict[str, Any] = {"features": "binary", "ngrams": (1, 1), "max_vocabulary": 10_000}

MODELS: dict[str, Callable[[str, int], Any]] = {
    "lecture-lasso": lambda dataset, seed: BagOfWords(random_state=seed, **{**LECTURE_WORDS, **letters(dataset)}),
    "lecture-network": lambda dataset, seed: BagOfWords(
        model="network", random_state=seed, **{**LECTURE_WORDS, **letters(dataset)}
    ),
    "lasso": lambda dataset, seed: BagOfWords(random_state=seed, **letters(dataset)),
    "network": lambda dataset, seed: BagOfWords(model="network", random_state=seed, **letters(dataset)),
    "lecture-rnn": lambda dataset, seed: SequenceClassifier.from_preset(
        "lecture-rnn", random_state=seed, **characters(dataset)
    ),
    "lecture-lstm": lambda dataset, seed: SequenceClassifier.from_preset(
        "lecture-lstm", random_state=seed, **characters(dataset)
    ),
    "default": lambda dataset, seed: SequenceClassifier.from_preset(
        "names" if dataset == "names" else "default", random_state=seed
    ),
}


def main() -> None:
    """Fit one model on one data set for several seeds; print and store what came out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", choices=DATASETS)
    parser.add_argument("model", choices=MODELS)
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    X, y, X_test, y_test = DATASETS[args.dataset]()
    runs = []
    for seed in range(args.seeds):
        estimator = MODELS[args.model](args.dataset, seed)
        start = time.perf_counter()
        estimator.fit(X, y)
        seconds = time.perf_counter() - start
        scores = evaluate(estimator, X_test, y_test)
        run = {
            "seed": seed,
            "accuracy": round(scores["accuracy"], 4),
            "log_loss_nats": round(scores["log_loss_nats"], 4),
            "train_seconds": round(seconds, 1),
            "parameters": estimator.parameters_,
        }
        runs.append(run)
        print(json.dumps(run), flush=True)
    accuracy = np.array([run["accuracy"] for run in runs])
    spread = float(accuracy.std(ddof=1)) if len(runs) > 1 else 0.0
    result = {
        "dataset": args.dataset,
        "model": args.model,
        "mean_accuracy": round(float(accuracy.mean()), 4),
        "std_accuracy": round(spread, 4),
        "median_train_seconds": float(np.median([run["train_seconds"] for run in runs])),
        "runs": runs,
        "machine": machine(),
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"accuracy_{args.dataset}_{args.model}.json").write_text(json.dumps(result, indent=1) + "\n")
    print(f"{args.dataset} {args.model}: {accuracy.mean():.2%} ± {spread:.2%} over {len(runs)} seeds")


if __name__ == "__main__":
    main()
