"""A small problem that every test of training can afford: 60 ragged sequences, a GRU of 8 units with dropout."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from ostinato.data import Batches
from ostinato.train import binary_cross_entropy


class Network(nn.Module):
    def __init__(self, dropout: float = 0.3) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.rnn = nn.GRU(3, 8)
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(8, 1)

    def forward(self, packed: PackedSequence) -> Tensor:
        return self.linear(self.dropout(self.rnn(packed)[1][-1])).squeeze(1)


@pytest.fixture
def network() -> type[Network]:
    return Network


@pytest.fixture
def loss() -> Callable[[nn.Module, Any], Tensor]:
    return lambda model, batch: binary_cross_entropy(model(batch.inputs), batch.targets, batch.weights)


def _rows(count: int, seed: int) -> tuple[list[np.ndarray], Tensor]:
    draw = np.random.default_rng(seed)
    x = [draw.standard_normal((int(draw.integers(1, 12)), 3)).astype(np.float32) for _ in range(count)]
    return x, torch.tensor([float(row[:, 0].sum() > 0) for row in x])


@pytest.fixture
def train() -> Batches:
    return Batches(*_rows(60, 0), batch_size=8, seed=3)


@pytest.fixture
def valid() -> Batches:
    return Batches(*_rows(30, 1), batch_size=8, shuffle=False)
