"""Training equals torch loops written by hand, and Keras' bookkeeping is kept."""

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from ostinato.layers import GRU, LSTM, SGD, Adam, AdamW, Dense, Embedding, Input, RMSprop, Sequential

RANDOM = np.random.default_rng(0)
TOKENS = RANDOM.integers(0, 12, (16, 5))
BINARY = RANDOM.integers(0, 2, 16).astype(np.float32)
CLASSES = RANDOM.integers(0, 3, 16)
ONE_HOT = np.eye(3, dtype=np.float32)[CLASSES]
STEPS = RANDOM.integers(0, 3, (16, 5))
REAL = RANDOM.standard_normal(16).astype(np.float32)


class Twin(nn.Module):
    """A model of torch's own modules with the weights of ours."""

    def __init__(self, model: Sequential, sequences: bool) -> None:
        super().__init__()
        assert model.network is not None
        embedding, recurrent, dense = model.network.layers.values()
        self.embedding = nn.Embedding.from_pretrained(embedding.weight.detach().clone(), freeze=False)
        ours = recurrent.recurrent
        self.rnn = nn.LSTM(ours.input_size, ours.hidden_size, batch_first=True)
        self.rnn.load_state_dict({n: torch.zeros_like(p) for n, p in self.rnn.state_dict().items()} | ours.state_dict())
        self.rnn.bias_hh_l0.requires_grad_(False)  # ours has one bias
        self.dense = nn.Linear(ours.hidden_size, dense.linear.out_features)
        self.dense.load_state_dict(dense.linear.state_dict())
        self.sequences = sequences

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        steps, (h, _) = self.rnn(self.embedding(x))
        return self.dense(steps if self.sequences else h[0])


# loss, activation, units, y, return_sequences, torch's loss of (sums before the activation, y)
CASES: dict[str, tuple[str, str | None, int, Any, bool, Any]] = {
    "mse": ("mse", None, 1, REAL, False, lambda z, y: F.mse_loss(z[:, 0], y)),
    "mse of tanh": ("mean_squared_error", "tanh", 1, REAL, False, lambda z, y: F.mse_loss(z[:, 0].tanh(), y)),
    "binary": (
        "binary_crossentropy",
        "sigmoid",
        1,
        BINARY,
        False,
        lambda z, y: F.binary_cross_entropy(z[:, 0].sigmoid(), y),
    ),
    "labels": (
        "binary_crossentropy",
        "sigmoid",
        3,
        ONE_HOT,
        False,
        lambda z, y: F.binary_cross_entropy(z.sigmoid(), y),
    ),
    "one-hot": (
        "categorical_crossentropy",
        "softmax",
        3,
        ONE_HOT,
        False,
        lambda z, y: -(y * z.softmax(1).log()).sum(1).mean(),
    ),
    "classes": (
        "sparse_categorical_crossentropy",
        "softmax",
        3,
        CLASSES,
        False,
        lambda z, y: F.nll_loss(z.softmax(1).log(), y),
    ),
    "steps": (
        "sparse_categorical_crossentropy",
        "softmax",
        3,
        STEPS,
        True,
        lambda z, y: F.cross_entropy(z.flatten(0, 1), y.flatten()),
    ),
}
OPTIMIZERS: dict[str, tuple[Any, Any]] = {
    "sgd": (SGD(learning_rate=0.1, momentum=0.9), lambda p: torch.optim.SGD(p, 0.1, 0.9)),
    "nesterov": (SGD(momentum=0.9, nesterov=True), lambda p: torch.optim.SGD(p, 0.01, 0.9, nesterov=True)),
    "rmsprop": ("rmsprop", lambda p: torch.optim.RMSprop(p, 1e-3, 0.9, 1e-7)),
    "adam": ("adam", lambda p: torch.optim.Adam(p, 1e-3, eps=1e-7)),
    "adam by hand": (Adam(learning_rate=0.05, beta_1=0.8), lambda p: torch.optim.Adam(p, 0.05, (0.8, 0.999), 1e-7)),
    "rmsprop by hand": (
        RMSprop(rho=0.8, momentum=0.5),
        lambda p: torch.optim.RMSprop(p, 1e-3, 0.8, 1e-7, momentum=0.5),
    ),
}


