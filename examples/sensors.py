"""Numeric sequences of unequal length: which way does a sensor's signal sweep, up or down in frequency?

The mean and the last step tell nothing here; the order of the steps tells everything.

    python examples/sensors.py
    python examples/sensors.py basic_motions_train.jsonl.gz basic_motions_test.jsonl.gz   # JSON lines with x and label
"""

import sys

import numpy as np

from ostinato import SequenceClassifier, SummaryBaseline, data

Rows = tuple[list[np.ndarray], list[str]]


def sweeps(rows: int, seed: int) -> Rows:
    """Make noisy two-channel sweeps of 20 to 40 steps."""
    draw = np.random.default_rng(seed)
    signals, labels = [], []
    for _ in range(rows):
        T = int(draw.integers(20, 41))
        up = bool(draw.random() < 0.5)
        rate = np.linspace(0.3, 1.5, T) if up else np.linspace(1.5, 0.3, T)
        angle = np.cumsum(rate) + draw.uniform(0, 2 * np.pi)
        signals.append(np.stack([np.sin(angle), np.cos(angle)], axis=1) + draw.normal(0, 0.1, (T, 2)))  # (T, I)
        labels.append("up" if up else "down")
    return signals, labels


def read(path: str) -> Rows:
    """Read sequences and labels from JSON lines."""
    table = data.load(path, sequence="x", label="label")
    return [np.asarray(value) for value in table.values], list(table.labels or [])


train, test = (read(sys.argv[1]), read(sys.argv[2])) if len(sys.argv) > 2 else (sweeps(400, 0), sweeps(100, 1))
network = SequenceClassifier(cell="gru", hidden_size=32, random_state=0)
for name, model in {
    "recurrent network": network,
    "mean of the steps": SummaryBaseline(summary="mean", random_state=0),
    "last step": SummaryBaseline(summary="last", random_state=0),
}.items():
    print(f"{name:18s} {model.fit(*train).score(*test):.3f}")
