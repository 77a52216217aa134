"""The tables of docs/guide/signals.md."""

import json
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
_NAMES = {
    "basic-motions": "BasicMotions: 4 motions, 6 channels, original split",
    "utkinect": "UTKinect: 10 actions, skeletons, by person",
    "digits": "digits by rows: 8 steps of 8",
    "splice": "splice junctions: 3 classes, 60 letters, 10-fold",
}


def signals() -> list[str]:
    """A row a data set."""
    lines = ["| data | accuracy | over folds | baseline | seeds | parameters |", "|---|---|---|---|---|---|"]
    for name, text in _NAMES.items():
        found = _read(f"signals_{name}")
        if found is None:
            continue
        runs = found["runs"]
        folds = "" if found["std_over_folds"] is None else f"± {found['std_over_folds']:.2%}"
        baseline = "" if found["baseline_accuracy"] is None else f"{found['baseline_accuracy']:.2%}"
        lines.append(f"| {text} | {_mean(found)} | {folds} | {baseline} | {len(runs)} | {runs[0]['parameters']:,} |")
    return lines


_PLACES = {
    "anywhere": "40 letters, the junction anywhere in the middle half",
    "middle": "60 letters, it is in the middle",
}


def positions() -> list[str]:
    """A row a task and model: accuracy a position, precision and recall of each tag."""
    lines = [
        "| rows | model | accuracy | over folds | exon | intron | neither | seeds |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, text in _PLACES.items():
        found = _read(f"positions_{name}")
        if found is None:
            continue
        runs = found["runs"]
        tagger = f"{_mean(found)} | ± {found['std_over_folds']:.2%} | {_rates(runs[0])} | {len(runs)}"
        window = f"{found['window']['accuracy']:.2%} |  | {_rates(found['window'])} | 1"
        lines += [
            f"| {text} | `SequenceTagger` | {tagger} |",
            f"| | logistic regression on 21 letters | {window} |",
            f"| | always neither | {found['commonest_tag_accuracy']:.2%} |  |  |  |  | 1 |",
        ]
    return lines


def _rates(run: dict[str, Any]) -> str:
    """Precision and recall of the three tags, as cells."""
    return " | ".join(" / ".join(f"{rate:.1%}" for rate in run["precision and recall"][tag]) for tag in "EIN")


def _mean(found: Any) -> str:
    """Accuracy, and its spread over seeds where there are several."""
    spread = "" if found["std_over_seeds"] is None else f" ± {found['std_over_seeds']:.2%}"
    return f"{found['mean_accuracy']:.2%}{spread}"


def speech() -> list[str]:
    """A row a task and seed."""
    lines = ["| task | seed | result | training, one thread | parameters |", "|---|---|---|---|---|"]
    for name in ("digits", "strings"):
        found = _read(f"speech_{name}")
        for run in [] if found is None else found["runs"]:
            if name == "digits":
                task, said = "a digit a recording, classifier", f"accuracy {run['accuracy']:.2%}"
            else:
                task = "strings of 3 to 7 digits, transcriber"
                said = (
                    f"word error {run['word_error_rate']:.2%}, greedy {run['greedy_word_error_rate']:.2%}; "
                    f"{run['sentence_error_rate']:.1%} of the strings not wholly right"
                )
            lines.append(
                f"| {task} | {run['seed']} | {said} | {run['train_cpu_seconds']:.0f} s | {run['parameters']:,} |"
            )
    return lines


def _read(name: str) -> Any:
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None
