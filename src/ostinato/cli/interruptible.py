"""A training from the command line: what Ctrl-C leaves behind, and what the end of it clears away."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ostinato.cli.failure import Interrupted
from ostinato.cli.resuming import is_kept, tidy

REST = {"checkpoint": None, "resume": False, "verbose": 0, "n_threads": None}  # arguments of a run, not of its model


@contextmanager
def interruptible(checkpoint: Path) -> Iterator[None]:
    """Train and save inside the block; the checkpoint goes when all is done, and stays when it was broken off.

    Raises:
        Interrupted: for Ctrl-C; says what was kept and how to go on.
    """
    try:
        yield
    except KeyboardInterrupt:
        kept = f"{checkpoint} keeps the training so far: the same command with --resume goes on"
        lost = "nothing was written; run the same command again"
        raise Interrupted(f"interrupted; {kept if is_kept(checkpoint) else lost}") from None
    finally:
        tidy(checkpoint)
    with suppress(FileNotFoundError):
        shutil.rmtree(checkpoint)
