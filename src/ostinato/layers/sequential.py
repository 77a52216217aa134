"""`Sequential`: layers one after another, with Keras' verbs."""

import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ostinato._core.errors import InputError, ShapeError
from ostinato._core.random import fresh
from ostinato.data import Batches
from ostinato.layers import losses, metrics, optimizers
from ostinato.layers.arguments import Rows, infer, rows_of, spread
from ostinato.layers.embedding import Embedding
from ostinato.layers.history import History
from ostinato.layers.objective import Objective, row_weights, targets_of
from ostinato.layers.stack import Stack
from ostinato.train import Trainer, evaluating, predict
from ostinato.train.batch import device_of, to_device
from ostinato.train.lookup import lookup
from ostinato.train.meter import Meter


class Sequential(Stack):
    """A model that is a list of layers, used as Keras' `Sequential`; trained by `ostinato.train`.

    Padding is never computed: rows may have any lengths, as a list, or as an array with `mask_zero=True` in its
    `Embedding`.

    Args:
        layers: the layers in order; more by `add`.
        name: shown in the summary.
        seed: of the starting weights; `None`: drawn from torch's generator.

    Attributes:
        layers: the layers.
        network: the torch module; `None` until the input's shape is known.
        history: what the last `fit` returned.

    Example:
        >>> from ostinato.layers import LSTM, Dense
        >>> model = Sequential([Embedding(10000, 128), LSTM(128), Dense(1, activation="sigmoid")])
        >>> model.summary()
        sequential
        Layer (type)           Output       Parameters
        ----------------------------------------------
        embedding (Embedding)  (B, T, 128)   1,280,000
        lstm (LSTM)            (B, 128)        131,584
        dense (Dense)          (B, 1)              129
        ----------------------------------------------
        Total                                1,411,713
        >>> model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
        >>> history = model.fit([[1, 2, 3], [4, 5]], [0, 1], epochs=2, verbose=0)
        >>> sorted(history.history)
        ['accuracy', 'loss']
        >>> model.predict([[1, 2], [3, 4, 5], [6]]).shape
        (3, 1)
    """

    history: History | None = None
    _compiled: tuple[optimizers.Optimizer, losses.KerasLoss, list[str]] | None = None

    def compile(
        self,
        optimizer: str | optimizers.Optimizer = "rmsprop",
        loss: str | None = None,
        metrics: Sequence[str] | None = None,
    ) -> None:
        """Say how to train and what to measure.

        Args:
            optimizer: "rmsprop", "adam", "adamw", "sgd", or one of `layers.optimizers` with its numbers.
            loss: "mse" ("mean_squared_error"), "binary_crossentropy", "categorical_crossentropy" (one-hot targets) or
                "sparse_categorical_crossentropy" (class numbers).
            metrics: "accuracy", "mae", "mse", "binary_accuracy", …

        Raises:
            InputError: an unknown name; says which was probably meant.
        """
        if loss is None:
            raise InputError(f"loss is missing, expected one of {', '.join(losses.LOSSES)}; name one")
        if isinstance(metrics, str):
            metrics = [metrics]
        self._compiled = (optimizers.find(optimizer), losses.find(loss), list(metrics or []))
        if self._shapes:
            self._objective()

    def _settings(self) -> tuple[optimizers.Optimizer, losses.KerasLoss, list[str]]:
        if self._compiled is None:
            raise InputError("the model is not compiled, expected compile(optimizer, loss) before; call it")
        return self._compiled

    def _objective(self) -> Objective:
        network, output = self._ready()
        _, loss, names = self._settings()
        losses.check_activation(loss, network.last_activation, output.features)
        return Objective(loss, {name: metrics.find(name, loss, output.features) for name in names})

    def fit(
        self,
        x: Any,
        y: Any,
        batch_size: int = 32,
        epochs: int = 1,
        verbose: int | str = 1,
        validation_split: float = 0.0,
        validation_data: tuple[Any, ...] | None = None,
        shuffle: bool = True,
        class_weight: dict[int, float] | None = None,
        sample_weight: Any = None,
        *,
        seed: int | None = None,
        patience: int | None = None,
        **trainer: Any,
    ) -> History:
        """Train.

        Args:
            x: token numbers (B, T) or a list of (T,); numbers (B, T, I) or a list of (T, I); rows (B, I) where the
                first layer is `Dense`.
            y: (B,) or (B, units); (B, T) or (B, T, units) or a list where the model gives an output a step.
            batch_size: rows a step.
            epochs: passes over the data.
            verbose: 0: nothing is shown.
            validation_split: this share, the data's last rows, is held out and measured after every epoch.
            validation_data: (x, y) held out, instead.
            shuffle: draw the rows in a new order every epoch.
            class_weight: class number → weight of its rows.
            sample_weight: (B,), weight of each row.
            seed: of order and dropout; `None`: a fresh one, to be found in the result's `records.seed`.
            patience: stop after this many epochs without a better `val_loss`, and end with the best weights. Without
                it the last weights stay, as in Keras.
            **trainer: further arguments of `train.Trainer`: `schedule`, `checkpoint`, `log`, `threads`, …; they do what
                Keras' `callbacks` do.

        Returns:
            The epochs' numbers. Every call begins with a fresh optimiser.

        Raises:
            InputError, ShapeError: what is wrong with which argument.
            TrainingError: loss or gradients became NaN or infinite.
        """
        for name in trainer:
            _known(name)
        optimizer, _, _ = self._settings()
        if self._input is None and self.layers and hasattr(x, "__len__") and len(x):
            self._input = infer(x)
            try:
                self._build()
            except InputError:
                self._input = None
                raise
        objective = self._objective()
        network, _ = self._ready()
        rows, targets, row_weight = self._data(x, y, sample_weight, class_weight)
        held = None
        if validation_data is not None:
            held = self._batches(*self._data(*validation_data), batch_size)
        elif validation_split:
            first = round(len(rows.rows) * (1 - validation_split))
            if not 0 < first < len(rows.rows):
                raise InputError(
                    f"validation_split={validation_split} of {len(rows.rows)} rows leaves {first} to train on, "
                    "expected some on both sides; change it"
                )
            held = self._batches(*_cut(rows, targets, row_weight, slice(first, None)), batch_size)
            rows, targets, row_weight = _cut(rows, targets, row_weight, slice(first))
        seed = fresh() if seed is None else seed
        settings: dict[str, Any] = {
            "epochs": epochs,
            "seed": seed,
            "patience": patience,
            "keep_best": patience is not None,
            "progress": bool(verbose),
            **optimizer.settings(),
        }
        batches = self._batches(rows, targets, row_weight, batch_size, shuffle=shuffle, seed=seed)
        records = Trainer(**(settings | trainer)).fit(network, objective, batches, held)
        self.history = History.of(records)
        return self.history

    def evaluate(
        self,
        x: Any,
        y: Any,
        batch_size: int = 32,
        verbose: int | str = 0,
        sample_weight: Any = None,
        return_dict: bool = False,
    ) -> float | list[float] | dict[str, float]:
        """Measure loss and metrics.

        Args:
            x: as for `fit`.
            y: as for `fit`.
            batch_size: rows at a time.
            sample_weight: as for `fit`.
            verbose: as in Keras; nothing is shown.
            return_dict: give names with the numbers.

        Returns:
            The loss, or [loss, metrics in their order], or a dict of them.
        """
        objective, (network, _) = self._objective(), self._ready()
        meter = Meter()
        with evaluating(network):
            for batch in self._batches(*self._data(x, y, sample_weight), batch_size):
                measured = objective(network, to_device(batch, device_of(network)))
                for mean in measured.means(measured.count or 0):
                    meter.add(*mean)
        numbers = meter.means("")
        if return_dict:
            return numbers
        return list(numbers.values()) if len(numbers) > 1 else numbers["loss"]

    def predict(self, x: Any, batch_size: int = 32, verbose: int | str = 0) -> NDArray[Any] | list[NDArray[Any]]:
        """Apply the model.

        Args:
            x: as for `fit`.
            batch_size: rows at a time.
            verbose: as in Keras; nothing is shown.

        Returns:
            (B, units); for an output a step (B, T, units), zeros where padding stood, or a list of (T, units) if x is
            a list.
        """
        network, _ = self._ready()
        rows = self._rows(x)
        outputs = predict(network, Batches(rows.rows, batch_size=batch_size, shuffle=False))
        return outputs.numpy() if isinstance(outputs, Tensor) else spread(outputs, rows)

    def __call__(self, x: Any) -> NDArray[Any] | list[NDArray[Any]]:
        """As `predict`."""
        return self.predict(x)

    # --- data

    def _rows(self, x: Any) -> Rows:
        first = self.layers[0]
        vocabulary, mask = (first.input_dim, first.mask_zero) if isinstance(first, Embedding) else (None, False)
        return rows_of(x, self._given(), vocabulary=vocabulary, mask_zero=mask)

    def _data(
        self, x: Any, y: Any, sample_weight: Any = None, class_weight: dict[int, float] | None = None
    ) -> tuple[Rows, Tensor, Tensor | None]:
        rows, (_, loss, _) = self._rows(x), self._settings()
        if y is not None and len(y) != len(rows.rows):
            raise ShapeError(f"y has {len(y)} rows, expected {len(rows.rows)} as x has; give one target a row")
        targets = targets_of(y, rows, self._shapes[-1], loss)
        return rows, targets, row_weights(targets, class_weight, sample_weight, loss)

    @staticmethod
    def _batches(
        rows: Rows, targets: Tensor, weights: Tensor | None, size: int, *, shuffle: bool = False, seed: int = 0
    ) -> Batches:
        return Batches(rows.rows, targets, weights, batch_size=size, shuffle=shuffle, seed=seed, bucket=shuffle)


def _known(name: str) -> None:
    """Raise `InputError` unless `fit` or the `Trainer` has an argument of this name."""
    if name == "callbacks":
        raise InputError(
            "callbacks is no argument of fit, expected patience=, log= or checkpoint=, which do what Keras' callbacks "
            "do; use them"
        )
    names = {*inspect.signature(Sequential.fit).parameters, *inspect.signature(Trainer).parameters}
    lookup(name, dict.fromkeys(names - {"self", "trainer"}), "argument")


def _cut(rows: Rows, targets: Tensor, weights: Tensor | None, part: slice) -> tuple[Rows, Tensor, Tensor | None]:
    return (
        Rows(rows.rows[part], np.asarray(rows.starts[part]), rows.steps),
        targets[part],
        None if weights is None else weights[part],
    )
