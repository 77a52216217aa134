"""`ostinato evaluate`: how well a saved model does on labelled rows it has not seen."""

from pathlib import Path
from typing import Any

import click

from ostinato.cli.columns import Columns, Rows, chunks
from ostinato.cli.options import as_json, columns

_ROWS = 2048
_MATRIX = 12  # a terminal has no room for a larger confusion matrix


_HELP = """Measure MODEL on the labelled rows of FILE.

\b
  ostinato evaluate model test.csv

Columns are those of the training file unless they are named. Prints accuracy, log-loss and F1, then each class, and
which class is taken for which.
"""


@click.command(help=_HELP)
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("file", type=click.Path(path_type=Path))
@columns
@click.option("--threads", type=click.IntRange(min=1), metavar="N", help="Threads; default: all cores.")
@as_json
def evaluate(model: Path, file: Path, columns: Columns, threads: int | None, as_json: bool) -> None:
    """Measure MODEL on the labelled rows of FILE."""
    from ostinato.cli.columns import known_labels, load
    from ostinato.cli.models import open_model
    from ostinato.cli.screen import emit, show
    from ostinato.report.measures import measure
    from ostinato.report.table import facts, table

    loaded, wanted = open_model(model, columns, threads)
    rows = load(file, wanted)
    classes = loaded.classes_.tolist()
    known_labels(rows, [str(label) for label in classes], f"column {wanted.names()['label']!r}")
    found = measure(rows.labels, _predicted(loaded, rows), [str(label) for label in classes])
    if as_json:
        emit({**found.summary, "classes": found.per_class, "confusion": found.confusion.tolist()})
        return
    summary = {name.replace("log_loss_nats", "log-loss (nats)"): value for name, value in found.summary.items()}
    show(facts(summary), table(found.per_class))
    if len(classes) <= _MATRIX:
        matrix = [
            {"true class": name, **{f"as {other}": int(n) for other, n in zip(found.classes, line, strict=True)}}
            for name, line in zip(found.classes, found.confusion, strict=True)
        ]
        show(table(matrix))


def _predicted(model: Any, rows: Rows) -> Any:
    import numpy as np

    from ostinato.cli.models import probabilities
    from ostinato.data import Example

    examples = (Example(v, c, p) for v, c, p in zip(rows.values, rows.labels, rows.places, strict=True))
    return np.concatenate([probabilities(model, some) for some in chunks(examples, _ROWS)])
