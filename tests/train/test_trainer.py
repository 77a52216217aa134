"""The trainer against a loop written by hand, bit by bit, and what it promises beside."""

import math
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from ostinato._core.errors import InputError
from ostinato.data import Batches
from ostinato.train import Measured, Trainer, binary_cross_entropy, squared_error


def bits(model: nn.Module) -> dict[str, bytes]:
    return {name: tensor.numpy().tobytes() for name, tensor in model.state_dict().items()}


OPTIMIZERS = {
    "adam": ({"betas": (0.8, 0.99)}, lambda p: torch.optim.Adam(p, lr=0.01, betas=(0.8, 0.99), fused=True)),
    "adamw": ({}, lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.0, fused=True)),
    "sgd": ({"momentum": 0.9}, lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, fused=True)),
    "rmsprop": ({}, lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.9, foreach=True)),
}


@pytest.mark.parametrize("clip", [None, 0.05])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_equals_a_loop_written_by_hand(name: str, clip: float | None, network: Any, loss: Any, train: Batches) -> None:
    settings, make = OPTIMIZERS[name]
    ours = network()
    Trainer(epochs=2, optimizer=name, lr=0.01, clip_norm=clip, seed=7, **settings).fit(ours, loss, train)

    theirs = network()
    # Matrices first, as the trainer groups them: the order decides how the total norm is summed, hence its last bit.
    optimizer = make(theirs.parameters())
    torch.manual_seed(7)
    theirs.train()
    for epoch in range(2):
        for batch in train.epoch(epoch):
            optimizer.zero_grad()
            loss(theirs, batch).backward()
            if clip is not None:
                nn.utils.clip_grad_norm_(theirs.parameters(), clip)
            optimizer.step()
    assert bits(ours) == bits(theirs)


def test_same_seed_same_bits(network: Any, loss: Any, train: Batches, valid: Batches) -> None:
    def run(seed: int) -> tuple[dict[str, bytes], list[float]]:
        model = network()
        history = Trainer(epochs=2, seed=seed).fit(model, loss, train, valid)
        return bits(model), history.column("train_loss")

    assert run(0) == run(0)
    assert run(0) != run(1)


def test_fresh_seed_is_stored(network: Any, loss: Any, train: Batches) -> None:
    model = network()
    history = Trainer(epochs=1).fit(model, loss, train)
    again = network()
    Trainer(epochs=1, seed=history.seed).fit(again, loss, train)
    assert bits(model) == bits(again)


def test_leaves_the_callers_things_alone(network: Any, loss: Any, train: Batches, valid: Batches) -> None:
    model = network()
    model.dropout.eval()
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    seen = []
    Trainer(epochs=1, threads=threads + 1, progress=lambda record: seen.append(torch.get_num_threads())).fit(
        model, loss, train, valid
    )
    assert torch.equal(torch.get_rng_state(), state)
    assert seen == [threads + 1]
    assert torch.get_num_threads() == threads
    assert model.training and not model.dropout.training


def test_record(network: Any, loss: Any, train: Batches, valid: Batches) -> None:
    def error(model: nn.Module, batch: Any) -> torch.Tensor:
        return ((model(batch.inputs) > 0) != batch.targets).float().mean()

    model = network()
    history = Trainer(epochs=3, lr=0.02, seed=0).fit(model, loss, train, valid, {"error": error})
    assert [record["epoch"] for record in history] == [1, 2, 3]
    assert {"train_loss", "valid_loss", "valid_error", "lr", "seconds", "tokens_per_second"} <= set(history[0])
    assert history[0]["lr"] == 0.02
    # the best epoch's weights are in the model: its numbers come out again, over all rows at once
    whole = next(iter(Batches.epoch(_whole(valid), 0)))
    model.eval()
    best = history[history.best_epoch - 1]
    assert_close(loss(model, whole).item(), best["valid_loss"], rtol=1e-5, atol=0)
    assert_close(error(model, whole).item(), best["valid_error"], rtol=1e-5, atol=0)
    assert history.best_value == best["valid_loss"] == min(history.column("valid_loss"))


def _whole(batches: Batches) -> Batches:
    batches.batch_size = 1000
    return batches


