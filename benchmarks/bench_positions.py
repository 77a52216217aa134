"""Tags for each position of DNA: exon, intron or neither, around splice junctions.

    scripts/bench positions anywhere --seeds 3

The data say of 60 letters whether an exon ends (EI) or begins (IE) between letters 30 and 31, or neither (N). From this
follow tags: E and I on either side of the junction, N everywhere in rows without one (what these are else, nobody
says). In `middle` the rows are whole, so that the place is known and the kind alone is to be found; in `anywhere` each
row is 40 letters cut from it, their beginning drawn once for all runs, and the junction is between letters 10 and 30.
10 folds with the classes in proportion, equal sequences in the same fold, those of `bench_signals.py splice`. The
baseline is logistic regression on the bases of a letter and its 10 neighbours on either side. The settings are the
first that were written down; `--validate` measures on rows cut from training.
"""

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, train_test_split

from bench_accuracy import data_dir
from bench_signals import trial_arguments
from machine import machine
from ostinato import SequenceTagger
from ostinato.data import load
from ostinato.tasks.entities import EntityScores, entity_scores
from ostinato.text import base_shares

RESULTS = Path(__file__).parent / "results"
TAGS = {"EI": "E" * 30 + "I" * 30, "IE": "I" * 30 + "E" * 30, "N": "N" * 60}
PART, NEIGHBOURS = 40, 10
SETTINGS: dict[str, Any] = {"hidden_size": 64, "convolutions": 1, "kernel_size": 9, "epochs": 15, "batch_size": 32}
Fold = tuple[list[str], list[str], list[str], list[str]]


def folds(task: str) -> Iterator[Fold]:
    """Letters and tags to learn from, and to measure on; tags are texts of a letter a position."""
    table = load(data_dir() / "splice_junction.csv.gz", text="sequence", label="label")
    y = np.array(table.labels)
    first = np.random.default_rng(0).integers(0, 60 - PART + 1, len(y)) if task == "anywhere" else np.zeros(len(y), int)
    last = first + (PART if task == "anywhere" else 60)
    X = [letters[a:b] for letters, a, b in zip(table.values, first, last, strict=True)]
    tags = [TAGS[label][a:b] for label, a, b in zip(y, first, last, strict=True)]
    for learn, test in StratifiedGroupKFold(10, shuffle=True, random_state=0).split(X, y, groups=table.values):
        yield [X[i] for i in learn], [tags[i] for i in learn], [X[i] for i in test], [tags[i] for i in test]


def inner(fold: Fold) -> Fold:
    """A fold whose test part is a quarter of the rows to learn from: what settings are chosen by."""
    X, y, _, _ = fold
    learn, test, y_learn, y_test = train_test_split(X, y, test_size=0.25, random_state=0)
    return learn, y_learn, test, y_test


def network(fold: Fold, seed: int, threads: int, settings: dict[str, Any]) -> tuple[EntityScores, int]:
    """What `SequenceTagger` gets right, and how many parameters it has."""
    X, y, X_test, y_test = fold
    model = SequenceTagger(
        tokenizer="dna", random_state=seed, validation_fraction=None, n_threads=threads, **settings
    ).fit(X, y)
    return model.evaluate(X_test, y_test), model.parameters_


def window(fold: Fold) -> EntityScores:
    """What logistic regression on a window of bases gets right."""
    X, y, X_test, y_test = fold
    model = LogisticRegression(max_iter=300).fit(np.concatenate([around(row) for row in X]), list("".join(y)))
    return entity_scores(y_test, ["".join(model.predict(around(row))) for row in X_test])


def around(letters: str) -> np.ndarray:
    """The bases of each letter and its neighbours, (T, 4 * window); beyond the ends there are none."""
    shares = np.pad(base_shares(letters), ((NEIGHBOURS, NEIGHBOURS), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(shares, 2 * NEIGHBOURS + 1, axis=0)
    return np.asarray(windows.reshape(len(letters), -1))


def rates(found: EntityScores) -> dict[str, Any]:
    """Accuracy, and precision and recall of each tag."""
    tags = {row["tag"]: [round(row["precision"], 4), round(row["recall"], 4)] for row in found.per_tag()}
    return {"accuracy": round(found.accuracy, 4), "precision and recall": tags}


def together(parts: list[EntityScores]) -> EntityScores:
    """All folds counted together."""
    pairs = sum((part.pairs for part in parts[1:]), start=parts[0].pairs.copy())
    tokens, right = sum(part.tokens for part in parts), sum(part.right_tags for part in parts)
    return EntityScores(tokens, right, parts[0].gold, parts[0].found, parts[0].correct, pairs)


def main() -> None:
    """Fit the network for several seeds, and the baseline; print and store what came out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=("middle", "anywhere"))
    args = trial_arguments(parser)
    settings = {**SETTINGS, **json.loads(args.set)}
    chosen = [inner(fold) if args.validate else fold for fold in list(folds(args.task))[: args.folds]]
    runs = []
    for seed in range(args.seeds):
        began = time.process_time()
        results = [network(fold, seed, args.threads, settings) for fold in chosen]
        found = [scores for scores, _ in results]
        run = {
            "seed": seed,
            **rates(together(found)),
            "folds": [round(part.accuracy, 4) for part in found],
            "cpu_seconds": round(time.process_time() - began, 1),
            "parameters": results[0][1],
        }
        runs.append(run)
        print(json.dumps(run), flush=True)
    if args.trial:
        return
    baseline = together([window(fold) for fold in chosen])
    commonest = sum(row["steps"] for row in baseline.per_tag() if row["tag"] == "N") / baseline.tokens
    accuracy = np.array([run["accuracy"] for run in runs])
    result = {
        "task": args.task,
        "settings": settings,
        "mean_accuracy": round(float(accuracy.mean()), 4),
        "std_over_seeds": round(float(accuracy.std(ddof=1)), 4) if len(runs) > 1 else None,
        "std_over_folds": round(float(np.array([run["folds"] for run in runs]).mean(axis=0).std(ddof=1)), 4),
        "window": rates(baseline),
        "commonest_tag_accuracy": round(commonest, 4),
        "runs": runs,
        "machine": machine(),
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"positions_{args.task}.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
