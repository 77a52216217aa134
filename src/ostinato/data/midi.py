"""MIDI files to steps of pitches and back, by mido (extra `midi`)."""

import math
from pathlib import Path
from typing import Any

from ostinato._core.errors import DataError, InputError

ENDINGS = (".mid", ".midi")
_DRUMS = 9  # the channel whose pitches are instruments
_TICKS = 480  # a quarter note, in the files we write


def read_midi(path: str | Path, *, step: float = 1.0) -> list[list[int]]:
    """Read which notes sound at each step of a MIDI file.

    A note is brought to the steps next to its beginning and its end, and sounds for one at least. Drums are left out.

    Args:
        path: the file.
        step: quarter notes a step.

    Returns:
        The steps from the first note to the last, each a list of pitches, low to high.

    Raises:
        DataError: there is no such file, it is no MIDI or damaged, counts seconds in place of beats, or holds no note.
        InputError: `step` is not above 0, or mido is not installed.
    """
    mido, step = _mido(), _checked(step)
    try:
        file = mido.MidiFile(str(path))
        events = [(track_event.time, track_event) for track_event in mido.merge_tracks(file.tracks)]
        ticks = int(file.ticks_per_beat)
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; check the path") from None
    except (OSError, EOFError, ValueError, KeyError, IndexError) as error:
        why = f" ({error})" if str(error) else ""
        raise DataError(f"{path}: no MIDI file, or a damaged one{why}; copy or export it again") from None
    if ticks <= 0 or ticks >= 0x8000:
        raise DataError(f"{path}: counts seconds, not quarter notes; export it with a tempo")
    sounding: dict[tuple[int, int], list[int]] = {}
    notes: list[tuple[int, int, int]] = []  # pitch, first step, step behind the last one
    now = 0
    for wait, event in events:
        now += wait
        if event.type not in ("note_on", "note_off") or event.channel == _DRUMS:
            continue
        begun = sounding.setdefault((event.channel, event.note), [])
        if event.type == "note_on" and event.velocity > 0:
            begun.append(now)
        elif begun:
            notes.append((event.note, *_steps(begun.pop(0), now, ticks * step)))
    for (_, pitch), begun in sounding.items():  # what nobody ends sounds to the end
        notes += [(pitch, *_steps(begin, now, ticks * step)) for begin in begun]
    if not notes:
        raise DataError(f"{path}: holds no note, expected at least one (drums are left out); is it the right file?")
    first, last = min(note[1] for note in notes), max(note[2] for note in notes)
    found: list[set[int]] = [set() for _ in range(last - first)]
    for pitch, begin, end in notes:
        for number in range(begin - first, end - first):
            found[number].add(pitch)
    return [sorted(pitches) for pitches in found]


def write_midi(
    path: str | Path,
    piece: list[list[int]],
    *,
    step: float = 1.0,
    tempo: float = 90.0,
    program: int = 0,
    hold: bool = True,
) -> Path:
    """Write a piece as a MIDI file, for players and notation programs.

    Args:
        path: the file.
        piece: the pitches that sound at each step.
        step: quarter notes a step.
        tempo: quarter notes a minute.
        program: instrument of General MIDI, from 0: 0 is a piano, 19 a church organ.
        hold: whether a pitch of successive steps is one long note, not struck anew at each.

    Returns:
        The path.

    Raises:
        InputError: the file cannot be written, a number is out of range, or mido is not installed.
    """
    mido, step = _mido(), _checked(step)
    if not 4 <= tempo < 1e6 or not 0 <= program <= 127:
        raise InputError(f"tempo={tempo!r}, program={program!r}: expected from 4 up and 0 to 127; correct it")
    file = mido.MidiFile(type=0, ticks_per_beat=_TICKS)
    track = mido.MidiTrack()
    file.tracks.append(track)
    track.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(tempo)))
    track.append(mido.Message("program_change", program=program))
    before: set[int] = set()
    written = 0  # ticks
    for number, pitches in enumerate([*map(set, piece), set[int]()]):
        now = round(number * step * _TICKS)
        ends, begins = (before - pitches, pitches - before) if hold else (before, pitches)
        for kind, some in (("note_off", ends), ("note_on", begins)):
            for pitch in sorted(some):
                track.append(mido.Message(kind, note=pitch, velocity=80, time=now - written))
                written = now
        before = pitches
    end = round(len(piece) * step * _TICKS)
    track.append(mido.MetaMessage("end_of_track", time=end - written))
    try:
        file.save(str(path))
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); give another path") from None
    return Path(path)


def _steps(begin: int, end: int, ticks: float) -> tuple[int, int]:
    """The steps next to a note's ends, in ticks; at least one step lies between."""
    first = math.floor(begin / ticks + 0.5)
    return first, max(first + 1, math.floor(end / ticks + 0.5))


def _checked(step: float) -> float:
    if not 0 < step < math.inf:
        raise InputError(f"step={step!r}, expected quarter notes above 0; 0.25 is a sixteenth")
    return step


def _mido() -> Any:
    try:
        import mido
    except ImportError:
        raise InputError("mido is not installed, MIDI files need it; pip install 'ostinato[midi]'") from None
    return mido