def test_means_are_over_rows_not_batches(network: Any, train: Batches) -> None:
    """60 rows in batches of 8 end with one of 4, whose mean must count half."""
    model = network()
    sizes = []

    def loss(model: nn.Module, batch: Any) -> torch.Tensor:
        sizes.append(len(batch.index))
        return model(batch.inputs).sum() * 0 + len(batch.index)

    history = Trainer(epochs=1).fit(model, loss, train)
    assert history[0]["train_loss"] == pytest.approx(sum(n * n for n in sizes) / sum(sizes))


def test_measured(network: Any, train: Batches, valid: Batches) -> None:
    def loss(model: nn.Module, batch: Any) -> Measured:
        tokens = len(batch.inputs.data)
        return Measured(model(batch.inputs).sum() * 0 + tokens, tokens, {"twice": torch.tensor(2.0 * tokens)})

    record = Trainer(epochs=1).fit(network(), loss, train, valid)[0]
    counts = [len(batch.inputs.data) for batch in train.epoch(0)]
    assert record["train_loss"] == pytest.approx(sum(n * n for n in counts) / sum(counts))
    assert record["train_twice"] == pytest.approx(2 * record["train_loss"])
    assert record["valid_twice"] == pytest.approx(2 * record["valid_loss"])


class Steps:
    """As many batches of one number each as asked for."""

    def __init__(self, count: int = 4, value: float = 1.0) -> None:
        self.count, self.value = count, value

    def __len__(self) -> int:
        return self.count

    def epoch(self, e: int, start: int = 0, /) -> Any:
        for _ in range(start, self.count):
            yield SimpleNamespace(inputs=torch.tensor([[self.value]]), index=torch.arange(1))


class Weight(nn.Module):
    """One parameter, whose gradient under `slope` is 1 everywhere: SGD takes the rate from it every step."""

    def __init__(self) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.zeros(1, dtype=torch.float64))


def slope(model: Any, batch: Any) -> torch.Tensor:
    return model.w.sum()


@pytest.mark.parametrize(("schedule", "warmup"), [("cosine", 0.25), ("step", 0), (lambda done: 1 - done**2, 3)])
def test_rate_of_every_step(schedule: Any, warmup: float) -> None:
    seen: list[float] = []
    before = 0.0

    def loss(model: Any, batch: Any) -> torch.Tensor:
        nonlocal before
        seen.append(before - model.w.item())
        before = model.w.item()
        return slope(model, batch)

    Trainer(epochs=3, optimizer="sgd", lr=0.5, schedule=schedule, warmup=warmup).fit(Weight(), loss, Steps())
    from ostinato.train.schedules import SCHEDULES, factor

    shape = SCHEDULES[schedule] if isinstance(schedule, str) else schedule
    assert seen[1:] == pytest.approx([0.5 * factor(shape, warmup, k, 12) for k in range(11)])


def scripted(values: list[float]) -> Any:
    """A metric that says these values, one an epoch."""
    left = iter(values)
    return {"accuracy": lambda model, batch: next(left), "error": lambda model, batch: 0.0}


@pytest.mark.parametrize(
    ("values", "patience", "best", "epochs", "delta"),
    [
        ([0.1, 0.5, 0.4, 0.3, 0.9], 2, 2, 4, 0.0),
        ([0.1, 0.5, 0.5, 0.5, 0.9], 2, 2, 4, 0.0),  # as good is not better
        ([0.1, 0.5, 0.4, 0.6, 0.5], 2, 4, 5, 0.0),
        ([0.1, 0.15, 0.19, 0.9, 0.9], 2, 1, 3, 0.1),
        ([0.1, 0.2, 0.3, 0.4, 0.5], 1, 5, 5, 0.0),
    ],
)
def test_patience(values: list[float], patience: int, best: int, epochs: int, delta: float) -> None:
    model = Weight()
    trainer = Trainer(epochs=5, optimizer="sgd", lr=1.0, patience=patience, monitor="valid_accuracy", min_delta=delta)
    history = trainer.fit(model, slope, Steps(1), Steps(1), scripted(values))
    assert len(history) == epochs
    assert history.best_epoch == best
    assert history.best_value == values[best - 1]
    assert model.w.item() == -best  # each epoch takes 1 away: these are the best epoch's weights
    assert history.stopped_early == (epochs < 5)


