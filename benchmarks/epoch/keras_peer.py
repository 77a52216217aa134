"""The same model in Keras, as the lectures write it: reviews padded to 500 words, `fit`."""

import time

import keras
import numpy as np

from epoch.reviews import Reviews, V


class Watch(keras.callbacks.Callback):
    """When the steps after the first, which compiles, began."""

    begin: float | None = None

    def on_train_batch_end(self, batch: int, logs: object = None) -> None:
        """Start at the end of the first step of all."""
        if self.begin is None:
            self.begin = time.perf_counter()


def run(train: Reviews, test: Reviews, batch: int, epochs: int) -> tuple[float, float]:
    """Train; seconds an epoch without the compilation, and accuracy on the test part at the end."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.layers.Embedding(V, 128), keras.layers.LSTM(128), keras.layers.Dense(1, activation="sigmoid")]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy")
    x, watch = train.padded().astype(np.int32), Watch()
    rows = len(x) // batch * batch  # another size of the last batch would be compiled again
    model.fit(x[:rows], train.targets[:rows], batch_size=batch, epochs=epochs, verbose=0, callbacks=[watch])
    steps = epochs * (rows // batch)
    seconds = (time.perf_counter() - (watch.begin or 0)) * (len(x) / batch) / (steps - 1)
    predicted = model.predict(test.padded().astype(np.int32), batch_size=250, verbose=0)
    return seconds, float(((predicted[:, 0] > 0.5) == test.targets).mean())
