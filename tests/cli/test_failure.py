"""Every exception becomes an exit code and one line."""

import errno

import click
import pytest

from ostinato._core.errors import BackendError, DataError, InputError, ModelFileError, ShapeError, TrainingError
from ostinato.cli.failure import Interrupted, explain, one_line


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (InputError("lr=0, a number above 0; raise it"), 2, "--lr 0, a number"),
        (ShapeError("width 3, 2 expected"), 2, "width 3"),
        (DataError("a.csv: line 3: no label"), 2, "line 3"),
        (ModelFileError("model/config.json: damaged"), 2, "damaged"),
        (TrainingError("the loss is NaN"), 1, "NaN"),
        (BackendError("cannot run"), 1, "cannot run"),
        (FileNotFoundError(errno.ENOENT, "No such file", "x.csv"), 2, "x.csv: no such file"),
        (PermissionError(errno.EACCES, "Permission denied", "x.csv"), 2, "x.csv: permission denied"),
        (IsADirectoryError(errno.EISDIR, "Is a directory", b"dir"), 2, "dir: is a folder"),
        (OSError(errno.ENOSPC, "No space left on device", "m"), 1, "m: no space left"),
        (OSError(errno.ENOSPC, "No space left on device"), 1, "no space left"),
        (OSError(errno.EIO, "Input/output error", "m"), 1, "m: Input/output error"),
        (MemoryError(), 1, "out of memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), 1, "out of memory"),
        (KeyError("x"), 1, "unexpected KeyError"),
        (click.BadParameter("'x' is not an int", param_hint="--epochs"), 2, "Invalid value for --epochs"),
        (click.Abort(), 130, "interrupted"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (Interrupted("interrupted, kept"), 130, "interrupted, kept"),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), 1, ""),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_explain(error: BaseException, code: int, says: str) -> None:
    found, message = explain(error)
    assert (found, "\n" in message) == (code, False)
    assert says in message
    assert bool(message) == bool(says)


def test_control_characters_cannot_play_with_the_terminal() -> None:
    assert one_line("a\x1b[2Jb\u0085c\td\r") == "a\\x1b[2Jb\\x85c\\td"
    assert one_line("naïve 語") == "naïve 語"
