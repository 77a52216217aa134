"""Rows with a number each."""

import math
from pathlib import Path
from typing import Any

from ostinato._core.errors import DataError
from ostinato.cli.columns import Columns, Rows, load
from ostinato.cli.ways.way import Outcome


class Regressing:
    """How regressors are trained at the command line."""

    def load(self, path: Path, columns: Columns) -> Rows:
        """Read a file of rows; a label that is no number is named."""
        rows = load(path, columns)
        rows.labels = [_number(label, place) for label, place in zip(rows.labels, rows.places, strict=True)]
        return rows

    def check(self, rows: Rows, held: Rows | None) -> None:
        """Raise if all numbers are alike."""
        if min(rows.labels) == max(rows.labels):
            raise DataError(
                f"{rows.name}: all {len(rows):,} rows have the number {rows.labels[0]:g}, at least 2 are needed; "
                "is --label the right column?"
            )

    def names(self, columns: Columns) -> dict[str, str | None]:
        """The columns of texts or sequences and of numbers."""
        return columns.names()

    def contents(self, rows: Rows) -> dict[str, str]:
        """The range of the numbers."""
        return {"numbers": f"numbers from {min(rows.labels):g} to {max(rows.labels):g}"}

    def measure(self, estimator: Any, held: Rows, about: dict[str, Any], columns: Columns) -> Outcome:
        """R², mean absolute and root mean squared error."""
        import numpy as np

        from ostinato.cli.writing import write_page
        from ostinato.tasks.evaluate import Measures

        summary = errors(np.asarray(held.labels), estimator.predict(held.values))
        measures = Measures({"rows": len(held), **summary}, [], [], np.zeros((0, 0), np.int64), [])
        html = write_page(estimator, measures, held, about, self.names(columns), [])
        said = {
            "R²": f"{summary['r2']:.4f} on the held-out rows (always their mean: 0)",
            "errors": f"mean absolute {summary['mae']:.4g}, root mean squared {summary['rmse']:.4g}",
        }
        return Outcome(html, measures.summary, {f"valid_{name}": value for name, value in summary.items()}, said)


def errors(truth: Any, guess: Any) -> dict[str, float]:
    """R², mean absolute and root mean squared error."""
    from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

    return {
        "r2": float(r2_score(truth, guess)) if len(truth) > 1 else math.nan,
        "mae": float(mean_absolute_error(truth, guess)),
        "rmse": float(root_mean_squared_error(truth, guess)),
    }


def _number(label: Any, place: str) -> float:
    try:
        value = float(label)
    except (TypeError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise DataError(f"{place}: the label is {label!r}, a number is needed; correct it, or is it another column?")
    return value
