"""Recordings from files: rates, channels, and what is wrong with them."""

import io
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from ostinato._core.errors import DataError, InputError
from ostinato.data import read_audio, read_recordings


def write_wav(path: Path, samples: np.ndarray, rate: int = 8000, channels: int = 1) -> Path:
    """16-bit WAV by the standard library, not by the reader under test."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


@pytest.fixture
def tone() -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * 440 * np.arange(1600) / 8000)


def test_samples_come_back(tmp_path: Path, tone: np.ndarray) -> None:
    pytest.importorskip("soundfile")
    path = write_wav(tmp_path / "tone.wav", tone)
    samples, rate = read_audio(path)
    assert rate == 8000 and samples.dtype == np.float32
    np.testing.assert_allclose(samples, tone, atol=1e-4)
    stream, _ = read_audio(io.BytesIO(path.read_bytes()))
    np.testing.assert_array_equal(stream, samples)


def test_channels_are_averaged(tmp_path: Path, tone: np.ndarray) -> None:
    pytest.importorskip("soundfile")
    both = np.stack([tone, np.zeros_like(tone)], axis=1)
    samples, _ = read_audio(write_wav(tmp_path / "two.wav", both, channels=2))
    np.testing.assert_allclose(samples, tone / 2, atol=1e-4)


@pytest.mark.parametrize("rate", [16000, 11025, 4000])
def test_another_rate_is_resampled(tmp_path: Path, rate: int) -> None:
    pytest.importorskip("soundfile")
    long = 0.5 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    samples, found = read_audio(write_wav(tmp_path / "tone.wav", long, rate), 8000)
    assert found == 8000 and abs(len(samples) - 8000) <= 1
    expected = 0.5 * np.sin(2 * np.pi * 440 * np.arange(len(samples)) / 8000)
    np.testing.assert_allclose(samples[200:-200], expected[200:-200], atol=0.01)  # the ends ring


def test_wrong_files_are_named(tmp_path: Path) -> None:
    pytest.importorskip("soundfile")
    with pytest.raises(DataError, match=r"empty\.wav: zero length"):
        read_audio(write_wav(tmp_path / "empty.wav", np.zeros(0)))
    with pytest.raises(DataError, match=r"no\.wav: no such file"):
        read_audio(tmp_path / "no.wav")
    for content in (b"", b"not a recording"):
        (tmp_path / "text.wav").write_bytes(content)
        with pytest.raises(DataError, match=r"text\.wav: no recording"):
            read_audio(tmp_path / "text.wav")


@pytest.mark.parametrize("ending", ["wav", "aiff", "flac", "ogg"])
def test_a_recording_that_was_cut_off(tmp_path: Path, tone: np.ndarray, ending: str) -> None:
    soundfile = pytest.importorskip("soundfile")
    path = tmp_path / f"cut.{ending}"
    soundfile.write(path, tone, 8000)
    read_audio(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 6 // 10])
    with pytest.raises(DataError, match=r"cut\.\w+: (cut off, its header promises [\d,]+ bytes|no recording)"):
        read_audio(path)


@pytest.mark.parametrize("promised", [0xFFFFFFFF, 0x7FFFFFFF])
def test_a_wav_that_was_written_into_a_pipe(tmp_path: Path, tone: np.ndarray, promised: int) -> None:
    pytest.importorskip("soundfile")
    path = write_wav(tmp_path / "piped.wav", tone)
    samples, _ = read_audio(path)
    content = bytearray(path.read_bytes())
    place = content.index(b"data") + 4
    content[place : place + 4] = promised.to_bytes(4, "little")
    path.write_bytes(content)
    np.testing.assert_array_equal(read_audio(path)[0], samples)


def test_without_soundfile_the_remedy_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(InputError, match=r"ostinato\[audio\]"):
        read_audio("any.wav")


def test_a_folder_and_a_table(tmp_path: Path, tone: np.ndarray) -> None:
    (tmp_path / "deeper").mkdir()
    for name, said in (("b", "zwei"), ("deeper/a", "eins\n zwei\n")):
        write_wav(tmp_path / f"{name}.wav", tone)
        (tmp_path / f"{name}.txt").write_text(said, encoding="utf-8")
    found = read_recordings(tmp_path)
    assert [path.name for path in found.paths] == ["b.wav", "a.wav"]
    assert found.texts == ["zwei", "eins zwei"]
    table = tmp_path / "list.csv"
    table.write_text("file,said\nb.wav,zwei\ndeeper/a.wav,eins zwei\n", encoding="utf-8")
    assert read_recordings(table, audio="file", text="said").texts == found.texts
    table.write_text("file,said\nc.wav,zwei\n", encoding="utf-8")
    with pytest.raises(DataError, match="row 1, column 'file': no such file"):
        read_recordings(table, audio="file", text="said")
    write_wav(tmp_path / "c.wav", tone)
    with pytest.raises(DataError, match=r"c\.wav: no c\.txt beside it"):
        read_recordings(tmp_path)
    assert len(read_recordings(tmp_path, missing="skip")) == 2


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no recording in it"):
        read_recordings(tmp_path)
