"""How a run that fails ends: one line on stderr that names place and remedy, and the right exit code."""

import errno
import os
import re
import sys
import traceback

import click

from ostinato._core.errors import DataError, InputError, ModelFileError, OstinatoError
from ostinato.cli.wording import as_typed

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130

_MEMORY = "out of memory, the data or the network does not fit; lower --batch-size, --max-length or --limit"
_OUT_OF_REACH = {
    errno.ENOENT: "no such file or folder, a path that exists is needed; check the spelling",
    errno.EACCES: "permission denied, a path you may read and write is needed; choose another or change its rights",
    errno.EPERM: "permission denied, a path you may read and write is needed; choose another or change its rights",
    errno.EROFS: "the file system is read-only, a writable one is needed; choose another folder",
    errno.EISDIR: "is a folder, a file is needed; name the file inside it",
    errno.ENOTDIR: "is a file, a folder is needed; choose another name",
}
_NO_ROOM = {
    errno.ENOSPC: "no space left on the device; free some or choose another folder",
    errno.EDQUOT: "the disk quota is used up; free some space or choose another folder",
}


class Interrupted(click.ClickException):
    """Ctrl-C, with what was kept and how to go on."""

    exit_code = INTERRUPTED


def one_line(text: str) -> str:
    r"""Put a message on one line and make control characters visible, so that a value cannot play with the terminal.

    Example:
        >>> print(one_line("first\n  second \x1b[2J"))
        first second \x1b[2J
    """
    text = re.sub(r"\s*\n\s*", " ", text.strip())
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def explain(error: BaseException) -> tuple[int, str]:
    """Turn an exception into an exit code and a message.

    Args:
        error: whatever ended the run.

    Returns:
        the exit code (0 ok, 1 failure, 2 usage or bad input, 130 interrupted) and one line without `error:`; an
        empty line means that there is nothing to say.

    Example:
        >>> explain(FileNotFoundError(2, "No such file or directory", "reviews.csv"))
        (2, 'reviews.csv: no such file or folder, a path that exists is needed; check the spelling')
    """
    if isinstance(error, Interrupted):
        return INTERRUPTED, one_line(error.message)
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return INTERRUPTED, "interrupted, nothing was written"
    if isinstance(error, click.UsageError):
        message = error.format_message().rstrip(".")
        return USAGE, one_line(f"{message}; see {error.ctx.command_path} --help" if error.ctx else message)
    if isinstance(error, click.ClickException):
        return error.exit_code, one_line(error.format_message())
    if isinstance(error, InputError | DataError | ModelFileError):
        return USAGE, one_line(as_typed(str(error)))
    if isinstance(error, OstinatoError):
        return FAILED, one_line(as_typed(str(error)))
    if isinstance(error, BrokenPipeError):
        return FAILED, ""
    if isinstance(error, OSError) and error.filename is not None:
        place = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else str(error.filename)
        if error.errno in _OUT_OF_REACH:
            return USAGE, one_line(f"{place}: {_OUT_OF_REACH[error.errno]}")
        return FAILED, one_line(f"{place}: {_NO_ROOM.get(error.errno or 0) or error.strerror or error}")
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return FAILED, _NO_ROOM[error.errno]
    if isinstance(error, MemoryError) or "can't allocate memory" in str(error):
        return FAILED, _MEMORY
    return FAILED, one_line(
        f"unexpected {type(error).__name__}: {error}; this is a fault of the program: run "
        "`ostinato --debug ...` to see where, and report it"
    )


def debugging() -> bool:
    """Say whether tracebacks were asked for, by `--debug` or by OSTINATO_DEBUG."""
    ctx = click.get_current_context(silent=True)
    asked = ctx is not None and ctx.find_root().params.get("debug")
    return bool(asked) or os.environ.get("OSTINATO_DEBUG", "") not in ("", "0")


def report(error: BaseException, debug: bool) -> int:
    """Say on stderr how the run ended and return its exit code."""
    code, message = explain(error)
    if isinstance(error, BrokenPipeError):
        # The reader (as `head`) has gone: what is still buffered must not raise once more when Python closes stdout.
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115
        return code
    if debug and code != INTERRUPTED:
        traceback.print_exception(error)
    if message:
        # A terminal has just shown ^C: the message begins on a line of its own.
        lead = "\n" if code == INTERRUPTED and sys.stderr.isatty() else ""
        print(f"{lead}error: {message}", file=sys.stderr)
    return code
