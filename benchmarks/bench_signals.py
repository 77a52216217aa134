"""Classifiers of signals, skeletons, images read by rows, and DNA: one command a row of the guide's table.

    scripts/bench signals basic-motions --seeds 3

BasicMotions keeps its original split. UTKinect has none: each person's clips are the test part once (10 folds). The
splice junctions are cut into 10 folds with the classes in proportion, equal sequences in the same fold. Of the digits a
fifth is held out. `--validate` measures on rows cut from training: so the settings for splice junctions were chosen,
and those for UTKinect tried once; the others are the first that were written down.
"""

import argparse
import gzip
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import LeaveOneGroupOut, StratifiedGroupKFold, train_test_split

from bench_accuracy import data_dir
from machine import machine
from ostinato import SequenceClassifier, SummaryBaseline
from ostinato.data import load
from ostinato.text import base_shares

RESULTS = Path(__file__).parent / "results"
Fold = tuple[list[Any], np.ndarray, list[Any], np.ndarray]


def basic_motions() -> Iterator[Fold]:
    """40 and 40 series of a smart-watch, 6 channels, 4 classes."""
    train, test = (load(data_dir() / f"basic_motions_{part}.jsonl.gz", sequence="x") for part in ("train", "test"))
    yield train.values, np.array(train.labels), test.values, np.array(test.labels)


def utkinect() -> Iterator[Fold]:
    """199 clips of 10 people, 20 joints; positions are taken from the middle of the hips, joint 0."""
    with gzip.open(data_dir() / "utkinect_skeleton.jsonl.gz", "rt", encoding="utf-8") as file:
        clips = [json.loads(line) for line in file]
    X = [about_hips(np.array(clip["x"], np.float32)) for clip in clips]
    y, people = np.array([clip["label"] for clip in clips]), np.array([clip["subject"] for clip in clips])
    for learn, test in LeaveOneGroupOut().split(X, y, people):
        yield [X[i] for i in learn], y[learn], [X[i] for i in test], y[test]


def about_hips(clip: np.ndarray) -> np.ndarray:
    """Positions (T, 60) from the middle of the hips; where that goes is kept, from where it began."""
    joints = clip.reshape(len(clip), -1, 3)
    hips = joints[:, :1]
    rest = (joints - hips)[:, 1:].reshape(len(clip), -1)
    return np.concatenate([rest, (hips - hips[:1])[:, 0]], axis=1)  # (T, 60)


def digits() -> Iterator[Fold]:
    """1,797 images of 8 x 8, a step a row."""
    images, y = load_digits(return_X_y=True)
    X = list(images.reshape(-1, 8, 8))
    learn, test, y_learn, y_test = train_test_split(X, y, test_size=0.2, random_state=0, stratify=y)
    yield learn, y_learn, test, y_test


def splice() -> Iterator[Fold]:
    """3,190 sequences of 60 letters, a junction (exon-intron, intron-exon) or none in the middle: read towards it."""
    table = load(data_dir() / "splice_junction.csv.gz", text="sequence", label="label")
    X, y = [towards_the_middle(letters) for letters in table.values], np.array(table.labels)
    for learn, test in StratifiedGroupKFold(10, shuffle=True, random_state=0).split(X, y, groups=table.values):
        yield [X[i] for i in learn], y[learn], [X[i] for i in test], y[test]


def towards_the_middle(letters: str) -> np.ndarray:
    """The two halves side by side, each from its far end, (30, 8): what decides stands in the last steps."""
    shares = base_shares(letters)
    half = len(shares) // 2
    return np.concatenate([shares[:half], shares[: half - 1 : -1]], axis=1)


DATASETS: dict[str, tuple[Callable[[], Iterator[Fold]], str, dict[str, Any]]] = {
    "basic-motions": (basic_motions, "signals", {}),
    "utkinect": (utkinect, "signals", {}),
    "digits": (digits, "signals", {}),
    "splice": (splice, "dna", {"kernel_size": 3, "epochs": 15}),
}


def inner(fold: Fold, seed: int) -> Fold:
    """A fold whose test part is a quarter of the rows to learn from: what settings are chosen by."""
    X, y, _, _ = fold
    learn, test, y_learn, y_test = train_test_split(X, y, test_size=0.25, random_state=seed, stratify=y)
    return learn, y_learn, test, y_test


def trial_arguments(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """Read what is to be run: seeds, threads, and what makes it a trial, which is not stored."""
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--folds", type=int, help="of a trial: the first so many")
    parser.add_argument("--validate", action="store_true", help="of a trial: measure on rows cut from those to learn")
    parser.add_argument("--set", default="{}", help="of a trial: arguments as JSON")
    args = parser.parse_args()
    args.trial = args.validate or args.folds is not None or args.set != "{}"
    return args


def main() -> None:
    """Fit one preset on one data set for several seeds; print and store what came out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", choices=DATASETS)
    args = trial_arguments(parser)
    folds, preset, settings = DATASETS[args.dataset]
    settings = {**settings, **json.loads(args.set)}
    runs = []
    for seed in range(args.seeds):
        scores, seconds = [], 0.0
        for number, fold in enumerate(folds()):
            if args.folds is not None and number == args.folds:
                break
            X, y, X_test, y_test = inner(fold, seed) if args.validate else fold
            model = SequenceClassifier.from_preset(
                preset, random_state=seed, validation_fraction=None, n_threads=args.threads, **settings
            )
            began = time.process_time()
            model.fit(X, y)
            seconds += time.process_time() - began
            scores.append(model.score(X_test, y_test))
        run = {
            "seed": seed,
            "accuracy": round(float(np.mean(scores)), 4),
            "folds": [round(float(score), 4) for score in scores],
            "train_cpu_seconds": round(seconds, 1),
            "parameters": model.parameters_,
        }
        runs.append(run)
        print(json.dumps(run), flush=True)
    if args.trial:
        return
    accuracy = np.array([run["accuracy"] for run in runs])
    between = np.array([run["folds"] for run in runs]).mean(axis=0)
    result = {
        "dataset": args.dataset,
        "preset": preset,
        "settings": settings,
        "mean_accuracy": round(float(accuracy.mean()), 4),
        "std_over_seeds": round(float(accuracy.std(ddof=1)), 4) if len(runs) > 1 else None,
        "std_over_folds": round(float(between.std(ddof=1)), 4) if len(between) > 1 else None,
        "baseline_accuracy": None if preset == "dna" else round(baseline(folds()), 4),
        "runs": runs,
        "machine": machine(),
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"signals_{args.dataset}.json").write_text(json.dumps(result, indent=1) + "\n")


def baseline(folds: Iterator[Fold]) -> float:
    """A linear model of each row's mean."""
    scores = [
        SummaryBaseline(summary="mean", random_state=0).fit(X, y).score(X_test, y_test)
        for X, y, X_test, y_test in folds
    ]
    return float(np.mean(scores))


if __name__ == "__main__":
    main()