def equal_after_training(case: str, optimizer: Any, make: Any) -> None:
    loss, activation, units, y, sequences, theirs = CASES[case]
    model = Sequential([Embedding(12, 4), LSTM(6, return_sequences=sequences), Dense(units, activation)], seed=0)
    model.compile(optimizer, loss)
    twin = Twin(model, sequences)
    history = model.fit(TOKENS, y, batch_size=8, epochs=2, shuffle=False, verbose=0)
    steps = make([p for p in twin.parameters() if p.requires_grad])
    seen = []
    for _ in range(2):
        for part in (slice(8), slice(8, 16)):
            steps.zero_grad()
            value = theirs(twin(torch.from_numpy(TOKENS[part])), torch.from_numpy(y[part]))
            value.backward()
            steps.step()
            seen.append(value.item())
    assert history.history["loss"] == pytest.approx([np.mean(seen[:2]), np.mean(seen[2:])], rel=1e-5)
    assert model.network is not None
    embedding, recurrent, dense = model.network.layers.values()
    assert_close(embedding.weight, twin.embedding.weight, rtol=1e-4, atol=2e-6)
    assert_close(recurrent.recurrent.weight_hh_l0, twin.rnn.weight_hh_l0, rtol=1e-4, atol=2e-6)
    assert_close(recurrent.recurrent.bias_ih_l0, twin.rnn.bias_ih_l0, rtol=1e-4, atol=2e-6)
    assert_close(dense.linear.weight, twin.dense.weight, rtol=1e-4, atol=2e-6)


@pytest.mark.parametrize("case", CASES)
def test_every_loss_equals_a_torch_loop(case: str) -> None:
    equal_after_training(case, *OPTIMIZERS["sgd"])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_equals_a_torch_loop(name: str) -> None:
    equal_after_training("binary", *OPTIMIZERS[name])


def classifier(units: int = 1, activation: str = "sigmoid", **settings: Any) -> Sequential:
    return Sequential([Embedding(12, 4, **settings), GRU(6), Dense(units, activation=activation)], seed=0)


def test_history_and_evaluate() -> None:
    model = classifier()
    model.compile("adam", "binary_crossentropy", metrics=["accuracy", "mae"])
    history = model.fit(TOKENS, BINARY, epochs=3, validation_split=0.25, verbose=0)
    assert model.history is history
    assert history.epoch == [0, 1, 2]
    assert list(history.history) == ["loss", "accuracy", "mae", "val_loss", "val_accuracy", "val_mae"]
    assert all(len(column) == 3 for column in history.history.values())
    numbers = model.evaluate(TOKENS[12:], BINARY[12:], return_dict=True)
    assert isinstance(numbers, dict)
    assert {f"val_{k}": pytest.approx(v, rel=1e-5) for k, v in numbers.items()} == {
        k: v[-1]
        for k, v in history.history.items()
        if k.startswith("val_")  # the last 4 of 16 rows; the last weights
    }
    p = np.asarray(model.predict(TOKENS))[:, 0]
    loss, accuracy, mae = model.evaluate(TOKENS, BINARY, batch_size=5)  # type: ignore[misc]
    assert accuracy == pytest.approx(((p > 0.5) == BINARY).mean())
    assert mae == pytest.approx(abs(p - BINARY).mean(), rel=1e-5)
    assert loss == pytest.approx(-np.log(np.where(BINARY == 1, p, 1 - p)).mean(), rel=1e-5)


@pytest.mark.parametrize(
    ("loss", "y"), [("categorical_crossentropy", ONE_HOT), ("sparse_categorical_crossentropy", CLASSES[:, None])]
)
def test_accuracy_of_classes(loss: str, y: Any) -> None:
    model = classifier(3, "softmax")
    model.compile("adam", loss, metrics=["acc"])
    value = model.evaluate(TOKENS, y)
    assert isinstance(value, list)
    assert value[1] == pytest.approx((np.asarray(model.predict(TOKENS)).argmax(1) == CLASSES).mean())


