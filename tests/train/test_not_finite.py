"""NaN and infinity: found at once, explained, and kept out of the weights."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from ostinato._core.errors import TrainingError
from ostinato.data import Batch, Batches
from ostinato.train import Trainer


class Spoiled(Batches):
    """`data.Batches` refuses NaN when it is made; another source, or a step before the model, may bring it in."""

    spoil: int = -1
    value = np.nan
    targets = False

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        for batch in super().epoch(epoch, start):
            row = (batch.index == self.spoil).nonzero()
            if len(row) and self.targets:
                batch.targets[row] = self.value
            elif len(row):
                batch.inputs.data[4 + int(row), 1] = self.value  # four rows a step: this is step 1
            yield batch


def batches(spoil: int = -1, value: float = np.nan, targets: bool = False) -> Batches:
    x = [np.full((3, 2), 0.1 * (k + 1), np.float32) for k in range(12)]
    made = Spoiled(x, torch.arange(12.0), batch_size=4, shuffle=False)
    made.spoil, made.value, made.targets = spoil, value, targets
    return made


class Sums(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(2, 1)

    def forward(self, packed: Any) -> torch.Tensor:
        return self.linear(nn.utils.rnn.pad_packed_sequence(packed)[0].sum(0)).squeeze(1)


def loss(model: nn.Module, batch: Any) -> torch.Tensor:
    return ((model(batch.inputs) - batch.targets) ** 2).mean()


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize(("targets", "name"), [(False, "inputs"), (True, "targets")])
def test_row_of_the_data_is_named(value: float, targets: bool, name: str) -> None:
    model = Sums()
    message = rf"epoch 1, step 3 of 3 \(learning rate 0.001.*batch's {name} hold NaN or infinity in row 9 of the data"
    with pytest.raises(TrainingError, match=message):
        Trainer(seed=0).fit(model, loss, batches(9, value, targets))
    assert all(bool(torch.isfinite(p).all()) for p in model.parameters())


def test_divergence_names_the_remedy() -> None:
    trainer = Trainer(epochs=500, optimizer="sgd", lr=50.0, seed=0)
    with pytest.raises(TrainingError, match=r"learning rate 50, last gradient norm .*clip_norm=1.0.*lr=5\)"):
        trainer.fit(Sums(), loss, batches())
    clipped = Trainer(epochs=5, optimizer="sgd", lr=1e38, clip_norm=10.0, seed=0)
    with pytest.raises(TrainingError, match=r"lower the learning rate \(lr=1e\+37\) or clip harder \(clip_norm=1\)"):
        clipped.fit(Sums(), loss, batches())


def test_parameters_are_named() -> None:
    model = Sums()
    with torch.no_grad():
        model.linear.bias.fill_(float("nan"))
    with pytest.raises(TrainingError, match=r"the loss is nan in epoch 1, step 1.*parameters linear.bias hold NaN"):
        Trainer().fit(model, loss, batches())


def test_gradient_alone() -> None:
    """The root's loss is fine at 0, its slope is not; the step is not taken."""
    model = Sums()
    before = [p.detach().clone() for p in model.parameters()]

    def rooted(model: nn.Module, batch: Any) -> torch.Tensor:
        return (model(batch.inputs) * 0).sqrt().mean()

    with pytest.raises(TrainingError, match=r"gradient's norm is nan \(the loss is 0\) in epoch 1, step 1"):
        Trainer(clip_norm=1.0).fit(model, rooted, batches())
    assert all(torch.equal(p, b) for p, b in zip(model.parameters(), before, strict=True))


def test_held_out_part() -> None:
    with pytest.raises(TrainingError, match=r"held-out part's loss is nan.*inputs hold NaN or infinity in row 2 of"):
        Trainer(epochs=1).fit(Sums(), loss, batches(), batches(2))


def test_the_epochs_before_are_kept(tmp_path: Path) -> None:
    """NaN in the third epoch: the checkpoint of the second stays, and training goes on from it as if never broken."""
    whole = Sums()
    begin = {name: value.clone() for name, value in whole.state_dict().items()}
    settings: dict[str, Any] = {"epochs": 4, "lr": 0.01, "seed": 0}
    Trainer(**settings).fit(whole, loss, batches())
    seen = []

    def breaks(model: nn.Module, batch: Any) -> torch.Tensor:
        seen.append(batch)
        return loss(model, batch) * (np.nan if len(seen) == 8 else 1.0)

    broken = Sums()
    broken.load_state_dict(begin)
    with pytest.raises(TrainingError, match="the loss is nan in epoch 3, step 2 of 3"):
        Trainer(**settings, checkpoint=str(tmp_path)).fit(broken, breaks, batches())
    again = Sums()
    history = Trainer(**settings, checkpoint=str(tmp_path), resume=True).fit(again, loss, batches())
    assert [record["epoch"] for record in history] == [1, 2, 3, 4]
    assert all(torch.equal(value, again.state_dict()[name]) for name, value in whole.state_dict().items())
