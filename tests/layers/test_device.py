"""A model that is not on the CPU: batches go to it, weights come back from it."""

from typing import Any

import numpy as np
import pytest
import torch

from ostinato.layers import LSTM, Bidirectional, Dense, Embedding, Input, Layer, Sequential


def compiled(*layers: Layer) -> Sequential:
    model = Sequential(layers, seed=0)
    model.compile("sgd", "mse", metrics=["mae"])
    return model


def elsewhere(model: Sequential) -> Sequential:
    """torch's "meta" device needs no hardware: it has shapes and no numbers, and says so when asked for one."""
    assert model.network is not None
    model.network.to("meta")
    return model


def test_evaluate_takes_batches_to_the_model() -> None:
    """As far as the loss, whose number is the first thing that "meta" cannot give."""
    model = elsewhere(compiled(Dense(1, input_shape=(2,))))
    with pytest.raises(RuntimeError, match=r"Tensor.item\(\) cannot be called on meta tensors"):
        model.evaluate(np.ones((3, 2)), np.ones(3))


@pytest.mark.parametrize("layers", [[Embedding(9, 2)], [Input((None, 2)), LSTM(3)], [Dense(1, input_shape=(2,))]])
def test_weights_are_copied_to_the_cpu(layers: list[Layer]) -> None:
    with pytest.raises(NotImplementedError, match="Cannot copy out of meta tensor"):
        elsewhere(compiled(*layers)).get_weights()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_on_a_gpu() -> None:
    layers = [Embedding(9, 4, mask_zero=True), Bidirectional(LSTM(3)), Dense(1)]
    rows, y = [[1, 2, 3], [4], [5, 6]], [0.1, 0.2, 0.3]
    seen: list[Any] = []
    for device in ("cpu", "cuda"):
        model = compiled(*layers)
        model.fit(rows, y, epochs=2, shuffle=False, verbose=0, device=device)
        model.set_weights(model.get_weights())
        assert model.network is not None
        assert {p.device.type for p in model.network.parameters()} == {device}
        seen.append((model.evaluate(rows, y), model.predict(rows), model.get_weights()))
    np.testing.assert_allclose(seen[0][0], seen[1][0], rtol=1e-4)
    np.testing.assert_allclose(seen[0][1], seen[1][1], rtol=1e-4)
    for a, b in zip(seen[0][2], seen[1][2], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)
