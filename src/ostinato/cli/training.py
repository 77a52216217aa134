"""What every verb of `train` does: read, split, fit, measure on the held-out rows, write, and say so."""

import json
import shutil
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from ostinato._core.errors import DataError, InputError
from ostinato.cli.columns import Columns, Rows
from ostinato.cli.failure import Interrupted
from ostinato.cli.holding import held_out
from ostinato.cli.outputs import checked, checkpoint_of
from ostinato.cli.resuming import is_kept, remember, seed_of, tidy
from ostinato.cli.screen import note, say
from ostinato.cli.signature import arguments
from ostinato.cli.ways import Outcome, Way, way_of

_HELD_OUT = 0.1
_REST = {
    "checkpoint": None,
    "resume": False,
    "verbose": 0,
    "n_threads": None,
    "embedding": None,
}  # of this run, not of the model


def train_on_file(
    verb: str,
    place: str,
    *,
    settings: dict[str, Any],
    file: Path,
    out: Path,
    columns: Columns,
    valid: Path | None,
    seed: int,
    force: bool,
    dry_run: bool,
    quiet: bool,
    as_json: bool,
    threads: int | None = None,
    device: str = "cpu",
    resume: bool = False,
    embedding: Path | None = None,
) -> None:
    """Train an estimator on a file and write it to a folder; see `ostinato train VERB --help` for the arguments."""
    from ostinato.tasks.saving import size_bytes

    module, _, name = place.partition(":")
    checked(out, force=force)
    checkpoint = checkpoint_of(out, resume=resume, force=force)
    if resume:
        seed = seed_of(checkpoint, seed)
    way, columns = way_of(verb), columns.written_out(file)
    rows = way.load(file, columns)
    given = way.load(valid, columns) if valid else None
    way.check(rows, given)
    own = {
        "random_state": seed,
        "n_threads": threads,
        "device": device,
        "verbose": 0 if quiet else 1,
        "checkpoint": str(checkpoint),
        "resume": resume,
        **({} if embedding is None else {"embedding": _vectors(embedding)}),
    }
    known = {argument.name for argument in arguments(place)}
    make = getattr(import_module(module), name)
    estimator = make(**settings, **{key: value for key, value in own.items() if key in known})
    for part in (rows, given):
        _check_letters(estimator, part)
    learn, held = _split(rows, given, getattr(estimator, "validation_fraction", _HELD_OUT), seed)
    about = _about(file, rows, learn, held, way)
    if not quiet:
        inside = ", ".join(way.contents(rows).values())
        note(f"{file}: {about['rows']:,} rows, {inside}; {len(learn):,} to learn from, {len(held):,} held out")
    if dry_run:
        say({"would train": name, "out": str(out), **about, **settings}, as_json)
        return
    begun = time.perf_counter()
    try:
        if "checkpoint" in known:
            remember(checkpoint, (learn, held), resume=resume)
        _fit(estimator, learn, held)
        seconds = time.perf_counter() - begun
        outcome = way.measure(estimator, held, about, columns)
        result = _write(estimator, out, {**way.names(columns), **about}, outcome, (learn, held), verb)
    except KeyboardInterrupt:
        raise Interrupted(_kept(checkpoint)) from None
    finally:
        tidy(checkpoint)
    with suppress(FileNotFoundError):
        shutil.rmtree(checkpoint)
    if embedding is not None:
        result["embedding_coverage"] = coverage = estimator.embedding_coverage_
        if not quiet:
            note(f"{embedding}: {coverage:.1%} of the vocabulary began with its vector")
    result |= {"seconds": round(seconds, 2), "size_bytes": size_bytes(out), "model": str(out)}
    say(result if as_json else _readable(result, outcome, out), as_json)
    if not as_json and not quiet:
        column = next((f" --{key} {value}" for key, value in way.names(columns).items() if value), "")
        note(f"next: ostinato evaluate {out} FILE; ostinato predict {out} FILE{column}; open {out / 'report.html'}")


