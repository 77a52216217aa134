"""N steps + resume + N steps equal 2N steps, bit for bit; a damaged checkpoint says so."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest
import torch

from ostinato._core.errors import InputError, ModelFileError
from ostinato.data import Batches
from ostinato.train import Trainer

CASES: dict[str, dict[str, Any]] = {
    "adam": {"clip_norm": 0.5},
    "sgd": {"optimizer": "sgd", "momentum": 0.9, "lr": 0.1},
    "rmsprop": {"optimizer": "rmsprop", "momentum": 0.5},
    "adamw": {"optimizer": "adamw", "weight_decay": 0.1, "schedule": "one_cycle", "warmup": 0.1},
    "plateau": {"schedule": "plateau", "lr": 0.3},
    "moving average": {"average": 0.9, "schedule": "cosine"},
    "last epochs": {"average": 2},
    "patience": {"patience": 2, "lr": 0.3},
}
TIMES = ("seconds", "sequences_per_second", "tokens_per_second")


def result(model: Any, history: Any) -> tuple[Any, ...]:
    """All that a run leaves behind, less what the clock says."""
    records = [{k: v for k, v in record.items() if k not in TIMES} for record in history]
    weights = {name: t.numpy().tobytes() for name, t in model.state_dict().items()}
    return weights, records, history.best_epoch, history.best_value, history.stopped_early, history.seed


def broken_at(call: int, loss: Any) -> Any:
    """The loss function, with a Ctrl-C at its call number `call`."""
    calls = 0

    def breaking(model: Any, batch: Any) -> Any:
        nonlocal calls
        calls += 1
        value = loss(model, batch)  # dropout has drawn by now: the resumed step must draw the same again
        if calls == call:
            raise KeyboardInterrupt
        return value

    return breaking


@pytest.mark.parametrize(
    "call", [1, 5, 9, 14, 21, 30]
)  # first step, midway, held-out part; the same of epoch 2; epoch 3
@pytest.mark.parametrize("name", CASES)
def test_broken_off_and_resumed(
    name: str, call: int, network: Any, loss: Any, train: Batches, valid: Batches, tmp_path: Path
) -> None:
    settings = {"epochs": 4, "seed": 5, "lr": 0.02, "log": tmp_path / "metrics.jsonl"} | CASES[name]
    whole = network()
    expected = result(whole, Trainer(**settings).fit(whole, loss, train, valid))

    with pytest.raises(KeyboardInterrupt):
        Trainer(**settings, checkpoint=tmp_path / "c").fit(network(), broken_at(call, loss), train, valid)
    torch.rand(3)  # whatever else the caller draws
    again = network()
    with torch.no_grad():
        for p in again.parameters():
            p.add_(1)  # all comes from the checkpoint
    history = Trainer(**settings, checkpoint=tmp_path / "c", resume=True).fit(again, loss, train, valid)
    assert result(again, history) == expected
    lines = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert lines == list(history)


def test_more_epochs(network: Any, loss: Any, train: Batches, valid: Batches, tmp_path: Path) -> None:
    """A run that ended may go on; its best weights, not its last ones, were in the model, and that must not matter."""
    whole = network()
    expected = result(whole, Trainer(epochs=6, lr=0.1, seed=5).fit(whole, loss, train, valid))
    for epochs in (3, 6):
        model = network()
        trainer = Trainer(epochs=epochs, lr=0.1, seed=5, checkpoint=tmp_path, resume=True)
        history = trainer.fit(model, loss, train, valid)
    assert result(model, history) == expected
    history = trainer.fit(again := network(), loss, train, valid)  # nothing is left to do
    assert result(again, history) == expected


@pytest.mark.parametrize("rates", [{"schedule": "cosine"}, {"schedule": lambda done: 1 - done}, {"warmup": 0.5}])
def test_more_epochs_are_refused_where_rates_depend_on_them(
    rates: dict[str, Any], network: Any, loss: Any, train: Batches, tmp_path: Path
) -> None:
    settings: dict[str, Any] = {"seed": 5, "checkpoint": tmp_path, "resume": True, **rates}
    Trainer(epochs=1, **settings).fit(network(), loss, train)
    with pytest.raises(InputError, match="epochs is 2, expected 1 as in the checkpoint"):
        Trainer(epochs=2, **settings).fit(network(), loss, train)


@pytest.mark.parametrize("rates", [{"schedule": "plateau"}, {"warmup": 3}])
def test_more_epochs_where_rates_do_not_depend_on_them(
    rates: dict[str, Any], network: Any, loss: Any, train: Batches, valid: Batches, tmp_path: Path
) -> None:
    settings: dict[str, Any] = {"seed": 5, "lr": 0.3, **rates}
    whole = network()
    expected = result(whole, Trainer(epochs=2, **settings).fit(whole, loss, train, valid))
    for epochs in (1, 2):
        model = network()
        trainer = Trainer(epochs=epochs, checkpoint=tmp_path, resume=True, **settings)
        history = trainer.fit(model, loss, train, valid)
    assert result(model, history) == expected


def test_without_resume_starts_anew(network: Any, loss: Any, train: Batches, tmp_path: Path) -> None:
    runs = []
    for _ in range(2):
        model = network()
        runs.append(result(model, Trainer(epochs=2, seed=5, checkpoint=tmp_path).fit(model, loss, train)))
    assert runs[0] == runs[1]


def test_seed_comes_from_the_checkpoint(network: Any, loss: Any, train: Batches, tmp_path: Path) -> None:
    first = Trainer(epochs=1, checkpoint=tmp_path).fit(network(), loss, train)
    second = Trainer(epochs=2, checkpoint=tmp_path, resume=True).fit(network(), loss, train)
    assert second.seed == first.seed
    assert len(second) == 2


def test_other_settings_are_refused(network: Any, loss: Any, train: Batches, valid: Batches, tmp_path: Path) -> None:
    settings: dict[str, Any] = {"epochs": 1, "seed": 5, "checkpoint": tmp_path}
    Trainer(**settings).fit(network(), loss, train)
    for change, message in [
        ({"lr": 0.5}, "lr is 0.5, expected 0.001 as in the checkpoint"),
        ({"seed": 6}, "seed is 6, expected 5"),
        ({"optimizer": "sgd"}, "optimizer is 'sgd', expected 'adam'"),
    ]:
        with pytest.raises(InputError, match=message):
            Trainer(**(settings | change), resume=True).fit(network(), loss, train)
    with pytest.raises(InputError, match="held-out part is True, expected False"):
        Trainer(**settings, resume=True).fit(network(), loss, train, valid)
    train.batch_size = 4
    with pytest.raises(InputError, match="batches an epoch is 15, expected 8"):
        Trainer(**settings, resume=True).fit(network(), loss, train)


def test_other_model_is_refused(network: Any, loss: Any, train: Batches, tmp_path: Path) -> None:
    Trainer(epochs=1, seed=5, checkpoint=tmp_path).fit(network(), loss, train)
    other = network()
    other.linear = torch.nn.Linear(8, 1, bias=False)
    with pytest.raises(ModelFileError, match=r"of another model \(.*linear.bias"):
        Trainer(epochs=1, seed=5, checkpoint=tmp_path, resume=True).fit(other, loss, train)


@pytest.mark.parametrize("damage", ["flip", "cut", "gone", "json", "version"])
def test_damage_is_named(damage: str, network: Any, loss: Any, train: Batches, tmp_path: Path) -> None:
    trainer = Trainer(epochs=1, seed=5, checkpoint=tmp_path, resume=True)
    trainer.fit(network(), loss, train)
    (tensors,) = tmp_path.glob("*.safetensors")
    head = tmp_path / "checkpoint.json"
    blob = bytearray(tensors.read_bytes())
    if damage == "flip":
        blob[len(blob) // 2] ^= 1
        tensors.write_bytes(blob)
    elif damage == "cut":
        tensors.write_bytes(blob[:-1])
    elif damage == "gone":
        tensors.unlink()
    elif damage == "json":
        head.write_bytes(head.read_bytes()[:-20])
    else:
        head.write_text(head.read_text().replace('"format_version": 1', '"format_version": 99'))
    name = "checkpoint.json" if damage in ("json", "version") else tensors.name
    with pytest.raises(ModelFileError, match=name):
        trainer.fit(network(), loss, train)


def test_folder_that_cannot_be_written(network: Any, loss: Any, train: Batches, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for setting in ("checkpoint", "log"):
        with pytest.raises(InputError, match=f"{setting}='.*file.*' cannot be written"):
            Trainer(epochs=1, **{setting: str(tmp_path / "file" / "inside")}).fit(network(), loss, train)


def test_a_checkpoint_replaces_the_last_one(network: Any, loss: Any, train: Batches, tmp_path: Path) -> None:
    Trainer(epochs=3, checkpoint=tmp_path, log=tmp_path / "metrics.jsonl").fit(network(), loss, train)
    names = sorted(path.name.split("-")[0] for path in tmp_path.iterdir())
    assert names == ["checkpoint.json", "metrics.jsonl", "tensors"]


@pytest.mark.parametrize("flushed", range(4))  # the tensors, their name, the JSON, its name
def test_disk_full_leaves_a_checkpoint(
    flushed: int, network: Any, loss: Any, train: Batches, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings: dict[str, Any] = {"seed": 5, "checkpoint": tmp_path}
    Trainer(epochs=1, **settings).fit(network(), loss, train)

    left = flushed

    def full(handle: int) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space"):
        patch.setattr(os, "fsync", full)
        Trainer(epochs=2, resume=True, **settings).fit(network(), loss, train)
    history = Trainer(epochs=2, resume=True, **settings).fit(network(), loss, train)
    assert len(history) == 2


def test_an_update_broken_in_two_is_not_kept(network: Any, loss: Any, train: Batches, tmp_path: Path) -> None:
    """Ctrl-C inside the optimiser's step: some parameters are new, some old. The checkpoint before it stays."""

    class Breaking(torch.optim.SGD):
        steps = 0

        def step(self, closure: Any = None) -> Any:
            Breaking.steps += 1
            if Breaking.steps == 12:
                raise KeyboardInterrupt
            return super().step(closure)

    trainer = Trainer(epochs=2, seed=5, optimizer=Breaking, lr=0.1, checkpoint=tmp_path, resume=True)
    with pytest.raises(KeyboardInterrupt):
        trainer.fit(network(), loss, train)
    state = json.loads((tmp_path / "checkpoint.json").read_text())["state"]
    assert (state["epoch"], state["step"]) == (1, 0)
    whole, again = network(), network()
    trainer.fit(again, loss, train)
    Trainer(epochs=2, seed=5, optimizer=Breaking, lr=0.1).fit(whole, loss, train)
    assert all(torch.equal(a, b) for a, b in zip(whole.parameters(), again.parameters(), strict=True))


