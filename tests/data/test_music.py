"""Files of music: JSON in all its forms, and MIDI there and back."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from ostinato._core.errors import DataError, InputError
from ostinato.data import read_midi, read_music, write_midi

PIECE = [[60, 64], [60], [], [62, 67], [62]]


def test_json_with_parts_and_without(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps([PIECE, [[-1, 60, 60, 48]]]))
    assert read_music(tmp_path / "a.json") == {"train": [PIECE, [[48, 60]]]}
    (tmp_path / "b.json.gz").write_bytes(gzip.compress(json.dumps({"train": [PIECE], "test": []}).encode()))
    assert read_music(tmp_path / "b.json.gz") == {"train": [PIECE], "test": []}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "no JSON"),
        ("[[[60]\n", "a.json, line 2: no JSON"),
        ("[]", "holds no piece"),
        ("3", "a.json, train: a int, expected a list of pieces"),
        ("[[]]", r"train, piece 0: \[\], expected a list of steps"),
        ("[[[60]], [[60], 61]]", "train, piece 1, step 1: 61, expected a list of MIDI pitches"),
        ('{"x": [[[128]]]}', r"x, piece 0, step 0: \[128\]"),
        ("[[[60.0]]]", r"\[60.0\]"),
        ("[[[true]]]", r"\[true\]"),
    ],
)
def test_wrong_json_is_named(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(DataError, match=said):
        read_music(tmp_path / "a.json")


def test_no_such_file_or_nothing_in_it(tmp_path: Path) -> None:
    pytest.importorskip("mido")
    with pytest.raises(DataError, match="no such file"):
        read_music(tmp_path / "none.json")
    with pytest.raises(DataError, match="no such file"):
        read_music(tmp_path / "none.mid")
    with pytest.raises(DataError, match=r"no file \*.mid"):
        read_music(tmp_path)
    (tmp_path / "a.mid").write_bytes(b"MThd nonsense")
    with pytest.raises(DataError, match="no MIDI file, or a damaged one"):
        read_music(tmp_path / "a.mid")


@pytest.mark.parametrize("step", [1.0, 0.25, 0.3])
@pytest.mark.parametrize("hold", [True, False])
def test_there_and_back(tmp_path: Path, step: float, hold: bool) -> None:
    pytest.importorskip("mido")
    file = write_midi(tmp_path / "a.MID", PIECE, step=step, hold=hold)
    assert read_midi(file, step=step) == PIECE
    assert read_music(tmp_path, step=step) == {"train": [PIECE]}


def test_what_is_written_is_what_another_program_reads(tmp_path: Path) -> None:
    mido = pytest.importorskip("mido")
    for hold, strikes in ((True, 4), (False, 6)):
        file = mido.MidiFile(write_midi(tmp_path / "a.mid", PIECE, tempo=60, program=19, hold=hold))
        assert file.length == pytest.approx(5.0)  # five steps of a second
        messages = list(file)
        assert sum(message.type == "note_on" for message in messages) == strikes
        assert [message.program for message in messages if message.type == "program_change"] == [19]


def test_a_file_of_another_kind(tmp_path: Path) -> None:
    """Two tracks, notes ended by velocity 0, drums, one note that nobody ends, off the beat by a little."""
    mido = pytest.importorskip("mido")
    file = mido.MidiFile(type=1, ticks_per_beat=100)
    right, left, drums = (mido.MidiTrack() for _ in range(3))
    file.tracks.extend([right, left, drums])
    for kind, note, velocity, time in [
        ("note_on", 72, 90, 195), ("note_on", 72, 0, 100), ("note_on", 74, 90, 10), ("note_on", 74, 0, 20),
    ]:  # fmt: skip
        right.append(mido.Message(kind, note=note, velocity=velocity, time=time))
    left.append(mido.Message("note_on", note=48, velocity=90, time=200, channel=1))
    left.append(mido.Message("control_change", time=300, channel=1))
    drums.append(mido.Message("note_on", note=36, velocity=90, time=0, channel=9))
    file.save(tmp_path / "a.mid")
    assert read_midi(tmp_path / "a.mid") == [[48, 72], [48, 74], [48]]
    assert read_midi(tmp_path / "a.mid", step=0.5)[:3] == [[48, 72], [48, 72], [48, 74]]


def test_wrong_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mido = pytest.importorskip("mido")
    for settings in ({"step": 0}, {"step": float("nan")}, {"tempo": 0}, {"program": 200}):
        with pytest.raises(InputError, match=next(iter(settings))):
            write_midi(tmp_path / "a.mid", PIECE, **settings)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="cannot be written"):
        write_midi(tmp_path / "none" / "a.mid", PIECE)
    file = mido.MidiFile()
    file.tracks.append(mido.MidiTrack())
    file.save(tmp_path / "silent.mid")
    with pytest.raises(DataError, match="holds no note"):
        read_midi(tmp_path / "silent.mid")


def test_without_mido_the_remedy_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    gone: dict[str, Any] = {"mido": None}
    monkeypatch.setitem(__import__("sys").modules, "mido", gone["mido"])
    with pytest.raises(InputError, match=r"pip install 'ostinato\[midi\]'"):
        read_midi("a.mid")
