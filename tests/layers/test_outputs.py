"""Outputs against Keras' golden values and against torch's modules, in float64, with the same weights."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence
from torch.testing import assert_close

from ostinato.layers import GRU, LSTM, Bidirectional, Dense, Dropout, Embedding, Input, Sequential, SimpleRNN

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "keras.json").read_text())
LAYERS: dict[str, Any] = {
    "rnn_tanh": SimpleRNN,
    "rnn_relu": lambda units, **s: SimpleRNN(units, activation="relu", **s),
    "lstm": LSTM,
    "gru": GRU,
    "gru_reset_before": lambda units, **s: GRU(units, reset_after=False, **s),
}


@pytest.mark.parametrize("name", LAYERS)
def test_keras_weights_give_keras_outputs(name: str) -> None:
    case = GOLDEN[name]
    x, expected = torch.tensor(case["x"], dtype=torch.float64), np.array(case["output"])
    model = Sequential([Input((None, x.shape[2])), LAYERS[name](expected.shape[2], return_sequences=True)])
    assert model.network is not None
    model.network.double()
    weights = [np.array(w) for w in case["weights"]]
    model.set_weights(weights)
    (_, module) = model.network.layers.values()
    states = [torch.tensor(s, dtype=torch.float64)[None] for s in case["states"]]
    output, _ = module.recurrent(x.transpose(0, 1), tuple(states) if len(states) > 1 else states[0])
    assert_close(output.detach().transpose(0, 1).numpy(), expected, rtol=1e-12, atol=1e-12)
    back = model.get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(back, weights, strict=True))


@pytest.mark.parametrize("settings", [{}, {"reset_after": False}, {"use_bias": False}])
def test_keras_weights_of_two_directions(settings: dict[str, Any]) -> None:
    """The first half of the arrays is the forward layer's, the other half the backward one's."""
    both, ahead, back = (
        Sequential([Input((None, 2)), layer])
        for layer in (Bidirectional(GRU(3, **settings)), GRU(3, **settings), GRU(3, **settings))
    )
    draw = np.random.default_rng(0)
    one, other = ([draw.standard_normal(w.shape).astype(np.float32) for w in ahead.get_weights()] for _ in range(2))
    ahead.set_weights(one)
    back.set_weights(other)
    both.set_weights(one + other)
    x = draw.standard_normal((4, 5, 2))
    wanted = np.concatenate([ahead.predict(x), back.predict(x[:, ::-1])], 1)
    np.testing.assert_allclose(both.predict(x), wanted, rtol=1e-5, atol=1e-6)
    assert all(np.array_equal(a, b) for a, b in zip(both.get_weights(), one + other, strict=True))


TORCH = {
    "rnn": (SimpleRNN(5), nn.RNN),
    "lstm": (LSTM(5), nn.LSTM),
    "gru": (GRU(5), nn.GRU),
}
MERGES = {
    "concat": lambda a, b: torch.cat([a, b], -1),
    "sum": torch.add,
    "ave": lambda a, b: (a + b) / 2,
    "mul": torch.mul,
}


def twin(module: Any, kind: type[nn.RNNBase]) -> nn.RNNBase:
    """torch's module with the weights of ours; where ours has one bias, torch's second is 0."""
    theirs = kind(module.input_size, module.hidden_size, bidirectional=module.bidirectional, dtype=torch.float64)
    state = {name: torch.zeros_like(p) for name, p in theirs.state_dict().items()}
    theirs.load_state_dict(state | dict(module.state_dict()))
    return theirs


def randomise(module: nn.Module) -> None:
    torch.manual_seed(0)
    with torch.no_grad():
        for p in module.double().parameters():
            p.normal_()


SEQUENCES = [torch.randn(n, 3, dtype=torch.float64) for n in (6, 4, 4, 1)]


@pytest.mark.parametrize("merge", [None, *MERGES])
@pytest.mark.parametrize("sequences", [False, True])
@pytest.mark.parametrize("name", TORCH)
def test_ragged_rows_against_torch(name: str, sequences: bool, merge: str | None) -> None:
    layer, kind = TORCH[name]
    layer = type(layer)(5, return_sequences=sequences)
    model = Sequential([Input((None, 3)), layer if merge is None else Bidirectional(layer, merge_mode=merge), Dense(2)])
    assert model.network is not None
    randomise(model.network)
    _, module, dense = model.network.layers.values()
    theirs = twin(module.recurrent, kind)
    output = model.network.eval()(pack_sequence(SEQUENCES))
    for row, x in enumerate(SEQUENCES):
        steps, final = theirs(x)  # each row by itself: batch mates cannot matter
        h = final[0] if isinstance(final, tuple) else final
        if merge is not None:
            steps = MERGES[merge](*steps.chunk(2, -1))
            h = MERGES[merge](*h)
        else:
            h = h[0]
        wanted = dense.linear(steps if sequences else h)
        got = nn.utils.rnn.unpack_sequence(output)[row] if sequences else output[row]
        assert_close(got, wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("activation", ["linear", "sigmoid", "tanh", "relu", "softmax"])
def test_dense_activation(activation: str) -> None:
    model = Sequential([Dense(3, activation=activation, input_shape=(4,))], seed=0)
    x = np.random.default_rng(0).standard_normal((5, 4)).astype(np.float32)
    kernel, bias = model.get_weights()
    z = torch.from_numpy(x @ kernel + bias)
    theirs = {"linear": nn.Identity(), "softmax": nn.Softmax(1)}
    wanted = theirs.get(activation, getattr(torch, activation, None))(z)  # type: ignore[misc]
    assert_close(torch.from_numpy(np.asarray(model.predict(x))), wanted)


def test_padding_is_taken_off() -> None:
    rows = [[3, 1, 4], [1, 5, 9, 2, 6], [5]]
    model = Sequential([Embedding(10, 4, mask_zero=True), LSTM(3, return_sequences=True), Dense(2)], seed=1)
    ragged = model.predict(rows)
    for pad in ("pre", "post"):
        padded = np.zeros((3, 7))  # floats, as np.zeros makes them
        for row, tokens in zip(padded, rows, strict=True):
            row[slice(-len(tokens), None) if pad == "pre" else slice(len(tokens))] = tokens
        output = model.predict(padded)
        assert isinstance(output, np.ndarray) and output.shape == (3, 7, 2)
        for row, tokens, wanted in zip(output, padded, ragged, strict=True):
            np.testing.assert_allclose(row[tokens > 0], wanted, rtol=1e-6)
            assert not row[tokens == 0].any()


def test_zeros_are_tokens_without_mask_zero() -> None:
    model = Sequential([Embedding(10, 4), GRU(3)], seed=1)
    assert not np.allclose(model.predict(np.array([[3, 1, 0]])), model.predict(np.array([[3, 1]])))
    masked = Sequential([Embedding(10, 4, mask_zero=True), GRU(3)], seed=1)
    np.testing.assert_array_equal(masked.predict(np.array([[3, 1, 0]])), model.predict(np.array([[3, 1]])))
    np.testing.assert_array_equal(masked.predict(np.array([[3, 0, 1]])), model.predict(np.array([[3, 0, 1]])))
    np.testing.assert_array_equal(masked.predict(np.array([[0, 0]])), model.predict(np.array([[0]])))


def test_stacked() -> None:
    """Rows in the user's order through dropout, two recurrent layers and batches of two."""
    rows = [np.random.default_rng(k).standard_normal((1 + k % 4, 3)) for k in range(9)]
    layers = [GRU(4, return_sequences=True), Dropout(0.5), Bidirectional(LSTM(3)), Dense(1, activation="sigmoid")]
    model = Sequential([Input((None, 3)), *layers], seed=0)
    one = [model.predict([row])[0] for row in rows]
    np.testing.assert_allclose(model.predict(rows, batch_size=2), one, rtol=1e-5)
    np.testing.assert_allclose(model(rows), one, rtol=1e-5)


