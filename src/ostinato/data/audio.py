"""Recordings: from a WAV, FLAC or OGG file to samples at one rate."""

from math import gcd
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from ostinato._core.errors import DataError, InputError

AUDIO = (".wav", ".flac", ".ogg", ".aiff", ".aif")  # endings of files that are taken for recordings


def read_audio(path: str | Path | BinaryIO, sample_rate_hz: int | None = None) -> tuple[NDArray[np.float32], int]:
    """Read a recording; several channels are averaged.

    Args:
        path: a WAV, FLAC, OGG or other file that libsndfile knows, or an open binary stream of one.
        sample_rate_hz: the rate wanted; a recording of another one is resampled (polyphase filter, no aliases). None
            takes the file's own.

    Returns:
        Samples, float32 (n,) in -1 to 1; and their rate, Hz.

    Raises:
        DataError: no such file, no recording, one of zero length, or with NaN in it; names the file.
        InputError: soundfile is not installed.

    Source: https://python-soundfile.readthedocs.io; the extra `audio`.
    """
    soundfile = _soundfile()
    name = str(path) if isinstance(path, str | Path) else str(getattr(path, "name", "stream"))
    if isinstance(path, str | Path) and not Path(path).is_file():
        raise DataError(f"{name}: no such file, expected a recording; check the path")
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, EOFError, TypeError) as error:
        raise DataError(f"{name}: no recording that can be read ({error}); convert it to WAV") from None
    if len(samples) == 0:
        raise DataError(f"{name}: zero length, expected a recording; drop it or record it again")
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
