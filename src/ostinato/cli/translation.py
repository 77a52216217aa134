"""`ostinato train translate`: pairs of sentences become a model that writes the second from the first."""

import json
import sys
import time
from pathlib import Path
from typing import Any

import click

from ostinato.cli.columns import FORMATS, MISSING, Columns, Rows
from ostinato.cli.options import training
from ostinato.cli.settings import EstimatorCommand
from ostinato.cli.signature import keys

PLACE = "ostinato.tasks.translation.model:Translator"
_PRESETS = "ostinato.tasks.translation.presets:PRESETS"

_HELP = """Train a translator on pairs of sentences.

\b
  ostinato train translate pairs.tsv --source en --target de --out model
  ostinato train translate --source train.en --target train.de --out model
  echo "A dog runs." | ostinato translate model

FILE is TSV, CSV, JSON lines or Parquet with a column of sentences (--source) and one of their translations (--target);
without FILE these are two files of lines (each may end in .gz). A share is held out, unless --valid, or --valid-source
and --valid-target, name files; BLEU and chrF are measured on it. Ctrl-C keeps what was learned so far; the same command
with --resume goes on.
"""


@click.command("translate", cls=EstimatorCommand, place=PLACE, help=_HELP, short_help=_HELP.partition(".")[0] + ".")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Folder for the model.")
@click.option("--source", default="source", show_default=True, metavar="NAME", help="Column, or file, of sentences.")
@click.option("--target", default="target", show_default=True, metavar="NAME", help="Column, or file, of translations.")
@click.option("--valid", type=click.Path(path_type=Path), metavar="FILE", help="Held-out pairs; default: a share.")
@click.option("--valid-source", type=click.Path(path_type=Path), metavar="FILE", help="Held-out sentences, one a line.")
@click.option("--valid-target", type=click.Path(path_type=Path), metavar="FILE", help="Their translations.")
@click.option("--format", type=click.Choice(FORMATS), help="Format of FILE; default: from its name.")
@click.option("--encoding", metavar="NAME", default="utf-8", show_default=True, help="Encoding of the text.")
@click.option(
    "--missing", type=click.Choice(MISSING), default="error", show_default=True, help="A pair without a half."
)
@click.option("--limit", type=click.IntRange(min=1), metavar="PAIRS", help="Read at most so many pairs.")
@click.option("--preset", type=click.Choice(keys(_PRESETS)), help="Settings that go together; single ones win.")
@training
def train(
    file: Path | None,
    out: Path,
    source: str,
    target: str,
    valid: Path | None,
    valid_source: Path | None,
    valid_target: Path | None,
    format: str | None,
    encoding: str,
    missing: str,
    limit: int | None,
    preset: str | None,
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
    """Train a translator on pairs of sentences."""
    from ostinato.cli.interruptible import REST, interruptible
    from ostinato.cli.outputs import checked, checkpoint_of
    from ostinato.cli.resuming import remember, seed_of
    from ostinato.cli.screen import emit, note, say, show
    from ostinato.report.table import facts
    from ostinato.tasks.saving import size_bytes
    from ostinato.tasks.translation import Translator
    from ostinato.tasks.translation.presets import preset as preset_of

    if (valid_source is None) != (valid_target is None):
        raise click.UsageError("--valid-source and --valid-target are needed together; give both, or --valid FILE")
    checked(out, force=force)
    checkpoint = checkpoint_of(out, resume=resume, force=force)
    if resume:
        seed = seed_of(checkpoint, seed)
    how: dict[str, Any] = {"format": format, "encoding": encoding, "missing": missing}
    rows = pairs(file, source, target, **how, limit=limit)
    given = None
    if valid is not None:
        given = pairs(valid, source, target, **how)
    elif valid_source is not None:
        given = pairs(None, str(valid_source), str(valid_target), **how)
    own: dict[str, Any] = {"n_threads": threads, "device": device, "checkpoint": str(checkpoint), "resume": resume}
    chosen: dict[str, Any] = {**(preset_of(preset) if preset else {}), **settings}
    model = Translator(**chosen, random_state=seed, verbose=0 if quiet else 1, **own)
    held_given = None if given is None else (given.values, given.labels)
    learn, held = model.parts(rows.values, rows.labels, held_given)
    about = {"file": rows.name, "pairs": len(learn.sources), "held out": 0 if held is None else len(held.sources)}
    if not quiet:
        note(f"{rows.name}: {about['pairs']:,} pairs to learn from, {about['held out']:,} held out")
    if dry_run:
        facts_of = {"would train": "Translator", "out": str(out), **about, **chosen}
        say(facts_of, as_json)
        return
    begun = time.perf_counter()
    with interruptible(checkpoint):
        remember(checkpoint, (rows, given or Rows("")), resume=resume)
        model.fit(rows.values, rows.labels, held_given)
        seconds = time.perf_counter() - begun
        measured = {} if held is None else {"held_out": model.evaluate(*held)}
        model.metrics_ = {**model.metrics_, **measured}
        model.set_params(**REST)
        columns = {"text": source, "label": target} if file is not None else {}
        model.save(out, {"data.json": json.dumps(columns) + "\n"})
    result = {
        "task": "translate",
        "model": str(out),
        "train_pairs": model.metrics_["train_pairs"],
        "too_long_pairs": model.metrics_["too_long_pairs"],
        "train_tokens": model.metrics_["train_tokens"],
        "vocabulary": model.metrics_["target_vocabulary"],
        "epochs": len(model.history_),
        "best_epoch": model.history_.best_epoch,
        "parameters": model.parameters_,
        "size_bytes": size_bytes(out),
        "seconds": round(seconds, 2),
        **measured,
    }
    if as_json:
        emit(result)
        return
    show(facts(_readable(result)))
    if not quiet:
        note(f"next: echo {learn.sources[0][:40]!r} | ostinato translate {out}")


def pairs(file: Path | None, source: str, target: str, *, limit: int | None = None, **how: Any) -> Rows:
    """Read pairs of sentences, saying on stderr what was left out: sources as values, targets as labels."""
    from ostinato.data import read_parallel

    name = f"{Path(source).name}, {Path(target).name}" if file is None else file.name
    found = read_parallel(file, source=source, target=target, limit=limit, **how)
    for remark in found.notes:
        print(f"note: {name}: {remark}", file=sys.stderr)
    return Rows(name, list(found.sources), list(found.targets), found.places, found.notes)


def _readable(result: dict[str, Any]) -> dict[str, Any]:
    """Return the summary in words."""
    shown = {
        "model": result["model"],
        "size": f"{result['size_bytes'] / 1e6:.2f} MB, {result['parameters']:,} parameters",
        "text": f"{result['train_pairs']:,} pairs, {result['train_tokens']:,} target tokens, "
        f"a vocabulary of {result['vocabulary']:,}",
    }
    if result["too_long_pairs"]:
        shown["left out"] = f"{result['too_long_pairs']:,} pairs longer than --max-length"
    if "held_out" in result:
        shown |= measured_words(result["held_out"])
    shown["time"] = f"{result['seconds']:.1f} s, {result['epochs']} epochs"
    return shown


def measured_words(found: dict[str, Any]) -> dict[str, str]:
    """What `Translator.evaluate` found, in words."""
    return {
        "BLEU": f"{found['bleu']:.2f} on {found['pairs']:,} pairs ({found['bleu_signature']})",
        "chrF": f"{found['chrf']:.2f} ({found['chrf_signature']})",
        "perplexity": f"{found['perplexity']:.2f}, {found['loss_nats']:.4f} nats a target token",
    }


def evaluate_pairs(model: Any, file: Path, references: Path | None, columns: Columns, as_json: bool) -> None:
    """Measure a translator on the pairs of a file, or of two files of lines."""
    from ostinato.cli.screen import emit, show
    from ostinato.report.table import facts

    how: dict[str, Any] = {"encoding": columns.encoding or "utf-8", "missing": columns.missing or "error"}
    if references is not None:
        rows = pairs(None, str(file), str(references), **how, limit=columns.limit)
    else:
        names = (columns.text or "source", columns.label or "target")
        rows = pairs(file, *names, format=columns.format, **how, limit=columns.limit)
    found = model.evaluate(rows.values, rows.labels)
    if as_json:
        emit(found)
    else:
        show(facts(measured_words(found)))
