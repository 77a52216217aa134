"""`ostinato evaluate`: how well a saved model does on labelled rows it has not seen."""

from pathlib import Path
from typing import Any

import click

from ostinato.cli.columns import Columns, Rows, chunks
from ostinato.cli.options import as_json, beam, columns, length_penalty
from ostinato.cli.ways import REGRESSORS

_ROWS = 2048
_NAMES = {"log_loss_nats": "log-loss (nats)", "roc_auc": "ROC AUC"}
_MATRIX = 12  # a terminal has no room for a larger confusion matrix


_HELP = """Measure MODEL on the labelled rows of FILE.

\b
  ostinato evaluate model test.csv

Columns are those of the training file unless they are named. Prints accuracy, log-loss and F1, then each class, and
which class is taken for which. Of a tagger: precision, recall and F1 of entities, as conlleval has them, or of plain
labels. Of a regressor: R² and errors. Of a language model FILE is a text, and its perplexity is printed; of a music
model it is JSON or MIDI, and what is printed is nats a step (of the part test, where there is one).
Of a translator FILE has two columns (--text and --label), or is a file of lines and --references another; BLEU and chrF
are printed with their signatures. Of a transcriber FILE is a folder or a table of recordings, as in training.
"""


@click.command(help=_HELP)
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("file", type=click.Path(path_type=Path))
@columns
@click.option("--references", type=click.Path(path_type=Path), metavar="FILE", help="Translations of FILE's lines.")
@click.option(
    "--dynamic",
    type=click.FloatRange(min=0, min_open=True),
    metavar="RATE",
    help="Let a language model learn on from what it has read, at this rate.",
)
@beam
@length_penalty
@click.option("--threads", type=click.IntRange(min=1), metavar="N", help="Threads; default: all cores.")
@as_json
def evaluate(
    model: Path,
    file: Path,
    columns: Columns,
    references: Path | None,
    dynamic: float | None,
    beam: int | None,
    length_penalty: float | None,
    threads: int | None,
    as_json: bool,
) -> None:
    """Measure MODEL on the labelled rows of FILE."""
    from ostinato.cli.columns import known_labels, load
    from ostinato.cli.models import is_tagger, open_model, other_verb, search_by
    from ostinato.cli.screen import emit, show
    from ostinato.report.table import facts, table
    from ostinato.tasks.evaluate import measure

    loaded, wanted = open_model(model, columns, threads)
    other_verb(loaded, model, "evaluate")
    search_by(loaded, model, beam, length_penalty)
    if loaded.task == "lm":
        from ostinato.cli.language import evaluate_text

        evaluate_text(loaded, file, columns.encoding or "utf-8", dynamic, as_json)
        return
    if dynamic is not None:
        raise click.UsageError(f"--dynamic {dynamic:g} is given, {model} is no language model; leave it out")
    if is_tagger(loaded):
        from ostinato.cli.tagged import evaluate_tags

        evaluate_tags(loaded, file, wanted, as_json)
        return
    if loaded.task in REGRESSORS:
        _numbers(loaded, file, wanted, as_json)
        return
    if loaded.task == "music":
        from ostinato.cli.music import evaluate_music

        evaluate_music(loaded, model, file, as_json)
        return
    if loaded.task == "translate":
        from ostinato.cli.translation import evaluate_pairs

        evaluate_pairs(loaded, file, references, wanted, as_json)
        return
    if loaded.task == "caption":
        from ostinato.cli.captions import evaluate_captions

        evaluate_captions(loaded, file, wanted, as_json)
        return
    if loaded.task == "transcribe":
        from ostinato.cli.speech import evaluate_speech

        evaluate_speech(loaded, file, wanted, as_json)
        return
    rows = load(file, wanted)
    classes = [str(label) for label in loaded.classes_.tolist()]
    known_labels(rows, classes, f"column {wanted.names()['label']!r}")
    found = measure(rows.labels, _predicted(loaded, rows), classes)
    if as_json:
        emit({**found.summary, "classes": found.per_class, "confusion": found.confusion.tolist()})
        return
    figures = {_NAMES.get(name, name): value for name, value in found.summary.items() if value is not None}
    show(facts(figures), table(found.per_class))
    if len(classes) <= _MATRIX:
        matrix = [
            {"true class": name, **{f"as {other}": int(n) for other, n in zip(classes, line, strict=True)}}
            for name, line in zip(classes, found.confusion, strict=True)
        ]
        show(table(matrix))


def _predicted(model: Any, rows: Rows) -> Any:
    import numpy as np

    from ostinato.cli.models import answered
    from ostinato.data import Example

    examples = (Example(v, c, p) for v, c, p in zip(rows.values, rows.labels, rows.places, strict=True))
    return np.concatenate([answered(model.predict_proba, some) for some in chunks(examples, _ROWS)])


def _numbers(model: Any, file: Path, columns: Columns, as_json: bool) -> None:
    import numpy as np

    from ostinato.cli.screen import emit, show
    from ostinato.cli.ways.regressing import Regressing, errors
    from ostinato.report.table import facts

    rows = Regressing().load(file, columns)
    found = {"rows": len(rows), **errors(np.asarray(rows.labels), model.predict(rows.values))}
    if as_json:
        emit(found)
    else:
        show(facts(found))
