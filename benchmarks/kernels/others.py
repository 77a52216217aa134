"""How much of the processors went to others while we measured: a figure taken beside other work says little."""

import os
import time
from pathlib import Path

_STAT = Path("/proc/stat")


class Since:
    """A stretch of time from now on.

    Args:
        own: processor seconds that the runners have used so far.
    """

    def __init__(self, own: float) -> None:
        self._begin = (time.perf_counter(), _busy(), own + time.process_time())

    def share(self, own: float) -> tuple[float, float]:
        """The part of all processors' time that was neither the runners' `own` nor ours (0 off Linux); the seconds."""
        begin, busy, used = self._begin
        elapsed = time.perf_counter() - begin
        theirs = _busy() - busy - (own + time.process_time() - used)
        return max(0.0, theirs) / (elapsed * (os.cpu_count() or 1)), elapsed


def _busy() -> float:
    """Seconds that all processors have worked since the start, time taken by other guests included."""
    if not _STAT.exists():
        return 0.0
    user, nice, system, _idle, _wait, *interrupts = map(int, _STAT.read_text().split("\n", 1)[0].split()[1:9])
    return (user + nice + system + sum(interrupts)) / os.sysconf("SC_CLK_TCK")
