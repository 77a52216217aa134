"""A comparison on the screen: what is being fitted, then a table."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from ostinato.cli.screen import note

_BEST: dict[str, Literal["highest", "lowest"]] = {"accuracy": "highest", "log_loss": "lowest"}
_NAMES = {"log_loss": "log-loss", "accuracy_spread": "±", "size_mb": "MB", "predict_ms": "ms/row"}
_DIGITS = {"seconds": 1, "size_mb": 2, "predict_ms": 2}


def contest(
    entrants: Mapping[str, Any],
    train: tuple[Any, Sequence[Any]],
    test: tuple[Any, Sequence[Any]],
    seeds: Iterable[int],
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Fit every entrant once a seed and measure it on the test rows, saying on stderr what is being fitted.

    Args:
        entrants: name -> estimator, not fitted.
        train: rows to learn from, and their labels.
        test: rows to measure on, and their labels.
        seeds: one run each.

    Returns:
        a row an entrant (model, accuracy, log_loss, seconds, predict_ms a row, parameters, size_mb; with several seeds
        the mean, and `accuracy_spread`), and the first seed's fitted estimator of each name.
    """
    from ostinato.tasks.compare import compare

    fitted: dict[str, Any] = {}
    found = compare(
        *train,
        entrants,
        X_test=test[0],
        y_test=test[1],
        seeds=seeds,
        announce=lambda what: note(f"fitting {what}"),
        keep=fitted.setdefault,
    )
    return [_row(one) for one in found], fitted


def as_table(rows: list[dict[str, Any]], title: str) -> Any:
    """Make the table of a contest, the best of each measure marked."""
    from ostinato.report.table import table

    return table(rows, title=title, best=_BEST, digits=_DIGITS, names=_NAMES)


def _row(found: Mapping[str, Any]) -> dict[str, Any]:
    """Choose what fits on a line, and units that are easy to read."""
    return {
        "model": found["name"],
        "accuracy": found["accuracy"],
        **({"accuracy_spread": found["accuracy_spread"]} if "accuracy_spread" in found else {}),
        "log_loss": found["log_loss_nats"],
        "seconds": round(found["train_seconds"], 3),
        "predict_ms": found["predict_ms_a_row"],
        "parameters": found["parameters"],
        "size_mb": None if found["size_bytes"] is None else found["size_bytes"] / 1e6,
    }