def test_plateau() -> None:
    trainer = Trainer(epochs=6, optimizer="sgd", lr=1.0, schedule="plateau", monitor="valid_accuracy")
    history = trainer.fit(Weight(), slope, Steps(1), Steps(1), scripted([0.5, 0.4, 0.4, 0.4, 0.4, 0.4]))
    assert history.column("lr") == [1, 1, 1, 0.5, 0.5, 0.25]


def test_moving_average_against_a_loop() -> None:
    model = Weight()
    Trainer(epochs=3, optimizer="sgd", lr=1.0, average=0.9).fit(model, slope, Steps())
    mean, w = 0.0, 0.0
    for t in range(1, 13):
        w -= 1
        decay = min(0.9, (1 + t) / (10 + t))
        mean = decay * mean + (1 - decay) * w
    assert model.w.item() == pytest.approx(mean, rel=1e-12)


def test_mean_of_the_last_epochs() -> None:
    model = Weight()
    Trainer(epochs=5, optimizer="sgd", lr=1.0, average=3).fit(model, slope, Steps(1))
    assert model.w.item() == pytest.approx(-4)  # of -3, -4, -5


def test_average_is_what_is_measured_and_training_goes_on_without_it() -> None:
    seen = []

    def value(model: Any, batch: Any) -> float:
        seen.append(model.w.item())
        return -len(seen)  # never better than the first

    model = Weight()
    trainer = Trainer(epochs=4, optimizer="sgd", lr=1.0, average=2, monitor="valid_accuracy")
    trainer.fit(model, slope, Steps(1), Steps(1), {"accuracy": value})
    assert seen == pytest.approx([-1, -1.5, -2.5, -3.5])
    assert model.w.item() == -1


def test_clip_value() -> None:
    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w = nn.Parameter(torch.zeros(2))

    model = Two()
    Trainer(epochs=1, optimizer="sgd", lr=1.0, clip_value=0.5).fit(
        model, lambda m, b: (m.w * torch.tensor([3.0, -0.25])).sum(), Steps(1)
    )
    assert model.w.tolist() == [-0.5, 0.25]


def test_decay_is_for_matrices() -> None:
    model = nn.Linear(2, 2)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    Trainer(epochs=1, optimizer="adamw", lr=0.1, weight_decay=0.5).fit(
        model, lambda m, b: m.weight.sum() * 0 + m.bias.sum() * 0, Steps(1)
    )
    assert_close(model.weight, before["weight"] * (1 - 0.1 * 0.5))
    assert_close(model.bias, before["bias"])


def test_frozen_parameters_stay(network: Any, loss: Any, train: Batches) -> None:
    model = network()
    model.linear.weight.requires_grad_(False)
    before = model.linear.weight.clone()
    Trainer(epochs=1).fit(model, loss, train)
    assert torch.equal(model.linear.weight, before)


def test_optimizer_may_be_a_function() -> None:
    model = Weight()
    Trainer(epochs=1, optimizer=lambda groups: torch.optim.SGD(groups, lr=99.0), lr=0.25).fit(model, slope, Steps(4))
    assert model.w.item() == -1


def test_batches_by_tokens(network: Any, loss: Any, train: Batches) -> None:
    """Their number changes from epoch to epoch; all rows are trained on all the same."""
    train.max_tokens, train.bucket = 30, False
    counts = [train.count(e) for e in range(6)]
    assert len(set(counts)) > 1
    rows: list[int] = []

    def counting(model: nn.Module, batch: Any) -> torch.Tensor:
        rows.append(len(batch.index))
        result: torch.Tensor = loss(model, batch)
        return result

    Trainer(epochs=6, schedule="cosine").fit(network(), counting, train)
    assert sum(rows) == 6 * 60
    assert len(rows) == sum(counts)


