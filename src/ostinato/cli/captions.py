"""`ostinato train caption`: vectors and their texts become a model that writes about vectors."""

import json
import sys
import time
from pathlib import Path
from typing import Any

import click

from ostinato.cli.columns import FORMATS, Columns
from ostinato.cli.options import training
from ostinato.cli.settings import EstimatorCommand

PLACE = "ostinato.tasks.captioning.model:Captioner"

_HELP = """Train a network to write a text about a vector of numbers.

\b
  ostinato train caption digits.jsonl --sequence pixels --label name --out model --tokenizer char
  ostinato predict model new.jsonl

FILE is JSON lines or Parquet with a column of numbers (--sequence), as many in each row, and one of texts (--label). A
share is held out, unless --valid names a file. Ctrl-C keeps what was learned so far; the same command with --resume
goes on.
"""


@click.command("caption", cls=EstimatorCommand, place=PLACE, help=_HELP, short_help=_HELP.partition(".")[0] + ".")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Folder for the model.")
@click.option("--sequence", default="features", show_default=True, metavar="COLUMN", help="Column of the numbers.")
@click.option("--label", default="caption", show_default=True, metavar="COLUMN", help="Column of the texts.")
@click.option("--valid", type=click.Path(path_type=Path), metavar="FILE", help="Held-out rows; default: a share.")
@click.option("--format", type=click.Choice(FORMATS), help="Format of the file; default: from its name.")
@click.option("--limit", type=click.IntRange(min=1), metavar="ROWS", help="Read at most so many rows.")
@training
def train(
    file: Path,
    out: Path,
    sequence: str,
    label: str,
    valid: Path | None,
    format: str | None,
    limit: int | None,
    settings: dict[str, Any],
    seed: int,
    threads: int | None,
    device: str,
    resume: bool,
    force: bool,
    dry_run: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Train a network to write a text about a vector of numbers."""
    from ostinato.cli.columns import load
    from ostinato.cli.interruptible import REST, interruptible
    from ostinato.cli.outputs import checked, checkpoint_of
    from ostinato.cli.resuming import remember, seed_of
    from ostinato.cli.screen import emit, note, say, show
    from ostinato.report.table import facts
    from ostinato.tasks.captioning import Captioner
    from ostinato.tasks.held_out import hold_out
    from ostinato.tasks.saving import size_bytes

    checked(out, force=force)
    checkpoint = checkpoint_of(out, resume=resume, force=force)
    if resume:
        seed = seed_of(checkpoint, seed)
    rows = load(file, Columns(sequence=sequence, label=label, format=format, limit=limit))
    own: dict[str, Any] = {"n_threads": threads, "device": device, "checkpoint": str(checkpoint), "resume": resume}
    model = Captioner(**settings, random_state=seed, verbose=0 if quiet else 1, **own)
    if valid is not None:
        learn, held = rows, load(valid, Columns(sequence=sequence, label=label, format=format))
    else:
        share = min(max(model.validation_fraction or 0.0, 0.0), 0.9)
        learn, held = (rows.take(part) for part in hold_out(_zeros(len(rows)), share, seed))
    about = {"file": rows.name, "rows": len(learn), "held out": len(held), "numbers a row": rows.values[0].size}
    if not quiet:
        note(f"{rows.name}: {about['rows']:,} rows to learn from, {about['held out']:,} held out")
    if dry_run:
        facts_of = {"would train": "Captioner", "out": str(out), **about, **settings}
        say(facts_of, as_json)
        return
    begun = time.perf_counter()
    with interruptible(checkpoint):
        remember(checkpoint, (learn, held), resume=resume)
        if not len(held):
            model.set_params(validation_fraction=None)
        model.fit(learn.values, learn.labels, (held.values, held.labels) if len(held) else None)
        seconds = time.perf_counter() - begun
        measured = {"held_out": model.evaluate(held.values, held.labels)} if len(held) else {}
        model.metrics_ = {**model.metrics_, **measured}
        model.set_params(**REST)
        model.save(out, {"data.json": json.dumps({"sequence": sequence, "label": label}) + "\n"})
    result = {
        "task": "caption",
        "model": str(out),
        "train_rows": len(learn),
        "vocabulary": model.metrics_["target_vocabulary"],
        "epochs": len(model.history_),
        "parameters": model.parameters_,
        "size_bytes": size_bytes(out),
        "seconds": round(seconds, 2),
        **measured,
    }
    if as_json:
        emit(result)
        return
    said = {"model": str(out), "size": f"{result['size_bytes'] / 1e6:.2f} MB, {model.parameters_:,} parameters"}
    show(facts({**said, **(words(measured["held_out"]) if measured else {}), "time": f"{seconds:.1f} s"}))


def evaluate_captions(model: Any, file: Path, columns: Columns, as_json: bool) -> None:
    """Measure a captioner on the rows of a file."""
    from ostinato.cli.columns import load
    from ostinato.cli.screen import emit, show
    from ostinato.report.table import facts

    rows = load(file, columns)
    found = model.evaluate(rows.values, rows.labels)
    if as_json:
        emit(found)
    else:
        show(facts(words(found)))


def predict_captions(model: Any, file: Any, columns: Columns, as_json: bool) -> None:
    """Print a text a row."""
    from ostinato.cli.columns import chunks

    for some in chunks(iter(columns.examples(file, labelled=False)), 512):
        for best in model.candidates([example.value for example in some]):
            if as_json:
                told = {"caption": best[0].text, "log_probability_nats": best[0].log_probability}
                sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
            else:
                sys.stdout.write(" ".join(best[0].text.split("\n")) + "\n")
        sys.stdout.flush()


def words(found: dict[str, Any]) -> dict[str, str]:
    """What `Captioner.evaluate` found, in words."""
    return {
        "exact": f"{found['exact']:.2%} of {found['rows']:,} texts are written to the letter",
        "chrF": f"{found['chrf']:.2f} ({found['chrf_signature']})",
        "perplexity": f"{found['perplexity']:.2f}, {found['loss_nats']:.4f} nats a token",
    }


def _zeros(rows: int) -> Any:
    import numpy as np

    return np.zeros(rows, np.int64)
