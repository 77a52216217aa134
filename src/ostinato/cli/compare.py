"""`ostinato compare`: the recurrent network beside the simple models, on the same rows."""

from pathlib import Path
from typing import Any

import click

from ostinato.cli.columns import Columns
from ostinato.cli.options import as_json, columns, machine, preset
from ostinato.cli.settings import EstimatorCommand
from ostinato.cli.train import TRAINED

_TEST = 0.2


_HELP = """Measure the network and the simple models side by side.

\b
  ostinato compare reviews.csv --text text --label label --test test.csv --seeds 3

All are fitted to the same rows of FILE. Each model takes the rows it needs for stopping or choosing from these; the
test rows are used once a fitted model. A file of tagged sentences (CoNLL) compares taggers; of the settings those count
that SequenceTagger has.
"""


@click.command(cls=EstimatorCommand, place=TRAINED["classify"], help=_HELP)
@click.argument("file", type=click.Path(path_type=Path))
@columns
@click.option("--test", type=click.Path(path_type=Path), metavar="FILE", help="Rows to measure on; default: a fifth.")
@click.option(
    "--seeds", type=click.IntRange(min=1), default=1, show_default=True, help="Runs; mean and spread are shown."
)
@preset
@machine
@as_json
def compare(
    file: Path,
    columns: Columns,
    test: Path | None,
    seeds: int,
    seed: int,
    threads: int | None,
    device: str,
    settings: dict[str, Any],
    as_json: bool,
) -> None:
    """Measure the network and the simple models side by side."""
    from ostinato.cli.columns import known_labels, load
    from ostinato.cli.contest import as_table, contest
    from ostinato.cli.entrants import entrants
    from ostinato.cli.holding import held_out
    from ostinato.cli.screen import emit, note, show
    from ostinato.cli.ways.classifying import enough_classes
    from ostinato.cli.ways.tagging import is_tagged

    if is_tagged(file, columns.format):
        from ostinato.cli.tagged import compare_tags

        machine = {"n_threads": threads, "device": device, "verbose": 1}
        compare_tags(file, test, columns, settings, range(seed, seed + seeds), machine, as_json)
        return
    rows = load(file, columns)
    enough_classes(rows)
    learn, measure = (rows, load(test, columns)) if test else held_out(rows, _TEST, seed, "--test")
    known_labels(measure, sorted(set(learn.labels)), "the label")
    note(f"{len(learn):,} rows to learn from, {len(measure):,} to measure on")
    models = entrants(
        numeric=columns.sequence is not None,
        settings={**settings, "n_threads": threads, "device": device, "verbose": 1},
        letters=settings.get("tokenizer") == "char",
    )
    pairs = (learn.values, learn.labels), (measure.values, measure.labels)
    found, _ = contest(models, *pairs, range(seed, seed + seeds))
    if as_json:
        emit({"train_rows": len(learn), "test_rows": len(measure), "seeds": seeds, "models": found})
        return
    show(as_table(found, f"{len(measure):,} rows of {measure.name} that no model has learned from"))