def test_starting_weights() -> None:
    model = Sequential([Embedding(500, 32), LSTM(64), Dense(8)], seed=0)
    table, kernel, recurrent, bias, dense, dense_bias = model.get_weights()
    assert abs(table).max() <= 0.05 and abs(table).max() > 0.049
    for array in (kernel, dense):
        limit = np.sqrt(6 / sum(array.shape))
        assert 0.98 * limit < abs(array).max() <= limit
    np.testing.assert_allclose(recurrent @ recurrent.T, np.eye(64), atol=1e-5)  # (H, 4H): orthonormal rows
    np.testing.assert_array_equal(bias, np.repeat([0, 1, 0, 0], 64))
    assert not dense_bias.any()
    assert not Sequential([Input((None, 2)), LSTM(3, unit_forget_bias=False)]).get_weights()[2].any()


def test_equal_layers_start_differently() -> None:
    first, _, second, _ = Sequential([Dense(3, input_shape=(3,)), Dense(3)], seed=0).get_weights()
    assert not np.allclose(first, second)


def test_same_seed_same_weights() -> None:
    def draw(seed: int | None) -> list[Any]:
        return Sequential([Embedding(5, 2), GRU(3)], seed=seed).get_weights()

    state = torch.get_rng_state()
    assert all(np.array_equal(a, b) for a, b in zip(draw(0), draw(0), strict=True))
    assert torch.equal(torch.get_rng_state(), state)
    assert not all(np.array_equal(a, b) for a, b in zip(draw(0), draw(1), strict=True))