def test_zero_epochs_changes_nothing(network: Any, loss: Any, train: Batches) -> None:
    model = network()
    before = bits(model)
    history = Trainer(epochs=0).fit(model, loss, train)
    assert history == [] and history.best_epoch is None and bits(model) == before


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"optimizer": "adm"}, "optimizer='adm' is not known, expected one of adam, adamw, rmsprop, sgd; did you mean"),
        ({"schedule": "cosinus"}, "did you mean 'cosine'"),
        ({"lr": 0.0}, "lr=0.0 is out of range, expected a number above 0"),
        ({"lr": math.nan}, "lr=nan is out of range"),
        ({"epochs": -1}, "epochs=-1 is out of range, expected a whole number from 0"),
        ({"clip_norm": 0}, "clip_norm=0 is out of range"),
        ({"epochs": "3"}, "epochs='3' is out of range, expected a whole number from 0"),
        ({"epochs": 1.5}, "epochs=1.5 is out of range"),
        ({"epochs": math.inf}, "epochs=inf is out of range"),
        ({"lr": "0.1"}, "lr='0.1' is out of range, expected a number above 0"),
        ({"lr": None}, "lr=None is out of range"),
        ({"momentum": [0.9]}, "momentum=.*is out of range"),
        ({"betas": 0.9}, "betas=0.9 is out of range, expected two numbers"),
        ({"betas": (0.9,)}, "betas=.* is out of range, expected two numbers"),
        ({"patience": "3"}, "patience='3' is out of range"),
        ({"optimizer": 3}, "optimizer=3 is not known, expected one of adam"),
        ({"schedule": 3}, "schedule=3 is not known, expected one of cosine"),
        ({"threads": 1.5}, "threads=1.5 is out of range, expected a whole number above 0 or None"),
        ({"average": "0.9"}, "average='0.9' is out of range"),
        ({"average": 1.5}, "average=1.5 is out of range"),
        ({"patience": 3}, "patience=3 needs a held-out part"),
        ({"schedule": "plateau"}, "schedule='plateau' needs a held-out part"),
        ({"resume": True}, "needs a checkpoint"),
    ],
)
def test_wrong_settings(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Trainer(**settings).fit(Weight(), slope, Steps())


def test_nothing_to_train_on() -> None:
    with pytest.raises(InputError, match="training part has 0 batches"):
        Trainer().fit(Weight(), slope, Steps(0))
    with pytest.raises(InputError, match="held-out part has 0 rows"):
        Trainer().fit(Weight(), slope, Steps(1), Steps(0))
    with pytest.raises(InputError, match="0 trainable parameters"):
        Trainer().fit(nn.Dropout(), slope, Steps(1))
    with pytest.raises(InputError, match="monitor='valid_f1' is not measured, expected one of epoch, train_loss"):
        Trainer(monitor="valid_f1").fit(Weight(), slope, Steps(1), Steps(1))


def test_learns_the_adding_problem() -> None:
    """Two marked numbers among ten, to be added (Hochreiter & Schmidhuber 1997); guessing the mean gives 0.167."""
    torch.manual_seed(0)
    count, T = 2000, 10
    values = torch.rand(count, T)
    marks = torch.zeros(count, T)
    for part in (slice(0, T // 2), slice(T // 2, T)):
        where = torch.randint(0, T // 2, (count,)) + part.start
        marks[torch.arange(count), where] = 1
    target = (values * marks).sum(1)
    x = list(torch.stack([values, marks], 2))

    class Adder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.GRU(2, 24)
            self.linear = nn.Linear(24, 1)

        def forward(self, packed: Any) -> torch.Tensor:
            return self.linear(self.rnn(packed)[1][-1])

    history = Trainer(epochs=20, lr=0.02, clip_norm=1.0, schedule="one_cycle", seed=0).fit(
        Adder(),
        lambda model, batch: squared_error(model(batch.inputs), batch.targets),
        Batches(x[:1800], target[:1800], batch_size=32),
        Batches(x[1800:], target[1800:]),
    )
    assert history.best_value is not None and history.best_value < 0.005


def test_binary_cross_entropy_is_used(network: Any, loss: Any, train: Batches) -> None:
    """The fixture's loss is the library's: a guard against a test suite that tests itself."""
    batch = next(train.epoch(0))
    model = network(0.0)
    assert_close(loss(model, batch), binary_cross_entropy(model(batch.inputs), batch.targets))
