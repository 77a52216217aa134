"""Speech without speech: letters are tones; a transcriber learns to write them, and nobody says which tone is when.

    python examples/transcribe_tones.py
    python examples/transcribe_tones.py recordings/    # a folder with one.wav and beside it one.txt, a tenth held out

Said and written words of the held-out part are shown side by side.
"""

import sys

import numpy as np

from ostinato import Transcriber, data

RATE = 4000
PITCH = {"a": 300.0, "b": 500.0, "c": 800.0, "d": 1300.0}


def spoken(word: str, draw: np.random.Generator) -> np.ndarray:
    """A tone a letter, some longer than others, over noise."""
    tones = [np.sin(2 * np.pi * PITCH[letter] * np.arange(draw.integers(300, 600)) / RATE) for letter in word]
    sound = np.concatenate([np.pad(tone, (100, 100)) for tone in tones])
    return sound + draw.normal(0, 0.2, len(sound))


def words(count: int, seed: int) -> tuple[list[np.ndarray], list[str]]:
    """Draw words of one to five letters and say them."""
    draw = np.random.default_rng(seed)
    texts = ["".join(draw.choice(list(PITCH), draw.integers(1, 6))) for _ in range(count)]
    return [spoken(text, draw) for text in texts], texts


if len(sys.argv) > 1:
    found = data.read_recordings(sys.argv[1])
    held = max(1, len(found) // 10)
    train, test = (found.paths[held:], found.texts[held:]), (found.paths[:held], found.texts[:held])
    model = Transcriber(random_state=0, verbose=1)
else:
    train, test = words(120, seed=0), words(40, seed=1)
    model = Transcriber(
        sample_rate_hz=RATE, bands=16, cell="gru", hidden_size=16, num_layers=1, convolution_size=16, dropout=0.0,
        epochs=30, batch_size=8, lr=0.02, validation_fraction=None, random_state=0,
    )  # fmt: skip
model.fit(*train)
for said, written in list(zip(test[1], model.transcribe(test[0]), strict=True))[:5]:
    print(f"said {said!r:10} written {written!r}")
right = np.mean([one == two for one, two in zip(test[1], model.transcribe(test[0]), strict=True)])
print(f"wholly right: {right:.3f}")
