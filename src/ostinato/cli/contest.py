"""Several models on the same rows: fitted, timed, weighed, and measured on rows none of them has seen."""

import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ostinato.cli.screen import note

_BEST: dict[str, Literal["highest", "lowest"]] = {"accuracy": "highest", "log_loss": "lowest"}
_NAMES = {"log_loss": "log-loss", "accuracy_spread": "±", "size_mb": "MB"}
_DIGITS = {"seconds": 1, "size_mb": 2}

# what is entered: a name, and a function from a seed to an estimator that is not fitted yet
Entrants = dict[str, Callable[[int], Any]]
# the rows and their labels
Rows = tuple[Any, Sequence[Any]]


def contest(
    entrants: Entrants, train: Rows, test: Rows, seeds: Iterable[int]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Fit every entrant once a seed and measure it on the test rows.

    Args:
        entrants: name -> seed -> estimator.
        train: rows to learn from; an estimator that needs a held-out part takes it from these.
        test: rows to measure on, used once a fitted model.
        seeds: one run each; a model that draws nothing is run with each too, so that its spread says so.

    Returns:
        a row a model (model, accuracy, log_loss, seconds, parameters, size_mb; with several seeds the mean, and
        `accuracy_spread`, the sample standard deviation), and the first seed's fitted estimator of each name.
    """
    numbers = list(seeds)
    rows: list[dict[str, Any]] = []
    fitted: dict[str, Any] = {}
    for name, make in entrants.items():
        runs = []
        for seed in numbers:
            note(f"fitting {name}" + (f", seed {seed}" if len(numbers) > 1 else ""))
            estimator = make(seed)
            begun = time.perf_counter()
            estimator.fit(*train)
            seconds = time.perf_counter() - begun
            runs.append({**measured(estimator, test), "seconds": seconds, **weighed(estimator)})
            fitted.setdefault(name, estimator)
        rows.append({"model": name, **_together(runs)})
    return rows, fitted


def as_table(rows: list[dict[str, Any]], title: str) -> Any:
    """Make the table of a contest, the best of each measure marked."""
    from ostinato.report.table import table

    return table(rows, title=title, best=_BEST, digits=_DIGITS, names=_NAMES)


def measured(estimator: Any, test: Rows) -> dict[str, float]:
    """Return accuracy and log-loss of a fitted estimator on test rows."""
    from ostinato.report.measures import measure

    found = measure(test[1], estimator.predict_proba(test[0]), estimator.classes_.tolist()).summary
    return {"accuracy": found["accuracy"], "log_loss": found["log_loss_nats"]}


def weighed(estimator: Any) -> dict[str, Any]:
    """Return how many numbers an estimator has learned, and how large its folder is."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model"
        estimator.save(path)
        return {"parameters": int(estimator.parameters_), "size_mb": size(path) / 1e6}


def size(folder: Path) -> int:
    """Return the bytes of the files in a folder."""
    return sum(file.stat().st_size for file in folder.iterdir())


def _together(runs: list[dict[str, Any]]) -> dict[str, Any]:
    if len(runs) == 1:
        return runs[0]
    mean = {key: float(np.mean([run[key] for run in runs])) for key in runs[0]}
    spread = float(np.std([run["accuracy"] for run in runs], ddof=1))
    return {
        "accuracy": mean.pop("accuracy"),
        "accuracy_spread": spread,
        **mean,
        "parameters": round(mean["parameters"]),
    }
