"""`ostinato train music`, and `evaluate` and `generate` of a music model."""

import json
import time
from pathlib import Path
from typing import Any

import click

from ostinato.cli.options import training
from ostinato.cli.settings import EstimatorCommand

PLACE = "ostinato.tasks.music.model:MusicModel"

_HELP = """Train a network on music: it foresees the notes of the next step, measures pieces and writes them.

\b
  ostinato train music chorales.json --out model
  ostinato generate model --out song.mid --length 64 --seed 1

FILE is JSON (.json, .json.gz): pieces as lists of steps of MIDI pitches, or an object of train, valid and test parts; a
MIDI file, or a folder of them (--step says how many quarter notes a step is; pip install 'ostinato[midi]'). Held out is
the part valid, --valid FILE, or a share. How often each note goes on or begins is measured beside the network. Ctrl-C
keeps what was learned so far; the same command with --resume goes on.
"""


@click.command("music", cls=EstimatorCommand, place=PLACE, help=_HELP, short_help=_HELP.partition(":")[0] + ".")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Folder for the model.")
@click.option("--valid", type=click.Path(path_type=Path), metavar="FILE", help="Held-out pieces.")
@click.option(
    "--step",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    metavar="QUARTERS",
    help="Quarter notes a step: MIDI is read and written so.",
)
@training
def train(
    file: Path,
    out: Path,
    valid: Path | None,
    step: float,
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
    """Train a network on music."""
    from ostinato.cli.columns import Rows
    from ostinato.cli.interruptible import REST, interruptible
    from ostinato.cli.outputs import checked, checkpoint_of
    from ostinato.cli.resuming import remember, seed_of
    from ostinato.cli.screen import emit, note, say, show
    from ostinato.report.table import facts
    from ostinato.tasks.music import MusicModel
    from ostinato.tasks.saving import size_bytes

    checked(out, force=force)
    checkpoint = checkpoint_of(out, resume=resume, force=force)
    if resume:
        seed = seed_of(checkpoint, seed)
    own: dict[str, Any] = {"n_threads": threads, "device": device, "checkpoint": str(checkpoint), "resume": resume}
    model = MusicModel(**settings, random_state=seed, verbose=0 if quiet else 1, **own)
    learn, held = _parts(file, valid, step, model, seed)
    about = {"file": file.name, "pieces": len(learn), "steps": sum(map(len, learn)), "held out": len(held)}
    if not quiet:
        note(f"{file}: {about['pieces']:,} pieces of {about['steps']:,} steps to learn from, {len(held):,} held out")
    if dry_run:
        told = {"would train": "MusicModel", "out": str(out), **about, **settings}
        say(told, as_json)
        return
    begun = time.perf_counter()
    with interruptible(checkpoint):
        remember(checkpoint, tuple(_rows(Rows(file.name), part) for part in (learn, held)), resume=resume)
        if not held:
            model.set_params(validation_fraction=None)
        model.fit(learn, held or None)
        seconds = time.perf_counter() - begun
        measured = _measured(model, learn, held)
        model.metrics_ = {**model.metrics_, **measured}
        model.set_params(**REST)
        model.save(out, {"data.json": json.dumps({"step": step}) + "\n"})
    result = {
        "task": "music",
        "model": str(out),
        "train_pieces": len(learn),
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
    said = {"model": str(out), "size": f"{result['size_bytes'] / 1e6:.2f} MB, {model.parameters_:,} parameters"}
    for name, title in (("held_out", "network"), ("held_out_counts", "counts of each note")):
        said |= {title: _words(measured[name])} if measured else {}
    show(facts({**said, "time": f"{seconds:.1f} s, {result['epochs']} epochs"}))
    if not quiet:
        note(f"next: ostinato generate {out} --out song.mid")


def evaluate_music(model: Any, folder: Path, file: Path, as_json: bool) -> None:
    """Measure a music model on the part test of a file, or on all that a file without parts holds."""
    from ostinato.cli.screen import emit, show
    from ostinato.data import read_music
    from ostinato.report.table import facts

    parts = read_music(file, step=_step(folder))
    found = model.evaluate(parts.get("test") or [piece for part in parts.values() for piece in part])
    if as_json:
        emit(found)
    else:
        show(facts({"pieces": f"{found['pieces']:,}", "steps": f"{found['steps']:,}", "foreseen": _words(found)}))


def generate_music(
    model: Any,
    folder: Path,
    out: Path | None,
    prompt: str,
    length: int,
    temperature: float,
    seed: int,
    *,
    as_json: bool,
) -> None:
    """Write a piece to a MIDI file, or its steps to stdout, a line each."""
    from ostinato.cli.screen import emit, note
    from ostinato.data import read_music
    from ostinato.data.midi import ENDINGS, write_midi

    step = _step(folder)
    if out is not None and out.suffix.lower() not in ENDINGS:
        raise click.UsageError(f"--out {out} is given, a name that ends in .mid is needed; rename it")
    begin = next(iter(read_music(prompt, step=step).values()))[0] if prompt else []
    piece = model.sample(length, prompt=begin, temperature=temperature, seed=seed)
    if out is not None:
        write_midi(out, piece, step=step)
        note(f"{out}: {len(piece):,} steps of {step:g} quarter notes")
    if as_json:
        emit({"steps": piece, "step": step, "seed": seed, "out": None if out is None else str(out)})
    elif out is None:
        for notes in piece:
            click.echo(" ".join(map(str, notes)))


def _parts(file: Path, valid: Path | None, step: float, model: Any, seed: int) -> tuple[list[Any], list[Any]]:
    """Pieces to learn from and pieces held out."""
    import numpy as np

    from ostinato._core.errors import DataError
    from ostinato.data import read_music
    from ostinato.tasks.held_out import hold_out, share

    parts = read_music(file, step=step)
    if "train" not in parts:
        raise DataError(f"{file}: has the parts {', '.join(parts)}, train is needed; name the pieces to learn from so")
    learn = parts["train"]
    if valid is not None:
        given = read_music(valid, step=step)
        return learn, given.get("valid") or given.get("train") or []
    if parts.get("valid"):
        return learn, parts["valid"]
    kept, out = hold_out(np.zeros(len(learn), np.int64), share(model.validation_fraction), seed)
    return [learn[i] for i in kept], [learn[i] for i in out]


def _rows(rows: Any, pieces: list[Any]) -> Any:
    """Pieces as rows, whose digest tells whether a training goes on with its own."""
    rows.values += [json.dumps(piece) for piece in pieces]
    rows.labels += [""] * len(pieces)
    return rows


def _measured(model: Any, learn: list[Any], held: list[Any]) -> dict[str, Any]:
    from ostinato.tasks.music import NoteCounts

    if not held:
        return {}
    counts = NoteCounts(model.pitches).fit(learn)
    return {"held_out": model.evaluate(held), "held_out_counts": counts.evaluate(held)}


def _step(folder: Path) -> float:
    """Quarter notes a step, as a model was trained."""
    remembered = folder / "data.json"
    saved = json.loads(remembered.read_text(encoding="utf-8")) if remembered.is_file() else {}
    return float(saved.get("step", 1.0))


def _words(found: dict[str, Any]) -> str:
    return f"{found['loss_nats']:.3f} nats a step, {found['accuracy']:.1%} of the notes, on {found['steps']:,} steps"
