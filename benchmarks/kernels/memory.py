"""Resident memory of this process, where the system tells (Linux)."""

from pathlib import Path

_STATUS, _REFS = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def resident() -> float | None:
    """Bytes resident now."""
    return _read("VmRSS")


def peak() -> float | None:
    """Most bytes resident since `forget_peak`."""
    return _read("VmHWM")


def forget_peak() -> None:
    """Start the peak anew."""
    if _REFS.exists():
        _REFS.write_text("5")


def _read(name: str) -> float | None:
    if not _STATUS.exists():
        return None
    for line in _STATUS.read_text().splitlines():
        if line.startswith(name + ":"):
            return 1024.0 * int(line.split()[1])
    return None