def test_patience_keeps_the_best_weights() -> None:
    model = classifier()
    model.compile(SGD(learning_rate=3.0), "binary_crossentropy")
    history = model.fit(
        TOKENS[:8], BINARY[:8], epochs=60, validation_data=(TOKENS[8:], BINARY[8:]), patience=3, verbose=0
    )
    assert history.records.stopped_early
    assert model.evaluate(TOKENS[8:], BINARY[8:]) == pytest.approx(min(history.history["val_loss"]), rel=1e-5)


def test_weights_count_rows_as_often() -> None:
    """A class of weight 2 is as good as rows of weight 2."""
    seen = []
    for settings in ({"class_weight": {0: 1.0, 1: 2.0}}, {"sample_weight": 1 + BINARY}, {}):
        model = classifier()
        model.compile("sgd", "binary_crossentropy")
        model.fit(TOKENS, BINARY, epochs=2, shuffle=False, verbose=0, **settings)
        seen.append(np.asarray(model.predict(TOKENS)))
    np.testing.assert_array_equal(seen[0], seen[1])
    assert not np.allclose(seen[0], seen[2])


def test_same_seed_same_bits() -> None:
    def run(seed: int) -> Any:
        model = classifier()
        model.compile("adam", "binary_crossentropy")
        model.fit(TOKENS, BINARY, epochs=2, batch_size=4, seed=seed, verbose=0)
        return model.predict(TOKENS)

    assert np.array_equal(run(0), run(0))
    assert not np.array_equal(run(0), run(1))


def test_far_logits_train() -> None:
    """A sigmoid that says exactly 0 where 1 is right: the logarithm of its output would be infinite."""
    model = Sequential([Dense(1, activation="sigmoid", input_shape=(1,))])
    model.set_weights([np.array([[-1e4]]), np.array([0.0])])
    model.compile(SGD(learning_rate=1.0), "binary_crossentropy")
    assert model.fit(np.ones((1, 1)), [1.0], verbose=0).history["loss"] == [1e4]
    assert model.get_weights()[0][0, 0] == pytest.approx(-1e4 + 1)


def test_steps_with_padding_count_no_padding() -> None:
    """Targets a step, as a padded array (zeros in front) and as a list: the same training."""
    rows = [list(RANDOM.integers(1, 12, n)) for n in (5, 2, 4, 3)]
    targets = [list(RANDOM.integers(0, 3, len(row))) for row in rows]
    x, y = np.zeros((4, 6), int), np.zeros((4, 6), int)
    for k, row in enumerate(rows):
        x[k, -len(row) :], y[k, -len(row) :] = row, targets[k]
    seen = []
    for inputs, wanted in ((rows, targets), (x, y)):
        model = Sequential(
            [Embedding(12, 4, mask_zero=True), LSTM(5, return_sequences=True), Dense(3, activation="softmax")], seed=0
        )
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        history = model.fit(inputs, wanted, epochs=2, batch_size=2, shuffle=False, verbose=0)
        output = model.predict(rows)
        seen.append((history.history, np.concatenate(list(output))))
        right = [o.argmax(1) == np.array(t) for o, t in zip(output, targets, strict=True)]
        accuracy = model.evaluate(inputs, wanted)[1]  # type: ignore[index]
        assert accuracy == pytest.approx(np.concatenate(right).mean())
    assert seen[0][0] == seen[1][0]
    np.testing.assert_array_equal(seen[0][1], seen[1][1])


def test_rows_without_steps() -> None:
    """The lectures' network of two hidden layers of 16, on an exclusive or."""
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 8, float)
    y = x[:, 0] != x[:, 1]
    model = Sequential(
        [Dense(16, activation="relu"), Dense(16, activation="relu"), Dense(1, activation="sigmoid")], seed=0
    )
    model.compile(Adam(learning_rate=0.02), "binary_crossentropy", metrics=["accuracy"])
    assert model.fit(x, y, epochs=60, verbose=0, seed=0).history["accuracy"][-1] == 1
    assert model.count_params() == 3 * 16 + 17 * 16 + 17


