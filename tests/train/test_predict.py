"""Predictions come in the data's order, whatever the batches, and leave the model as it was."""

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import PackedSequence

from ostinato.data import Batches
from ostinato.train import predict

X = [
    np.full((1 + (7 * k) % 11, 1), k, np.float32) + np.arange(1 + (7 * k) % 11, dtype="f4")[:, None] / 100
    for k in range(23)
]


class Last(torch.nn.Module):
    def forward(self, packed: PackedSequence) -> torch.Tensor:
        padded, lengths = torch.nn.utils.rnn.pad_packed_sequence(packed, batch_first=True)
        return padded[torch.arange(len(lengths)), lengths - 1]


@pytest.mark.parametrize("settings", [{}, {"batch_size": 1}, {"batch_size": 100}, {"max_tokens": 20}])
@pytest.mark.parametrize("shuffle", [False, True])
def test_order(settings: dict[str, Any], shuffle: bool) -> None:
    batches = Batches(X, **({"batch_size": 4} | settings), shuffle=shuffle)
    rows = predict(Last(), batches)
    assert isinstance(rows, torch.Tensor)
    assert rows.tolist() == [[x[-1, 0]] for x in X]


def test_an_output_a_step() -> None:
    rows = predict(torch.nn.Identity(), Batches(X, batch_size=4), lambda model, batch: model(batch.inputs))
    assert len(rows) == len(X)
    assert all(np.array_equal(row, x) for row, x in zip(rows, X, strict=True))


def test_modes_and_gradients() -> None:
    model = torch.nn.Sequential(torch.nn.Dropout(), Last(), torch.nn.Linear(1, 1), torch.nn.Dropout(0.9))
    model[3].eval()
    seen = []

    def fn(model: torch.nn.Module, batch: Any) -> torch.Tensor:
        seen.append((model.training, torch.is_grad_enabled()))
        return Last()(batch.inputs)

    predict(model, Batches(X), fn)
    assert set(seen) == {(False, False)}
    assert model.training and model[0].training and not model[3].training
    with pytest.raises(ZeroDivisionError):
        predict(model, Batches(X), lambda model, batch: torch.ones(1 // 0))
    assert model.training and torch.is_grad_enabled()


def test_no_batches() -> None:
    class Empty:
        def __len__(self) -> int:
            return 0

        def epoch(self, e: int, start: int = 0, /) -> Any:
            return iter(())

    assert len(predict(Last(), Empty())) == 0
