"""Pen strokes: which letter did a hand draw? Offsets of the pen and where it was lifted are the steps.

The letters are drawn here with shaking hands, so that the example runs offline: it shows the form of the data and that
the network reads it, not how well handwriting of people is told apart.

    python examples/pen_strokes.py
    python examples/pen_strokes.py train.jsonl test.jsonl     # JSON lines with strokes and label
    python examples/pen_strokes.py train.ndjson test.ndjson drawing@columns word      # as Quick, Draw! has them
"""

import sys

import numpy as np

from ostinato import SequenceClassifier, SummaryBaseline, data

# letters as they are drawn, each stroke through some corners: V and A, Z and N, T and + begin and end alike
LETTERS = {
    "V": [[(0, 0), (1, 4), (2, 0)]],
    "A": [[(0, 4), (1, 0), (2, 4)]],
    "Z": [[(0, 0), (2, 0), (0, 4), (2, 4)]],
    "N": [[(0, 0), (0, 4), (2, 0), (2, 4)]],
    "T": [[(0, 0), (2, 0)], [(1, 0), (1, 4)]],
    "+": [[(0, 2), (2, 2)], [(1, 0), (1, 4)]],
}


def drawn(letter: str, draw: np.random.Generator) -> list[np.ndarray]:
    """Draw a letter: another size, slant, speed and shake each time."""
    size, slant = draw.uniform(5, 50), draw.normal(0, 0.15)
    strokes = []
    for corners in LETTERS[letter]:
        bent = np.array(corners, float) + draw.normal(0, 0.2, (len(corners), 2))
        places = np.linspace(0, len(bent) - 1, int(draw.integers(6, 20)))
        line = np.stack([np.interp(places, np.arange(len(bent)), axis) for axis in bent.T], axis=1)  # (T, 2)
        line[:, 0] += slant * line[:, 1]
        strokes.append(size * (line + draw.normal(0, 0.05, line.shape)))
    return strokes


def letters(rows: int, seed: int) -> tuple[list[np.ndarray], list[str]]:
    """Draw letters and turn them into steps."""
    draw, pen = np.random.default_rng(seed), data.Strokes(spacing=0.1)
    labels = [str(label) for label in draw.choice(list(LETTERS), rows)]
    return [pen(drawn(label, draw)) for label in labels], labels


def read(path: str) -> tuple[list[np.ndarray], list[str]]:
    """Read strokes and labels from JSON lines."""
    column, label = sys.argv[3:5] if len(sys.argv) > 4 else ("strokes@0.1", "label")
    table = data.load(path, sequence=column, label=label)
    return [np.asarray(value) for value in table.values], list(table.labels or [])


train, test = (read(sys.argv[1]), read(sys.argv[2])) if len(sys.argv) > 2 else (letters(400, 0), letters(200, 1))
for name, model in {
    "recurrent network": SequenceClassifier(cell="gru", hidden_size=32, dropout=0.2, epochs=12, random_state=0),
    "mean of the steps": SummaryBaseline(summary="mean", random_state=0),
}.items():
    print(f"{name:18s} {model.fit(*train).score(*test):.3f}")