def test_learns_to_echo() -> None:
    """Say at every step the token of two steps before; chance is 1 in 4."""
    tokens = RANDOM.integers(1, 5, (400, 12))
    wanted = np.zeros_like(tokens)
    wanted[:, 2:] = tokens[:, :-2]
    model = Sequential([Embedding(5, 8), GRU(24, return_sequences=True), Dense(5, activation="softmax")], seed=0)
    model.compile(Adam(learning_rate=0.02), "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(tokens, wanted, epochs=12, validation_split=0.2, seed=0, verbose=0)
    assert history.history["val_accuracy"][-1] > 0.99


def test_input_size_is_inferred() -> None:
    model = Sequential([LSTM(4), Dense(2)])
    model.compile("adam", "mse")
    model.fit(RANDOM.standard_normal((6, 3, 7)), RANDOM.standard_normal((6, 2)), verbose=0)
    assert model.count_params() == 4 * 4 * (7 + 4 + 1) + 10
    assert np.asarray(model.predict(RANDOM.standard_normal((2, 5, 7)))).shape == (2, 2)


def test_trainer_settings_pass_through(tmp_path: Any) -> None:
    model = Sequential([Input((None, 7)), LSTM(4), Dense(2)])
    model.compile(AdamW(clipnorm=1.0), "mse")
    x, y = RANDOM.standard_normal((6, 3, 7)), RANDOM.standard_normal((6, 2))
    history = model.fit(x, y, epochs=2, verbose=0, schedule="linear", log=tmp_path / "metrics.jsonl")
    assert history.records.column("lr") == pytest.approx([1e-3, 5e-4])
    assert len((tmp_path / "metrics.jsonl").read_text().splitlines()) == 2


@pytest.mark.parametrize("kind", [SGD, RMSprop, Adam, AdamW])
def test_learning_rate_without_its_name(kind: Any) -> None:
    assert kind(0.25) == kind(learning_rate=0.25) != kind()
    model = classifier()
    model.compile(kind(0.25, clipnorm=1.0), "binary_crossentropy")
    assert model.fit(TOKENS, BINARY, verbose=0).records.column("lr") == [0.25]


def test_clipped() -> None:
    model = classifier()
    model.compile(SGD(learning_rate=1.0, clipnorm=1e-3), "binary_crossentropy")
    before = model.get_weights()
    model.fit(TOKENS, BINARY, batch_size=16, verbose=0)
    moved = np.concatenate([(a - b).ravel() for a, b in zip(model.get_weights(), before, strict=True)])
    assert np.linalg.norm(moved) == pytest.approx(1e-3, rel=1e-3)


def test_accuracy_of_labels() -> None:
    model = classifier(3, "sigmoid")
    model.compile("sgd", "binary_crossentropy", metrics=["accuracy"])
    p = np.asarray(model.predict(TOKENS))
    value = model.evaluate(TOKENS, ONE_HOT, return_dict=True)
    assert isinstance(value, dict)
    assert value["accuracy"] == pytest.approx(((p > 0.5) == ONE_HOT).mean())


def test_weight_of_a_row_is_that_of_its_steps() -> None:
    model = Sequential([Embedding(12, 4), LSTM(5, return_sequences=True), Dense(1)], seed=0)
    model.compile("sgd", "mse")
    rows, y, weights = [[1, 2, 3], [4, 5], [6]], [[0.1, 0.2, 0.3], [0.4, 0.5], [0.6]], [1.0, 0.0, 3.0]
    squares = [((o[:, 0] - t) ** 2).sum() * w for o, t, w in zip(model.predict(rows), y, weights, strict=True)]
    assert model.evaluate(rows, y, sample_weight=weights) == pytest.approx(sum(squares) / 6, rel=1e-5)


def test_without_shuffling_rows_keep_their_order() -> None:
    rows = [[1, 2, 3], [4], [5, 6], [7, 8, 9, 10]]
    seen = []
    for batch_size, order in ((2, [0, 1, 2, 3]), (2, [1, 0, 3, 2]), (2, [0, 2, 1, 3])):
        model = classifier()
        model.compile(SGD(learning_rate=0.5), "binary_crossentropy")
        model.fit([rows[k] for k in order], BINARY[:4][order], batch_size, shuffle=False, verbose=0)
        seen.append(model.get_weights()[1])
    np.testing.assert_allclose(seen[0], seen[1], rtol=1e-4, atol=1e-7)  # the same pairs
    assert not np.allclose(seen[0], seen[2], rtol=1e-4, atol=1e-7)  # other pairs
