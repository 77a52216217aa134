"""The native kernels on random layers; `scripts/check-native shapes` tries thousands on every instruction set."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from ostinato.cells import CELLS, Cell
from ostinato.kernels import Layer
from ostinato.kernels.native import Native, missing
from ostinato.testing.check_random_layer import check_random_layer
from ostinato.testing.random_layers import random_layer

pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))

# 446 and 1717 found that a team of threads on one row passed zoneout by.
SEEDS = [*range(80), 446, 1717]


@pytest.mark.parametrize("threads", [1, 2])
def test_random_layers(threads: int, threaded: type[Native]) -> None:
    for seed in SEEDS:
        assert not check_random_layer(threaded(threads), seed).failures


def test_every_option_is_drawn() -> None:
    drawn = [random_layer(seed) for seed in range(300)]
    assert {cell.name for cell, _, _ in drawn} == set(CELLS)
    said = " ".join(what for _, _, what in drawn)
    kinds = "ragged,even,table of,norm,mask,zoneout,drawn,zero states,two biases,b_ih alone,b_hh alone,no bias"
    for kind in (*kinds.split(","), *("B=1 ", "I=1 ", "H=1 ", "T=1 ", "D=2", "of weights", "of inputs")):
        assert kind in said
    assert any(w.hr is not None for _, layer, _ in drawn for w in layer.weights)
    assert any(not layer.x.is_contiguous() for _, layer, _ in drawn)


class WrongBias(Native):
    """Takes a ten-thousandth more of one bias."""

    def _forward(self, cell: Cell, layer: Layer) -> tuple[list[Tensor], tuple[Tensor, ...]]:
        weights = tuple(replace(w, b_ih=w.b_ih if w.b_ih is None else w.b_ih * 1.0001) for w in layer.weights)
        return super()._forward(cell, replace(layer, weights=weights))


def test_a_wrong_backend_fails() -> None:
    biased = [seed for seed in range(40) if random_layer(seed)[1].weights[0].b_ih is not None]
    failed = [seed for seed in biased if check_random_layer(WrongBias(), seed).failures]
    assert failed == biased


def test_drawn_again_by_its_seed() -> None:
    for seed in range(20):
        (cell, layer, what), (other_cell, other, other_what) = random_layer(seed), random_layer(seed, torch.float64)
        assert (cell, what) == (other_cell, other_what)
        assert torch.equal(layer.x, other.x.float())
