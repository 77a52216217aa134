"""Ctrl-C in two steps: the first is honoured at the next safe place, the second at once."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupt:
    """Whether Ctrl-C was pressed; `check()` at a safe place raises it."""

    def __init__(self) -> None:
        self.pressed = False

    def check(self) -> None:
        """Raise the `KeyboardInterrupt` that was put off."""
        if self.pressed:
            raise KeyboardInterrupt

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.pressed:
            raise KeyboardInterrupt
        self.pressed = True


@contextmanager
def deferred() -> Iterator[Interrupt]:
    """Put off a first Ctrl-C inside the block, so that none strikes between two halves of an update.

    Python's own handler alone is replaced, and only in the main thread: a program that handles the signal itself
    keeps its way.
    """
    interrupt = Interrupt()
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield interrupt
        return
    signal.signal(signal.SIGINT, interrupt._handle)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    interrupt.check()  # pressed after the last safe place: not to be lost
