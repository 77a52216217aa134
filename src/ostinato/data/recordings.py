"""Recordings with what is said in them: a folder, or a table that names files."""

from dataclasses import dataclass, field
from pathlib import Path

from ostinato._core.errors import DataError
from ostinato.data.audio import AUDIO
from ostinato.data.reading import read
from ostinato.data.source import Source


@dataclass
class Recordings:
    """Files of sound and their texts.

    Attributes:
        name: the folder or table.
        paths: B files.
        texts: B texts, what is said in each.
        places: where each stands, for messages.
        notes: what was left out, in words.
    """

    name: str
    paths: list[Path] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.paths)


def read_recordings(
    path: str | Path,
    *,
    audio: str = "audio",
    text: str = "text",
    format: str | None = None,
    encoding: str = "utf-8",
    missing: str = "error",
    limit: int | None = None,
) -> Recordings:
    """Read which files there are and what is said in them; the sound itself stays on the disk.

    Args:
        path: a folder with `one.wav` and beside it `one.txt`, at any depth; or a table (CSV, TSV, JSON lines, Parquet).
        audio: the table's column of files, relative to the table.
        text: the table's column of texts.
        format: of the table; none tells from its name.
        encoding: of the texts.
        missing: "error", or "skip" a recording without a text.
        limit: recordings at most.

    Returns:
        The recordings.

    Raises:
        DataError: no such folder, table, column or file, or no recording in it; names the place.
    """
    found = Path(path)
    made = Recordings(found.name)
    if found.is_dir():
        for sound in sorted(entry for entry in found.rglob("*") if entry.suffix.lower() in AUDIO):
            said = sound.with_suffix(".txt")
            if said.is_file():
                content = b"".join(Source(said, encoding).chunks()).decode()
                _add(made, sound, " ".join(content.split()), str(sound))
            elif missing == "skip":
                made.notes.append(f"{sound.relative_to(found)}: left out, it has no {said.name} beside it")
            else:
                raise DataError(
                    f"{sound}: no {said.name} beside it that says what is said; write it, or skip such recordings "
                    "with missing='skip'"
                )
    else:
        reading = read(found, text=audio, label=text, format=format, encoding=encoding, missing=missing)
        for example in reading:
            sound = found.parent / str(example.value)
            if not sound.is_file():
                raise DataError(f"{example.place}, column {audio!r}: no such file {str(sound)!r}; correct the path")
            _add(made, sound, example.label or "", example.place)
        made.notes += reading.notes
    if not made.paths:
        raise DataError(f"{found}: no recording in it, expected files ending in {' '.join(AUDIO)}; check the path")
    if limit is not None:
        made = Recordings(made.name, made.paths[:limit], made.texts[:limit], made.places[:limit], made.notes)
    return made


def _add(made: Recordings, sound: Path, text: str, place: str) -> None:
    made.paths.append(sound)
    made.texts.append(text)
    made.places.append(place)
