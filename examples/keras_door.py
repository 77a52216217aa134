"""The lectures' network in Keras' words: embedding, LSTM, one sigmoid unit; does a sequence hold a 7 before a 3?

python examples/keras_door.py
"""

import numpy as np

from ostinato.layers import LSTM, Dense, Embedding, Sequential

draw = np.random.default_rng(0)
sequences = [draw.integers(1, 10, draw.integers(4, 13)) for _ in range(3000)]  # rows of 4 to 12 digits


def told(row: np.ndarray) -> int:
    """Say whether a 7 stands somewhere before a 3."""
    sevens, threes = np.flatnonzero(row == 7), np.flatnonzero(row == 3)
    return int(len(sevens) > 0 and len(threes) > 0 and sevens[0] < threes[-1])


labels = np.array([told(row) for row in sequences])
model = Sequential([Embedding(10, 16), LSTM(32), Dense(1, activation="sigmoid")], seed=0)
model.summary()
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(sequences[:2500], labels[:2500], epochs=15, batch_size=32, validation_split=0.1, verbose=0, seed=0)
loss, accuracy = model.evaluate(sequences[2500:], labels[2500:], verbose=0)
print(f"held-out accuracy {accuracy:.3f}, always saying no {1 - labels[2500:].mean():.3f}")
for row in ([1, 7, 5, 3], [1, 3, 5, 7]):
    print(row, model.predict([np.array(row)]).round(3).item())