PROGRAM = """
    import signal, sys, time, types, torch
    from ostinato.train import Trainer

    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it

    class Slow:
        def __len__(self): return 1000
        def epoch(self, e, start=0):
            for k in range(start, 1000):
                yield types.SimpleNamespace(inputs=torch.ones(1, 1), index=torch.arange(1))

    def loss(model, batch):
        print("step", flush=True)
        end = time.monotonic() + 0.2
        while time.monotonic() < end:
            pass
        return model(batch.inputs).sum()

    torch.manual_seed(0)
    model = torch.nn.Linear(1, 1)
    try:
        Trainer(epochs=1, seed=0, checkpoint=sys.argv[1]).fit(model, loss, Slow())
    except KeyboardInterrupt:
        print("interrupted", flush=True)
        sys.exit(130)
"""


@pytest.mark.parametrize("presses", [1, 2])
def test_real_ctrl_c(presses: int, tmp_path: Path) -> None:
    command = [sys.executable, "-c", textwrap.dedent(PROGRAM), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "step\n"
        assert program.stdout.readline() == "step\n"
        program.send_signal(signal.SIGINT)  # in the midst of the second step
        if presses == 2:
            time.sleep(0.05)
            program.send_signal(signal.SIGINT)
        assert "interrupted" in program.stdout.read()
        assert program.wait(10) == 130
    saved = json.loads((tmp_path / "checkpoint.json").read_text())["state"]
    assert saved["step"] == (2 if presses == 1 else 1)  # the first lets the step end, the second does not
