"""Log-mel features beside scipy's spectrum and values worked out by hand."""

import numpy as np
import pytest
from scipy.signal import stft

from ostinato._core.errors import InputError
from ostinato.data import LogMel
from ostinato.data.log_mel import hertz, mel

RATE = 8000


def noise(n: int = 4000) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.1, n)


def test_equals_scipys_spectrum_under_the_same_triangles() -> None:
    made = LogMel(RATE, bands=20, window_ms=32.0, step_ms=10.0)  # 256 samples, no filling up
    _, _, spectrum = stft(
        noise(), window="hann", nperseg=256, noverlap=256 - 80, nfft=256, boundary=None, padded=False, scaling="psd"
    )
    # scipy's density over both signs of frequency: fs = 1, scaled by the window's energy
    power = np.abs(spectrum.T) ** 2
    np.testing.assert_allclose(made(noise()), np.log(power @ made.filters.T + 1e-8), rtol=1e-5, atol=1e-5)


def test_mel_scale_by_hand() -> None:
    np.testing.assert_allclose(mel([0.0, 700.0, 6300.0]), [0.0, 2595 * np.log10(2), 2595.0], rtol=1e-12)
    np.testing.assert_allclose(hertz(mel([60.0, 1234.5])), [60.0, 1234.5], rtol=1e-12)


def test_triangles_by_hand() -> None:
    made = LogMel(8, bands=1, window_ms=1000.0, step_ms=1000.0, low_hz=0.0)  # frequencies 0, 1, 2, 3, 4 Hz
    middle = float(hertz(mel(4.0) / 2))
    expected = [0, 1 / middle, (4 - 2) / (4 - middle), (4 - 3) / (4 - middle), 0]
    np.testing.assert_allclose(made.filters[0], expected, atol=1e-12)
    assert 1 < middle < 2


@pytest.mark.parametrize("hz", [200.0, 1000.0, 3000.0])
def test_a_tone_is_loudest_in_its_band(hz: float) -> None:
    made = LogMel(RATE, bands=20, window_ms=64.0)
    edges = hertz(np.linspace(mel(60.0), mel(RATE / 2), 22))
    loudest = made(np.sin(2 * np.pi * hz * np.arange(4000) / RATE)).mean(axis=0).argmax()
    assert edges[loudest] < hz < edges[loudest + 2]


def test_frames_are_counted_and_short_sounds_filled_up() -> None:
    made = LogMel(RATE)
    assert made(noise(200)).shape == (1, 40)
    assert made(noise(279)).shape == (1, 40)
    assert made(noise(280)).shape == (2, 40)
    assert made([0.1]).shape == (1, 40)
    assert np.isfinite(made(np.zeros(500))).all()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"bands": 0}, "bands=0"),
        ({"high_hz": 5000.0}, "half of sample_rate_hz"),
        ({"bands": 200}, "fewer bands or a longer window"),
        ({"step_ms": 0.01}, "no sample inside"),
    ],
)
def test_wrong_settings_are_named(settings: dict[str, float], said: str) -> None:
    with pytest.raises(InputError, match=said):
        LogMel(RATE, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("samples", "said"), [([], "at least one"), ([[0.0, 1.0]], "one channel"), ([0.0, float("nan")], "sample 1 is no")]
)
def test_wrong_samples_are_named(samples: list[float], said: str) -> None:
    with pytest.raises(InputError, match=said):
        LogMel(RATE)(samples)
