"""Files of music: steps of pitches in JSON, or MIDI."""

import json
from pathlib import Path
from typing import Any

from ostinato._core.errors import DataError
from ostinato.data.midi import ENDINGS, read_midi
from ostinato.data.source import Source

Steps = list[list[int]]  # a piece: the MIDI pitches that sound at each step
_SILENCE = -1  # some files fill the voices that rest with it


def read_music(path: str | Path, *, step: float = 1.0) -> dict[str, list[Steps]]:
    """Read pieces of music.

    Args:
        path: a JSON file, gzipped or not: a list of pieces, each a list of steps, each a list of MIDI pitches (-1 is a
            voice that rests); or an object of such lists, `{"train": [...], "valid": [...], "test": [...]}`. Or a MIDI
            file, or a folder of them.
        step: of MIDI: quarter notes a step.

    Returns:
        The pieces by part; those of a file without parts are "train".

    Raises:
        DataError: there is no such file, it holds no piece, or something else than pieces; names piece and step.
    """
    place = Path(path)
    if place.is_dir():
        files = sorted(file for file in place.rglob("*") if file.suffix.lower() in ENDINGS)
        if not files:
            raise DataError(f"{place}: no file *.mid in this folder, expected at least one; check the path")
        return {"train": [read_midi(file, step=step) for file in files]}
    if place.suffix.lower() in ENDINGS:
        return {"train": [read_midi(place, step=step)]}
    content = b"".join(Source(place).chunks())
    try:
        found = json.loads(content)
    except ValueError as error:
        where = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise DataError(f"{place}{where}: no JSON ({error}), expected pieces of music or a *.mid; correct it") from None
    parts = found if isinstance(found, dict) else {"train": found}
    music = {str(name): _pieces(pieces, f"{place}, {name}") for name, pieces in parts.items()}
    if not any(music.values()):
        raise DataError(f"{place}: holds no piece, expected at least one; is it the right file?")
    return music


def _pieces(pieces: Any, place: str) -> list[Steps]:
    if not isinstance(pieces, list):
        raise DataError(f"{place}: a {type(pieces).__name__}, expected a list of pieces; correct it")
    return [_steps(piece, f"{place}, piece {number}") for number, piece in enumerate(pieces)]


def _steps(piece: Any, place: str) -> Steps:
    if not isinstance(piece, list) or not piece:
        raise DataError(f"{place}: {_shown(piece)}, expected a list of steps; correct it or leave the piece out")
    for number, notes in enumerate(piece):
        if not isinstance(notes, list) or not all(type(pitch) is int and -1 <= pitch <= 127 for pitch in notes):
            raise DataError(
                f"{place}, step {number}: {_shown(notes)}, expected a list of MIDI pitches from 0 to 127; correct it"
            )
    return [sorted({pitch for pitch in notes if pitch != _SILENCE}) for notes in piece]


def _shown(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
