"""Recordings as sequences of log-mel features: a folder a class, `yes/1.wav`, `no/7.wav`, or one file."""

import re
from collections.abc import Iterator
from itertools import chain, zip_longest
from pathlib import Path

from ostinato._core.errors import DataError
from ostinato.data.audio import AUDIO, read_audio
from ostinato.data.example import Columns, Record
from ostinato.data.log_mel import LogMel

_WANTED = re.compile(r"log-mel(?:@(\d+))?")
_RATE = 16_000


class SoundRows:
    """Recordings in class folders, in turn from each class; or one recording, without a label.

    Args:
        path: a folder with a folder a class, or a file.
        columns: `value` is "log-mel@8000", features of sound at that rate (other recordings are resampled), or
            "log-mel" for 16,000 Hz.

    Raises:
        DataError: other features are wanted, there is no such path, or no recording in it.
    """

    def __init__(self, path: Path, columns: Columns) -> None:
        self.notes: list[str] = []
        wanted = _WANTED.fullmatch(columns.value)
        if wanted is None:
            raise DataError(
                f"{path}: {columns.value!r} of recordings, expected log-mel@RATE, as log-mel@8000; or pass text= for "
                "a folder of texts"
            )
        self._log_mel = LogMel(int(wanted[1] or _RATE))
        if path.is_dir():
            folders = sorted(entry for entry in path.iterdir() if entry.is_dir() and entry.name[0] != ".")
            found = [sorted(file for file in folder.iterdir() if file.suffix.lower() in AUDIO) for folder in folders]
            self._files = [file for file in chain.from_iterable(zip_longest(*found)) if file is not None]
            if not self._files:
                raise DataError(
                    f"{path}: no class folders with recordings, as yes/1.wav and no/7.wav, expected files ending in "
                    f"{' '.join(AUDIO)}; name another folder"
                )
        else:
            self._files = [path]
        self._labelled = columns.label is not None and path.is_dir()

    def __iter__(self) -> Iterator[Record]:
        for file in self._files:
            samples, _ = read_audio(file, self._log_mel.sample_rate_hz)
            place = f"{file.parent.name}/{file.name}"
            yield place, self._log_mel(samples), file.parent.name if self._labelled else None

    def exact(self, place: str) -> str:
        """Give the place back: a file is exact."""
        return place