COUNTS: list[tuple[Any, int]] = [
    # 4 inputs, 8 units; as Keras' count_params
    (SimpleRNN(8), 8 * (4 + 8 + 1)),
    (LSTM(8), 4 * 8 * (4 + 8 + 1)),
    (GRU(8), 3 * 8 * (4 + 8 + 2)),
    (GRU(8, reset_after=False), 3 * 8 * (4 + 8 + 1)),
    (LSTM(8, use_bias=False), 4 * 8 * (4 + 8)),
    (Bidirectional(LSTM(8)), 2 * 4 * 8 * (4 + 8 + 1)),
    (Dense(8, input_shape=(4,)), 8 * 5),
]


@pytest.mark.parametrize(("layer", "count"), COUNTS)
def test_parameters(layer: Any, count: int) -> None:
    model = Sequential([layer] if isinstance(layer, Dense) else [Input((None, 4)), layer])
    assert model.count_params() == count == sum(w.size for w in model.get_weights())


def test_summary(capsys: pytest.CaptureFixture[str]) -> None:
    Sequential([Embedding(10000, 128), LSTM(128), Dense(1, activation="sigmoid")]).summary()
    text = capsys.readouterr().out
    for count in ("1,280,000", "131,584", "129", "1,411,713"):
        assert f" {count}\n" in text


def test_input_length_of_keras_is_taken_and_not_held_to() -> None:
    model = Sequential([Embedding(10, 4, input_length=500), GRU(3)], seed=1)
    np.testing.assert_array_equal(
        model.predict([[1, 2]]), Sequential([Embedding(10, 4), GRU(3)], seed=1).predict([[1, 2]])
    )


NAMES = ["training", "type", "keys", "a.b", "a_b", "a_b", "été", "_modules"]


def test_any_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    layers = [Dense(2, name=name) for name in NAMES]
    one, other = (Sequential([Input((2,)), *layers], seed=seed) for seed in (0, 1))
    one.save_weights(tmp_path / "weights.safetensors")
    other.load_weights(tmp_path / "weights.safetensors")
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    one.summary()
    text = capsys.readouterr().out
    assert all(f"\n{name} (Dense)" in text for name in NAMES)


def test_names_in_the_weights_file() -> None:
    network = Sequential([Embedding(9, 3), GRU(4, name="training"), Dense(1, name="a.b")]).network
    assert network is not None
    assert {key.rsplit(".", 1)[0] for key in network.state_dict()} == {
        "layers.embedding",
        "layers.training_.recurrent",
        "layers.a_b.linear",
    }


def test_weights_to_a_file_and_back(tmp_path: Path) -> None:
    layers = [Embedding(9, 3), GRU(4), Dense(1)]
    one, other = Sequential(layers, seed=0), Sequential(layers, seed=1)
    assert not np.allclose(one.predict([[1, 2]]), other.predict([[1, 2]]))
    one.save_weights(tmp_path / "weights.safetensors")
    other.load_weights(tmp_path / "weights.safetensors")
    np.testing.assert_array_equal(one.predict([[1, 2]]), other.predict([[1, 2]]))
    assert [path.name for path in tmp_path.iterdir()] == ["weights.safetensors"]
