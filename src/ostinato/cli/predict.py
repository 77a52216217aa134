"""`ostinato predict`: a label and its probability for each row of a file or of standard input."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from ostinato.cli.columns import Columns, chunks
from ostinato.cli.failure import one_line
from ostinato.cli.options import as_json, beam, columns, length_penalty
from ostinato.cli.screen import note
from ostinato.cli.ways import REGRESSORS

FORMS = ("conll", "json", "marked")
_ROWS = 512  # predicted together: memory stays small however long the file is


_HELP = """Predict a label for each row of a file or of stdin; of a tagger a tag a token, of a regressor a number.

\b
  echo 'A fine film.' | ostinato predict model
  ostinato predict model reviews.csv --text text > labels.tsv
  echo 'Kelly worked at Google.' | ostinato predict tagger --as marked

Standard input is a text a line, or JSON lines. Prints label, tab, probability, a line a row and in their order, but
none for a row that --missing skip leaves out; with --json an object a line with the probability of each class. A file
may be larger than the memory.

A tagger reads plain text, a sentence a line, or a file of columns, and what it was trained on: letters (DNA), numbers;
it prints columns, JSON lines, or on a terminal the text with its entities marked. A captioner reads JSON lines with a
column of numbers and prints a text a row. A language model prints the log-probability of each text in nats, the end
mark counted.
"""


@click.command(help=_HELP)
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True), default="-")
@columns
@click.option("--threads", type=click.IntRange(min=1), metavar="N", help="Threads; default: all cores.")
@beam
@length_penalty
@click.option("--as", "form", type=click.Choice(FORMS), help="What a tagger prints; default: marked on a terminal.")
@as_json
def predict(
    model: Path,
    file: Path,
    columns: Columns,
    threads: int | None,
    beam: int | None,
    length_penalty: float | None,
    form: str | None,
    as_json: bool,
) -> None:
    """Predict a label for each row of a file or of stdin."""
    from ostinato.cli.models import answered, is_tagger, open_model, other_verb, search_by

    if str(file) == "-" and sys.stdin.isatty():
        click.echo("reading texts from the terminal, one a line; Ctrl-D ends", err=True)
    loaded, wanted = open_model(model, columns, threads)
    other_verb(loaded, model, "predict")
    search_by(loaded, model, beam, length_penalty)
    if is_tagger(loaded):
        from ostinato.cli.tagged import predict_tags

        predict_tags(loaded, file, columns, wanted, "json" if as_json else form)
        return
    if loaded.task == "caption":
        from ostinato.cli.captions import predict_captions

        predict_captions(loaded, "-" if str(file) == "-" else file, wanted, as_json)
        return
    if form is not None:
        raise click.UsageError(f"--as {form} is given, {model} is no tagger; leave it out")
    if loaded.task == "lm":
        from ostinato.cli.language import predict_texts

        predict_texts(loaded, "-" if str(file) == "-" else file, wanted, as_json)
        return
    numbers = loaded.task in REGRESSORS
    classes = [] if numbers else [str(label) for label in loaded.classes_]
    examples = wanted.examples("-" if str(file) == "-" else file, labelled=False)
    for some in chunks(iter(examples), _ROWS):
        if numbers:
            sys.stdout.writelines(_numbers(answered(loaded.predict, some), as_json))
        else:
            sys.stdout.writelines(_lines(answered(loaded.predict_proba, some), classes, as_json))
        sys.stdout.flush()
    for remark in examples.notes:
        note(f"note: {file}: {remark}")


def _numbers(found: Any, as_json: bool) -> Iterator[str]:
    for value in found:
        yield (json.dumps({"value": float(value)}) if as_json else f"{value:.6g}") + "\n"


def _lines(found: Any, classes: list[str], as_json: bool) -> Iterator[str]:
    for row in found:
        best = int(row.argmax())
        if as_json:
            each = {name: round(float(p), 6) for name, p in zip(classes, row, strict=True)}
            said = {"label": classes[best], "probability": round(float(row[best]), 6), "probabilities": each}
            yield json.dumps(said, ensure_ascii=False) + "\n"
        else:
            yield f"{one_line(classes[best])}\t{row[best]:.4f}\n"
