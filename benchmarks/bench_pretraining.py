"""Does a language model that has read unlabelled reviews make a better classifier? IMDb, original split.

    scripts/bench pretraining reader --checkpoint DIR    # the language model, on the training and unlabelled reviews
    scripts/bench pretraining classify --seeds 3         # the classifier with it, and the same one from scratch
    scripts/bench pretraining classify --rows 5000       # the same with the first 5,000 labelled reviews

The test reviews are in neither the language model's text nor the vocabulary. `reader` keeps its state with
`--checkpoint` and goes on where it was stopped. Its 20,000 words are scored by an adaptive softmax, and its layers have
the sizes of the classifier's, so that the one from scratch is the same network. Both train with products in bfloat16
where the processor has them. `--limit` reads fewer reviews. Runs that a result file has already are not done again:
remove the file to begin anew.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import seeds
from bench_accuracy import data_dir, imdb
from machine import machine
from ostinato import LanguageModel, SequenceClassifier
from ostinato.data import read_texts
from ostinato.kernels import precision
from ostinato.tasks.evaluate import evaluate

READER: dict[str, Any] = {
    "max_vocabulary": 20_000,
    "cutoffs": (2_000, 8_000),
    "tied": False,
    "hidden_size": 256,
    "embedding_size": 128,
    "dropout": 0.1,
    "input_dropout": 0.1,
    "output_dropout": 0.1,
    "streams": 64,
    "length": 70,
    "epochs": 1,
    "precision": "bfloat16",
    "validation_fraction": 0.005,
}
CLASSIFIER: dict[str, Any] = {
    "bidirectional": False,
    "hidden_size": 256,
    "num_layers": 2,
    "embedding_size": 128,
    "max_vocabulary": 20_000,
}
MODELS = ("pretrained", "from scratch")


def read(out: Path, checkpoint: Path | None, limit: int | None, device: str) -> None:
    """Train the language model and keep it."""
    train, _, _, _ = imdb()
    text = [*train, *read_texts(data_dir() / "imdb_unsup.txt.gz")[0].split("\n")][:limit]
    model = LanguageModel(
        **READER,
        random_state=0,
        verbose=1,
        device=device,
        checkpoint=None if checkpoint is None else str(checkpoint),
        resume=checkpoint is not None and (checkpoint / "checkpoint.json").exists(),
    )
    model.fit(text).save(out)
    print(json.dumps({name: value for name, value in model.metrics_.items() if name != "history"}))


def classify(args: argparse.Namespace) -> None:
    """Fit the classifier with the language model's layers and without, once a seed; measure each on the test part."""
    X, y, X_test, y_test = imdb()
    X, y = X[: args.rows], y[: args.rows]  # neg and pos alternate
    path = seeds.result_file("pretraining_imdb" + ("" if args.rows is None else f"_{args.rows}"), args.device)
    about = {"reader": READER, "classifier": CLASSIFIER, "rows": len(X), "machine": machine(args.device)}
    wanted = sorted((seed, model) for model in args.models for seed in seeds.wanted(args, path, model=model))
    for seed, name in wanted:
        lent = str(args.reader) if name == "pretrained" else None
        began = time.perf_counter()
        model = SequenceClassifier(**CLASSIFIER, pretrained=lent, random_state=seed, device=args.device)
        with precision("mixed"):
            model.fit(X, y)
        seconds = time.perf_counter() - began
        found = {"model": name, "seed": seed, "accuracy": evaluate(model, X_test, y_test)["accuracy"]}
        seeds.add(path, about, {**found, "seconds_here": round(seconds, 1)}, "model", "seed")


def main() -> None:
    """One of the two halves."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("half", choices=("reader", "classify"))
    parser.add_argument("--reader", type=Path, default=Path("reader"), help="the language model's folder")
    parser.add_argument("--checkpoint", type=Path)
    parser.add_argument("--limit", type=int, help="reviews to read at most")
    parser.add_argument("--rows", type=int, help="labelled reviews to learn from, the first; default: all")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=MODELS)
    seeds.add_arguments(parser, 3)
    args = parser.parse_args()
    if args.half == "reader":
        read(args.reader, args.checkpoint, args.limit, args.device)
    else:
        classify(args)


if __name__ == "__main__":
    main()
