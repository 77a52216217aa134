"""Rates by parameter and epoch, and the average that begins when the held-out part stops improving."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

from ostinato._core.errors import InputError
from ostinato.train import Trainer, squared_error
from ostinato.train.averaging import Average


class Whole:
    """One batch with everything."""

    x = torch.tensor([[0.0], [1.0], [2.0]])

    def epoch(self, e: int, start: int = 0) -> Any:
        return iter([SimpleNamespace(inputs=self.x, targets=3 * self.x + 1, index=torch.arange(3))][start:])

    def __len__(self) -> int:
        return 1


def loss(model: nn.Module, batch: Any) -> torch.Tensor:
    return squared_error(model(batch.inputs), batch.targets)


def test_a_rate_of_zero_freezes_and_thaws() -> None:
    model = nn.Linear(1, 1)
    before = model.weight.item(), model.bias.item()
    Trainer(epochs=2, rates=lambda name, epoch: float(name == "bias"), lr=0.1, seed=0).fit(model, loss, Whole())
    assert model.weight.item() == before[0] and model.bias.item() != before[1]
    assert model.weight.requires_grad
    Trainer(epochs=3, rates=lambda name, epoch: float(name == "bias" or epoch == 2), lr=0.1, seed=0).fit(
        model, loss, Whole()
    )
    assert model.weight.item() != before[0]


def test_rates_scale_the_step() -> None:
    """Plain gradient descent, one step, by hand."""
    model = nn.Linear(1, 1)
    weight, bias = model.weight.item(), model.bias.item()
    loss(model, next(Whole().epoch(0))).backward()
    slopes = model.weight.grad.item(), model.bias.grad.item()  # type: ignore[union-attr]
    rates = {"weight": 0.5, "bias": 0.25}
    Trainer(epochs=1, optimizer="sgd", lr=0.1, rates=lambda name, _: rates[name], seed=0).fit(model, loss, Whole())
    assert model.weight.item() == pytest.approx(weight - 0.05 * slopes[0], rel=1e-5)
    assert model.bias.item() == pytest.approx(bias - 0.025 * slopes[1], rel=1e-5)


def test_the_average_is_triggered_by_a_worse_epoch() -> None:
    model = nn.Linear(1, 1, bias=False)
    average = Average(model, "triggered")
    values: list[float] = []
    for value in (5.0, 4.0, 3.0, 3.1, 3.2, 3.3, 3.4, 3.5, 3.6):  # 3.0 is more than five epochs old at the ninth
        values.append(value)
        average.after_measuring(values, grow=False)
        assert bool(average.copies) == (len(values) == 9)
    seen = [model.weight.item()]
    for step in range(3):
        with torch.no_grad():
            model.weight.fill_(float(step))
        average.after_step()
        seen.append(float(step))
    with average.applied():
        assert model.weight.item() == pytest.approx(sum(seen) / 4, rel=1e-5)
    assert model.weight.item() == 2.0


def test_wrong_average() -> None:
    with pytest.raises(InputError, match="average='always' is out of range"):
        Trainer(average="always").fit(nn.Linear(1, 1), loss, Whole())
