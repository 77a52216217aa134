"""Rows with a label each."""

from collections import Counter
from pathlib import Path
from typing import Any

from ostinato._core.errors import DataError
from ostinato.cli.columns import Columns, Rows, known_labels, load
from ostinato.cli.ways.way import Outcome


class Classifying:
    """How classifiers are trained at the command line."""

    def load(self, path: Path, columns: Columns) -> Rows:
        """Read a file of labelled rows."""
        return load(path, columns)

    def check(self, rows: Rows, held: Rows | None) -> None:
        """Raise if there is one class alone, or a held-out label is none of those to learn."""
        enough_classes(rows)
        if held is not None:
            known_labels(held, sorted(set(rows.labels)), "the label")

    def names(self, columns: Columns) -> dict[str, str | None]:
        """The columns of texts or sequences and of labels."""
        return columns.names()

    def contents(self, rows: Rows) -> dict[str, str]:
        """The classes and how often each occurs."""
        from ostinato.report.counts import counted

        return {"classes": counted(rows.labels)}

    def measure(self, estimator: Any, held: Rows, about: dict[str, Any], columns: Columns) -> Outcome:
        """Accuracy, log-loss and who is taken for whom."""
        from ostinato.cli.writing import model_page

        measures, html = model_page(estimator, held, about, columns)
        found = measures.summary
        return Outcome(
            html,
            {**found, "classes": measures.per_class, "confusion": measures.confusion.tolist()},
            {"classes": measures.classes, **{f"valid_{name}": v for name, v in found.items() if name != "rows"}},
            {
                "accuracy": f"{found['accuracy']:.2%} of the held-out rows "
                f"(always the commonest class: {found['commonest_class_accuracy']:.2%})",
                "log-loss": f"{found['log_loss_nats']:.4f} nats",
            },
        )


def enough_classes(rows: Rows) -> None:
    """Raise if there is nothing to tell apart."""
    counts = Counter(rows.labels)
    if len(counts) < 2:
        raise DataError(
            f"{rows.name}: all {len(rows):,} rows have the label {rows.labels[0]!r}, at least 2 classes are needed; "
            "is --label the right column, or is the file sorted and --limit too small?"
        )
