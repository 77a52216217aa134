"""`ostinato train transcribe`: recordings and their texts become a model that writes what is said."""

import json
import sys
import time
from pathlib import Path
from typing import Any

import click

from ostinato.cli.columns import FORMATS, MISSING, Columns, Rows
from ostinato.cli.options import training
from ostinato.cli.settings import EstimatorCommand

PLACE = "ostinato.tasks.speech.model:Transcriber"

_HELP = """Train a transcriber on recordings and what is said in them.

\b
  ostinato train transcribe recordings/ --out model
  ostinato train transcribe recordings.csv --audio file --text said --out model
  ostinato transcribe model new.wav

FILE is a folder with one.wav and beside it one.txt, at any depth, or a table (CSV, TSV, JSON lines, Parquet) with a
column of files and one of texts. A share is held out, unless --valid names a folder or table; word and character error
rates are measured on it. Ctrl-C keeps what was learned so far; the same command with --resume goes on.
"""


@click.command("transcribe", cls=EstimatorCommand, place=PLACE, help=_HELP, short_help=_HELP.partition(".")[0] + ".")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Folder for the model.")
@click.option("--audio", default="audio", show_default=True, metavar="COLUMN", help="Column of files, in a table.")
@click.option("--text", default="text", show_default=True, metavar="COLUMN", help="Column of texts, in a table.")
@click.option("--valid", type=click.Path(path_type=Path), metavar="FILE", help="Held-out recordings; default: a share.")
@click.option("--format", type=click.Choice(FORMATS), help="Format of a table; default: from its name.")
@click.option("--encoding", metavar="NAME", default="utf-8", show_default=True, help="Encoding of the texts.")
@click.option(
    "--missing", type=click.Choice(MISSING), default="error", show_default=True, help="A recording without a text."
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Read at most so many recordings.")
@training
def train(
    file: Path,
    out: Path,
    audio: str,
    text: str,
    valid: Path | None,
    format: str | None,
    encoding: str,
    missing: str,
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
    """Train a transcriber on recordings and what is said in them."""
    from ostinato.cli.interruptible import REST, interruptible
    from ostinato.cli.outputs import checked, checkpoint_of
    from ostinato.cli.resuming import remember, seed_of
    from ostinato.cli.screen import emit, note, say, show
    from ostinato.report.table import facts
    from ostinato.tasks.saving import size_bytes
    from ostinato.tasks.speech import Transcriber

    checked(out, force=force)
    checkpoint = checkpoint_of(out, resume=resume, force=force)
    if resume:
        seed = seed_of(checkpoint, seed)
    how: dict[str, Any] = {"audio": audio, "text": text, "format": format, "encoding": encoding, "missing": missing}
    rows = recordings(file, limit=limit, **how)
    own: dict[str, Any] = {"n_threads": threads, "device": device, "checkpoint": str(checkpoint), "resume": resume}
    model = Transcriber(**settings, random_state=seed, verbose=0 if quiet else 1, **own)
    if valid is None:
        learn, held = _split(rows, model.validation_fraction, seed)
    else:
        learn, held = rows, recordings(valid, **how)
    if not quiet:
        note(f"{rows.name}: {len(learn):,} recordings to learn from, {len(held):,} held out")
    if dry_run:
        told = {"would train": "Transcriber", "out": str(out), "recordings": len(learn), **settings}
        say(told, as_json)
        return
    begun = time.perf_counter()
    with interruptible(checkpoint):
        remember(checkpoint, (learn, held), resume=resume)
        model.fit(learn.values, learn.labels, (held.values, held.labels))
        seconds = time.perf_counter() - begun
        measured = model.evaluate(held.values, held.labels)
        model.metrics_ = {**model.metrics_, "held_out": measured}
        model.set_params(**REST)
        model.save(out, {"data.json": json.dumps({"text": audio, "label": text}) + "\n"})
    result = {
        "task": "transcribe",
        "model": str(out),
        "train_recordings": len(learn),
        "train_audio_seconds": round(model.metrics_["train_audio_seconds"], 1),
        "vocabulary": model.metrics_["vocabulary"],
        "epochs": len(model.history_),
        "parameters": model.parameters_,
        "size_bytes": size_bytes(out),
        "seconds": round(seconds, 2),
        "held_out": measured,
    }
    if as_json:
        emit(result)
        return
    show(facts(_readable(result)))
    if not quiet:
        note(f"next: ostinato transcribe {out} FILE.wav; ostinato evaluate {out} FOLDER")


def recordings(file: Path, **how: Any) -> Rows:
    """Read which recordings there are, saying on stderr what was left out: files as values, texts as labels."""
    from ostinato.data import read_recordings

    found = read_recordings(file, **how)
    for remark in found.notes:
        print(f"note: {file}: {remark}", file=sys.stderr)
    return Rows(found.name, [str(path) for path in found.paths], found.texts, found.places, found.notes)


def _split(rows: Rows, fraction: float | None, seed: int) -> tuple[Rows, Rows]:
    import numpy as np

    from ostinato._core.errors import InputError
    from ostinato.tasks.held_out import hold_out, share

    learn, held = hold_out(np.zeros(len(rows), np.int64), share(fraction), seed)
    if not len(held):
        raise InputError(
            f"{rows.name}: of {len(rows)} recordings a share of {fraction} is none, one at least is needed to measure "
            "by; give more, a larger --validation-fraction, or --valid"
        )
    return rows.take(learn), rows.take(held)


def evaluate_speech(model: Any, file: Path, columns: Columns, as_json: bool) -> None:
    """Measure a transcriber on the recordings of a folder or a table."""
    from ostinato.cli.screen import emit, show
    from ostinato.report.table import facts

    rows = recordings(
        file,
        audio=columns.text or "audio",
        text=columns.label or "text",
        format=columns.format,
        encoding=columns.encoding or "utf-8",
        missing=columns.missing or "error",
        limit=columns.limit,
    )
    found = model.evaluate(rows.values, rows.labels)
    if as_json:
        emit(found)
    else:
        show(facts({"recordings": f"{found['rows']:,}, {found['words']:,} words", **measured_words(found)}))


def measured_words(found: dict[str, Any]) -> dict[str, str]:
    """What `Transcriber.evaluate` found, in words."""
    kinds = ", ".join(f"{found[name]} {name}" for name in ("substitutions", "insertions", "deletions"))
    return {
        "word error rate": f"{found['word_error_rate'] or 0:.2%} ({kinds})",
        "character error rate": f"{found['character_error_rate'] or 0:.2%}",
        "not wholly right": f"{found['sentence_error_rate']:.2%} of the recordings",
    }


def _readable(result: dict[str, Any]) -> dict[str, Any]:
    return {
        "model": result["model"],
        "size": f"{result['size_bytes'] / 1e6:.2f} MB, {result['parameters']:,} parameters",
        "sound": f"{result['train_recordings']:,} recordings, {result['train_audio_seconds'] / 60:.1f} minutes",
        **measured_words(result["held_out"]),
        "time": f"{result['seconds']:.1f} s, {result['epochs']} epochs",
    }
