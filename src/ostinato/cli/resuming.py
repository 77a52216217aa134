"""An interrupted training goes on with its own seed and its own rows, or not at all."""

import hashlib
import json
from contextlib import suppress
from pathlib import Path

import click
from click.core import ParameterSource

from ostinato._core.errors import InputError
from ostinato.cli.columns import Rows

_STATE, _ROWS = "checkpoint.json", "rows.json"  # the trainer's, and ours beside it


def is_kept(folder: Path) -> bool:
    """Say whether a folder keeps the state of a training."""
    return (folder / _STATE).is_file()


def seed_of(folder: Path, seed: int) -> int:
    """Return the seed of the training that a folder keeps.

    Raises:
        InputError: another one was typed.
    """
    from ostinato.tasks.fitting import resumed_seed

    kept = resumed_seed(str(folder))
    if kept is None:
        return seed
    context = click.get_current_context(silent=True)
    typed = context is not None and context.get_parameter_source("seed") is ParameterSource.COMMANDLINE
    if typed and seed != kept:
        raise InputError(
            f"--seed {seed}, the training in {folder} has --seed {kept}; leave --seed out to go on with it"
        )
    return kept


def remember(folder: Path, parts: tuple[Rows, ...], *, resume: bool) -> None:
    """Keep a digest of the rows with the state of their training.

    Args:
        folder: of the state.
        parts: the rows to learn from, and those held out.
        resume: whether they have to be the rows of the training that is kept; else that one is given up.

    Raises:
        InputError: they are others.
    """
    content, path = json.dumps({"sha256": _digest(parts)}) + "\n", folder / _ROWS
    if resume and path.is_file() and path.read_bytes() != content.encode():
        raise InputError(
            f"{parts[0].name}: other rows than those of the training in {folder}, --resume needs the same; "
            "give the file and options of that training, or --force without --resume to begin anew"
        )
    folder.mkdir(parents=True, exist_ok=True)
    if not resume:
        (folder / _STATE).unlink(missing_ok=True)
    path.write_bytes(content.encode())


def tidy(folder: Path) -> None:
    """Remove a folder that keeps no training; what others put there stays."""
    if not is_kept(folder):
        (folder / _ROWS).unlink(missing_ok=True)
        with suppress(OSError):
            folder.rmdir()


def _digest(parts: tuple[Rows, ...]) -> str:
    found = hashlib.sha256()
    for rows in parts:
        for value, label in zip(rows.values, rows.labels, strict=True):
            text = "\0".join(value) if isinstance(value, list) else value
            content = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text.tobytes()
            size = len(label) if isinstance(label, str | list) else 1  # a number is one
            found.update(f"{len(content)} {size} {label}".encode("utf-8", "surrogatepass") + content)
    return found.hexdigest()
