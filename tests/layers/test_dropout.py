"""Dropout, by what is left when everything is dropped, and off outside training."""

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_sequence
from torch.testing import assert_close

from ostinato.layers import GRU, LSTM, Bidirectional, Dense, Dropout, Input, Sequential, SimpleRNN

X = pack_sequence([torch.randn(n, 3) for n in (6, 4, 1)])
LAYERS = [SimpleRNN, LSTM, GRU]


def built(layer: Any) -> Any:
    model = Sequential([Input((None, 3)), layer], seed=0)
    assert model.network is not None
    return model.network


@pytest.mark.parametrize("layer", LAYERS)
def test_all_inputs_dropped(layer: Any) -> None:
    network = built(layer(4, dropout=1.0))
    silent = X._replace(data=torch.zeros_like(X.data))
    assert_close(network.train()(X), built(layer(4))(silent))
    assert_close(network.eval()(X), built(layer(4))(X))


@pytest.mark.parametrize("layer", LAYERS)
def test_all_of_h_dropped(layer: Any) -> None:
    network, deaf = built(Bidirectional(layer(4, recurrent_dropout=1.0))), built(Bidirectional(layer(4)))
    with torch.no_grad():
        for name, parameter in deaf.named_parameters():
            if "weight_hh" in name:
                parameter.zero_()
    assert_close(network.train()(X), deaf(X))
    assert_close(network.eval()(X), built(Bidirectional(layer(4)))(X))


def test_layer() -> None:
    ones = X._replace(data=torch.ones(len(X.data), 3))
    network = built(Dropout(0.25))
    torch.manual_seed(0)
    kept = torch.cat([network.train()(ones).data for _ in range(100)])
    assert kept.unique().tolist() == pytest.approx([0, 1 / 0.75])
    assert (kept == 0).float().mean().item() == pytest.approx(0.25, abs=0.02)
    assert torch.equal(network.eval()(ones).data, ones.data)


def test_seed_of_fit_seeds_dropout() -> None:
    x, y = np.random.default_rng(0).standard_normal((8, 5, 3)), np.arange(8.0)

    def run(seed: int) -> Any:
        model = Sequential([GRU(4), Dropout(0.5), Dense(1)], seed=0)
        model.compile("sgd", "mse")
        state = torch.get_rng_state()
        model.fit(x, y, shuffle=False, seed=seed, verbose=0)
        assert torch.equal(torch.get_rng_state(), state)
        return model.get_weights()[0]

    assert np.array_equal(run(0), run(0))
    assert not np.array_equal(run(0), run(1))
