"""Recordings: from a WAV, FLAC or OGG file to samples at one rate."""

import re
from math import gcd
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from ostinato._core.errors import DataError, InputError

AUDIO = (".wav", ".flac", ".ogg", ".aiff", ".aif")  # endings of files that are taken for recordings
# how libsndfile says that a WAV's or AIFF's sound ends before its header says it does
_SHORT = re.compile(r"^\s*(?:data|SSND) : (\d+) \(should be (\d+)\)", re.MULTILINE)
_UNKNOWN = 0x7FFF_0000  # bytes: who writes into a pipe does not know the length, and promises the greatest


def read_audio(path: str | Path | BinaryIO, sample_rate_hz: int | None = None) -> tuple[NDArray[np.float32], int]:
    """Read a recording; several channels are averaged.

    Args:
        path: a WAV, FLAC, OGG or other file that libsndfile knows, or an open binary stream of one.
        sample_rate_hz: the rate wanted; a recording of another one is resampled (polyphase filter, no aliases). None
            takes the file's own.

    Returns:
        Samples, float32 (n,) in -1 to 1; and their rate, Hz.

    Raises:
        DataError: no such file, no recording, one of zero length, cut off, or with NaN in it; names the file.
        InputError: soundfile is not installed.

    Source: https://python-soundfile.readthedocs.io; the extra `audio`.
    """
    soundfile = _soundfile()
    name = str(path) if isinstance(path, str | Path) else str(getattr(path, "name", "stream"))
    if isinstance(path, str | Path) and not Path(path).is_file():
        raise DataError(f"{name}: no such file, expected a recording; check the path")
    try:
        with soundfile.SoundFile(path) as opened:
            samples, rate = opened.read(dtype="float32", always_2d=True), opened.samplerate
            short = _SHORT.search(opened.extra_info)
    except (soundfile.LibsndfileError, EOFError, TypeError) as error:
        raise DataError(f"{name}: no recording that can be read ({error}); convert it to WAV") from None
    if len(samples) == 0:
        raise DataError(f"{name}: zero length, expected a recording; drop it or record it again")
    if short and int(short[2]) + 1 < int(short[1]) < _UNKNOWN:  # a last odd byte is often left out
        raise DataError(
            f"{name}: cut off, its header promises {int(short[1]):,} bytes of sound and {int(short[2]):,} are there; "
            "copy or record it again"
        )
    if not np.isfinite(samples).all():
        raise DataError(f"{name}: sample {int(np.argwhere(~np.isfinite(samples))[0, 0])} is no finite number; mend it")
    mono: NDArray[np.float32] = samples.mean(axis=1)
    if sample_rate_hz is None or rate == sample_rate_hz:
        return mono, int(rate)
    return resampled(mono, int(rate), sample_rate_hz), sample_rate_hz


def resampled(samples: NDArray[np.float32], rate_hz: int, wanted_hz: int) -> NDArray[np.float32]:
    """Bring samples (n,) from one rate to another, (ceil(n * wanted / rate),)."""
    common = gcd(rate_hz, wanted_hz)
    return np.asarray(resample_poly(samples, wanted_hz // common, rate_hz // common), np.float32)


def _soundfile() -> Any:
    try:
        import soundfile
    except (ImportError, OSError):  # OSError: libsndfile itself is missing
        raise InputError(
            "soundfile is not installed, it is needed to read recordings; pip install 'ostinato[audio]'"
        ) from None
    return soundfile
