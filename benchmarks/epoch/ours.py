"""Ostinato: the Keras-like door, as its guide shows it."""

import time

import numpy as np

from epoch.reviews import Reviews, V
from ostinato.kernels import ran
from ostinato.layers import LSTM, Dense, Embedding, Sequential


def run(train: Reviews, test: Reviews, batch: int, epochs: int) -> tuple[float, float]:
    """Train; seconds an epoch, and accuracy on the test part at the end."""
    model = Sequential([Embedding(V, 128), LSTM(128), Dense(1, activation="sigmoid")], seed=0)
    model.compile(optimizer="adam", loss="binary_crossentropy")
    model.fit(train.tokens[:batch], train.targets[:batch], batch_size=batch, verbose=0, seed=0)  # wakes the threads
    model = Sequential([Embedding(V, 128), LSTM(128), Dense(1, activation="sigmoid")], seed=0)
    model.compile(optimizer="adam", loss="binary_crossentropy")
    begin = time.perf_counter()
    with ran() as names:
        model.fit(train.tokens, train.targets, batch_size=batch, epochs=epochs, verbose=0, seed=0)
    seconds = (time.perf_counter() - begin) / epochs
    if set(names) != {"native"}:
        raise RuntimeError(f"ran on {set(names)}; native expected")
    right = (np.asarray(model.predict(test.tokens, batch_size=256))[:, 0] > 0.5) == test.targets
    return seconds, float(right.mean())
