"""Words made of tones, and a model that has learned them."""

import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ostinato.tasks import Transcriber

RATE = 4000
PITCH = {"a": 300.0, "b": 900.0, "c": 1500.0}
SMALL: dict[str, Any] = {
    "sample_rate_hz": RATE,
    "bands": 12,
    "cell": "gru",
    "hidden_size": 12,
    "num_layers": 1,
    "convolution_size": 12,
    "dropout": 0.0,
    "epochs": 25,
    "batch_size": 8,
    "lr": 0.02,
    "validation_fraction": None,
    "random_state": 0,
}


def spoken(text: str, draw: np.random.Generator) -> np.ndarray:
    """Each letter a tone of about a tenth of a second, with silence around it and noise over all."""
    parts = []
    for letter in text:
        n = int(draw.integers(300, 500))
        tone = 0.3 * np.sin(2 * np.pi * PITCH.get(letter, 0.0) * np.arange(n) / RATE)
        parts.append(np.pad(tone, (150, 150)))
    sound = np.concatenate(parts) if parts else np.zeros(800)
    return sound + draw.normal(0, 0.01, len(sound))


def write_wav(path: Path, samples: np.ndarray, rate: int) -> Path:
    """16-bit WAV by the standard library, not by the reader under test."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


def recordings(B: int, seed: int) -> tuple[list[np.ndarray], list[str]]:
    draw = np.random.default_rng(seed)
    texts = ["".join(draw.choice(list(PITCH), draw.integers(1, 5))) for _ in range(B)]
    return [spoken(text, draw) for text in texts], texts


@pytest.fixture(scope="session")
def fitted() -> Transcriber:
    """A model of tones; do not change it."""
    return Transcriber(**SMALL).fit(*recordings(80, 0))
