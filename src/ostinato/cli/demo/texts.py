"""A demo on texts: the network and bags of words or letters, a table, a picture, and the model with its page."""

from pathlib import Path
from typing import Any

from ostinato.cli.columns import Columns, Rows
from ostinato.cli.contest import contest
from ostinato.cli.demo.shown import Shown
from ostinato.cli.entrants import entrants
from ostinato.cli.screen import note
from ostinato.cli.writing import model_page


def text_contest(
    train: Rows, test: Rows, out: Path, *, name: str, settings: dict[str, Any], letters: bool, seed: int
) -> Shown:
    """Fit everything to the training rows and measure it once on the test rows.

    Args:
        train: rows to learn from.
        test: rows to measure on.
        out: folder of the pictures.
        name: of the demo; begins the files' names.
        settings: of the network.
        letters: whether texts are read by letters.
        seed: of everything drawn.
    """
    from ostinato.report.counts import counted
    from ostinato.report.curves import learning_curve

    note(f"{len(train):,} rows to learn from, {len(test):,} to measure on")
    models = entrants(numeric=False, settings={**settings, "verbose": 1}, letters=letters)
    rows, fitted = contest(models, (train.values, train.labels), (test.values, test.labels), [seed])
    network = next(iter(fitted.values()))
    about = {"file": train.name, "rows": len(train), "measured on": len(test), "classes": counted(train.labels)}
    files = {
        f"{name}_learning.png": learning_curve(network.history_),
        f"{name}_report.html": model_page(network, test, about, Columns())[1].encode(),
    }
    for file, content in files.items():
        (out / file).write_bytes(content)
    best = max(rows, key=lambda row: float(row["accuracy"]))
    remark = f"{best['model']} is right most often here: {best['accuracy']:.2%} of {len(test):,} rows."
    return Shown(f"{len(test):,} rows that no model has learned from", rows, remark, [out / file for file in files])
