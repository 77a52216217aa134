"""Sound to features: the logarithm of its power in bands that are spaced as we hear."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ostinato._core.errors import InputError, NotFiniteError, ShapeError

_FLOOR = 1e-8  # power of silence: 16-bit rounding noise in a window is of this order


@dataclass(frozen=True)
class LogMel:
    """Turns samples into log-mel features, a step every few milliseconds.

    Use it in front of any classifier or of `Transcriber`, which has one inside. A frame is a Hann window's power
    spectrum, summed under triangles that are equally wide on the mel scale.

    Args:
        sample_rate_hz: of the samples.
        bands: I, features of a step.
        window_ms: length of a frame.
        step_ms: from a frame to the next.
        low_hz: where the lowest band begins.
        high_hz: where the highest one ends; none for half the rate.

    Raises:
        InputError: a number out of range, or so many bands that one has no frequency of the spectrum in it.

    Source: Davis and Mermelstein 1980; mel scale of O'Shaughnessy 1987, 2595 log10(1 + f / 700).

    Example:
        >>> LogMel(8000, bands=40)(np.zeros(8000)).shape    # one second
        (98, 40)
    """

    sample_rate_hz: int = 16_000
    bands: int = 40
    window_ms: float = 25.0
    step_ms: float = 10.0
    low_hz: float = 60.0
    high_hz: float | None = None

    def __post_init__(self) -> None:
        for name in ("sample_rate_hz", "bands", "window_ms", "step_ms"):
            if not getattr(self, name) > 0:
                raise InputError(f"{name}={getattr(self, name)!r}, expected a number above 0; correct it")
        if not 0 <= self.low_hz < self.top_hz <= self.sample_rate_hz / 2:
            raise InputError(
                f"low_hz={self.low_hz:g} and high_hz={self.top_hz:g}, expected 0 <= low < high <= "
                f"{self.sample_rate_hz / 2:g}, half of sample_rate_hz; correct them"
            )
        if self.step < 1 or self.window < 2:
            raise InputError(f"window_ms={self.window_ms:g}, step_ms={self.step_ms:g}: no sample inside; raise them")
        empty = np.flatnonzero(self.filters.sum(axis=1) == 0)
        if empty.size:
            raise InputError(
                f"bands={self.bands}, band {int(empty[0])} has no frequency of a {self.window_ms:g} ms window in it; "
                "give fewer bands or a longer window"
            )

    @property
    def top_hz(self) -> float:
        """Where the highest band ends, Hz."""
        return self.sample_rate_hz / 2 if self.high_hz is None else self.high_hz

    @property
    def window(self) -> int:
        """Samples of a frame."""
        return round(self.sample_rate_hz * self.window_ms / 1000)

    @property
    def step(self) -> int:
        """Samples from a frame to the next."""
        return round(self.sample_rate_hz * self.step_ms / 1000)

    @property
    def points(self) -> int:
        """Points of the spectrum: the frame is filled up to a power of two."""
        return 1 << (self.window - 1).bit_length()

    @cached_property
    def filters(self) -> NDArray[np.float64]:
        """The triangles, (bands, points / 2 + 1): weight of each frequency in each band."""
        frequency = np.fft.rfftfreq(self.points, 1 / self.sample_rate_hz)
        edges = hertz(np.linspace(mel(self.low_hz), mel(self.top_hz), self.bands + 2))
        low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
        return np.clip(np.minimum((frequency - low) / (middle - low), (high - frequency) / (high - middle)), 0.0, None)

    def __call__(self, samples: ArrayLike) -> NDArray[np.float32]:
        """Compute the features of one recording.

        Args:
            samples: (n,) in -1 to 1; fewer than a window are filled up with silence.

        Returns:
            (T, bands) float32, T = 1 + (n - window) // step; natural logarithm.

        Raises:
            ShapeError: not one axis, or zero length.
            NotFiniteError: NaN or infinity; names the sample.
        """
        sound = np.asarray(samples, np.float64)
        if sound.ndim != 1 or len(sound) == 0:
            raise ShapeError(f"samples of shape {sound.shape}, expected (n,), at least one; give one channel")
        if not np.isfinite(sound).all():
            raise NotFiniteError(f"sample {int(np.argmin(np.isfinite(sound)))} is no finite number; mend the recording")
        if len(sound) < self.window:
            sound = np.pad(sound, (0, self.window - len(sound)))
        frames = np.lib.stride_tricks.sliding_window_view(sound, self.window)[:: self.step]
        hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(self.window) / self.window)
        power = np.abs(np.fft.rfft(frames * hann, self.points)) ** 2 / (hann**2).sum()
        return np.asarray(np.log(power @ self.filters.T + _FLOOR), np.float32)


def mel(hz: ArrayLike) -> NDArray[np.float64]:
    """Pitch in mel.

    Example:
        >>> round(float(mel(1000.0)))
        1000
    """
    return 2595.0 * np.log10(1.0 + np.asarray(hz, np.float64) / 700.0)


def hertz(mels: ArrayLike) -> NDArray[np.float64]:
    """The inverse of `mel`."""
    return 700.0 * (10.0 ** (np.asarray(mels, np.float64) / 2595.0) - 1.0)
