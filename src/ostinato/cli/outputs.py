"""Where a model will be written: checked before anything is learned, so that no training ends in vain."""

from pathlib import Path

from ostinato._core.errors import InputError
from ostinato.cli.resuming import is_kept, tidy


def checked(out: Path, *, force: bool) -> Path:
    """Raise now if a model cannot or should not be written to a folder.

    Args:
        out: the folder to be.
        force: whether a model that is there may be replaced.

    Raises:
        InputError: it holds a model and `force` is not set, is a file, holds other things, or is not writable.
    """
    from ostinato.tasks.saving import check_writable

    check_writable(out)
    if not force and out.is_dir() and any(out.iterdir()):
        raise InputError(
            f"{out}: holds a model already, a new folder is needed; give another --out, or --force to replace the model"
        )
    return out


def checkpoint_of(out: Path, *, resume: bool, force: bool) -> Path:
    """Return the folder that keeps the state of a training beside its model-to-be.

    Raises:
        InputError: there is nothing to resume, or something to resume that was not asked for.
    """
    folder = out.with_name(f"{out.name}.checkpoint")
    tidy(folder)
    if resume and not is_kept(folder):
        raise InputError(
            f"{folder}: holds no interrupted training, --resume needs one; leave --resume out to begin one"
        )
    if not resume and not force and folder.is_dir() and any(folder.iterdir()):
        raise InputError(
            f"{folder}: keeps an interrupted training; add --resume to go on with it, or --force to begin anew"
        )
    return folder