def _vectors(file: Path) -> Any:
    from ostinato.vectors import KeyedVectors

    return KeyedVectors.load(file)


def _check_letters(estimator: Any, rows: Rows | None) -> None:
    """Raise if a sequence that is read as DNA has another letter, or letters with a tag each are read as words.

    Only here the place in the file is known.
    """
    from ostinato.tasks import Tagger
    from ostinato.text import base_shares

    tokenizer = getattr(estimator, "tokenizer", None)
    if rows is None:
        return
    if isinstance(estimator, Tagger) and tokenizer == "word" and isinstance(rows.values[0], str):
        raise DataError(
            f"{rows.places[0]}: a text with a tag a letter, a list of tokens is needed to read words; "
            "say --tokenizer char, or of DNA dna"
        )
    if tokenizer != "dna":
        return
    for value, place in zip(rows.values, rows.places, strict=True):
        if isinstance(value, str):
            base_shares(value, place)


def _split(rows: Rows, valid: Rows | None, fraction: float | None, seed: int) -> tuple[Rows, Rows]:
    """Return the rows to learn from and those held out; each class is in the first."""
    if valid is not None:
        return rows, valid
    if not fraction:
        raise InputError(
            "--validation-fraction none, a share above 0 is needed to measure by; give one, or --valid FILE"
        )
    return held_out(rows, fraction, seed, "--valid")


def _fit(estimator: Any, learn: Rows, held: Rows) -> None:
    import inspect

    if "X_valid" in inspect.signature(estimator.fit).parameters:
        estimator.fit(learn.values, learn.labels, X_valid=held.values, y_valid=held.labels)
    else:
        estimator.fit(learn.values, learn.labels)


def _kept(checkpoint: Path) -> str:
    if is_kept(checkpoint):
        return f"interrupted; {checkpoint} keeps the training so far: the same command with --resume goes on"
    return "interrupted, nothing was written; run the same command again"


def _about(file: Path, rows: Rows, learn: Rows, held: Rows, way: Way) -> dict[str, Any]:
    return {
        "file": file.name,
        "rows": len(learn) + len(held) if held.name == rows.name else len(rows),
        "learned from": len(learn),
        "held out": len(held),
        **({"held out of": held.name} if held.name != rows.name else {}),
        **way.contents(rows),
    }


def _write(
    estimator: Any, out: Path, data: dict[str, Any], outcome: Outcome, parts: tuple[Rows, Rows], verb: str
) -> dict[str, Any]:
    """Write the model with its page, and return what is told to the user."""
    estimator.metrics_ = {**estimator.metrics_, "held_out": outcome.kept}
    estimator.set_params(**{name: value for name, value in _REST.items() if name in estimator.get_params()})
    content = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    estimator.save(out, extra_files={"report.html": outcome.html, "data.json": content})
    history = list(getattr(estimator, "history_", []))
    return {
        "task": verb,
        "rows": sum(map(len, parts)),
        "train_rows": len(parts[0]),
        "valid_rows": len(parts[1]),
        "epochs": len(history) or None,
        "best_epoch": getattr(getattr(estimator, "history_", None), "best_epoch", None),
        **outcome.result,
        "parameters": int(estimator.parameters_),
    }


def _readable(result: dict[str, Any], outcome: Outcome, out: Path) -> dict[str, Any]:
    """Return the summary in words."""
    shown = {
        "model": str(out),
        "size": f"{result['size_bytes'] / 1e6:.2f} MB, {result['parameters']:,} parameters",
        "rows": f"{result['train_rows']:,} to learn from, {result['valid_rows']:,} held out",
        **outcome.said,
        "time": f"{result['seconds']:.1f} s",
    }
    if result["epochs"]:
        shown["time"] += f", {result['epochs']} epochs, kept: epoch {result['best_epoch']}"
    return shown
