"""What a user calls recordings, checked: files, samples, or features."""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from ostinato._core.errors import InputError, ShapeError
from ostinato.data import LogMel, read_audio


def features(recordings: Any, log_mel: LogMel) -> list[np.ndarray]:
    """Compute the features of recordings.

    Args:
        recordings: B paths of files, which are resampled to the rate of `log_mel`; or B arrays of samples at that rate,
            (n,).
        log_mel: what computes them.

    Returns:
        B float32 arrays (T, I).

    Raises:
        InputError: no recordings, or one that is neither, of zero length or not finite; names it.
        DataError: a file that cannot be read; names it.
    """
    if isinstance(recordings, str | bytes | os.PathLike) or not isinstance(recordings, Sequence | np.ndarray):
        raise InputError(f"recordings is one {type(recordings).__name__}, expected a list of them; put it into a list")
    if len(recordings) == 0:
        raise InputError("0 recordings, expected one at least; give more")
    return [_one(recording, number, log_mel) for number, recording in enumerate(recordings)]


def _one(recording: Any, number: int, log_mel: LogMel) -> np.ndarray:
    if isinstance(recording, str | os.PathLike):
        return log_mel(read_audio(os.fspath(recording), log_mel.sample_rate_hz)[0])
    try:
        samples = np.asarray(recording, np.float64)
    except (TypeError, ValueError):
        raise InputError(
            f"recordings[{number}] is a {type(recording).__name__}, expected a path or samples (n,); convert it"
        ) from None
    if samples.ndim != 1:
        raise ShapeError(f"recordings[{number}] has shape {samples.shape}, expected (n,); give one channel")
    try:
        return log_mel(samples)
    except InputError as error:
        raise type(error)(f"recordings[{number}]: {error}") from None
