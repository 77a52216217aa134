"""The trainer: all settings of a run in one place, and `fit`."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import index
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ostinato._core.errors import InputError
from ostinato._core.interrupt import deferred
from ostinato._core.random import fresh, seeded
from ostinato.train import checkpoint as checkpoints
from ostinato.train import state
from ostinato.train.averaging import TRIGGERED
from ostinato.train.batch import Batches, Loss, Metric
from ostinato.train.history import History
from ostinato.train.lookup import lookup
from ostinato.train.optimisers import OPTIMIZERS, OptimizerFactory
from ostinato.train.run import Run
from ostinato.train.schedules import SCHEDULES, Schedule
from ostinato.train.threads import threads


@dataclass(kw_only=True)
class Trainer:
    """Fits any module to batches of sequences; knows no task.

    Use it under an estimator or by itself with a module and a loss function of your own.

    Args:
        epochs: passes over the training part.
        optimizer: "adam", "adamw", "sgd", "rmsprop", or a function from parameter groups to a torch optimiser.
        lr: learning rate, before the schedule's factor.
        weight_decay: for matrices; biases, gains and other vectors do not decay.
        momentum: of "sgd" and "rmsprop".
        betas: of "adam" and "adamw".
        clip_norm: the gradients' L2 norm is scaled down to at most this.
        clip_value: each number of a gradient is cut to this at most.
        schedule: "cosine", "linear", "step", "plateau", "one_cycle", or a function from the share of the run done
            (0 … 1) to a factor on `lr`.
        warmup: the rate first grows linearly over this share of all steps (below 1) or this many steps.
        patience: stop after this many epochs without an improvement on the held-out part.
        monitor: the number of the epoch's record that says which epoch is best; names ending in accuracy, f1, auc,
            precision, recall, r2, score or bleu should grow, all others shrink.
        min_delta: an improvement is more than this.
        seed: of all that the model draws in training; `None`: drawn fresh and stored in the history.
        device: where to train; the model is moved there.
        threads: torch's threads for this run; `None`: as they are.
        progress: `True`: a live bar on a terminal, a plain line an epoch elsewhere (stderr); a function: called with
            each epoch's record.
        log: path of a `metrics.jsonl`, one JSON object an epoch.
        checkpoint: folder that keeps the state of the run, written after every epoch and on Ctrl-C.
        resume: go on from the checkpoint in the folder, if there is one. The settings that decide a step's numbers must
            be those of the checkpoint (said if not), and so must the batches: the same rows, the same seed. `patience`
            may grow, and `epochs` too unless the rate depends on them: with a `schedule` other than "plateau", or a
            `warmup` that is a share, more epochs would be another run.
        average: a float (0.999): evaluate and keep a moving average of the weights with this decay a step; an integer
            k: the mean of the weights at the ends of the last k epochs; "triggered": of all steps, once the held-out
            part has stopped improving (NT-ASGD).
        rates: (name of a parameter, epoch from 0) → factor on its learning rate; 0 leaves it as it is in that epoch.
            For layers that were trained before.
        keep_best: end with the weights of the epoch that was best on the held-out part; `False`: with the last ones.

    Example:
        >>> import torch
        >>> from types import SimpleNamespace
        >>> x = torch.tensor([[0.0], [1.0]])
        >>> batch = SimpleNamespace(inputs=x, targets=3 * x + 1, index=torch.arange(2))
        >>> class Whole:  # one batch with everything; data.Batches draws many from sequences
        ...     def epoch(self, e, start=0): return iter([batch][start:])
        ...     def __len__(self): return 1
        >>> from ostinato.train import squared_error
        >>> model = torch.nn.Linear(1, 1)
        >>> trainer = Trainer(epochs=200, optimizer="sgd", lr=0.5, seed=0)
        >>> history = trainer.fit(model, lambda model, b: squared_error(model(b.inputs), b.targets), Whole())
        >>> round(model.weight.item(), 3), round(model.bias.item(), 3)
        (3.0, 1.0)
    """

    epochs: int = 10
    optimizer: str | OptimizerFactory = "adam"
    lr: float = 1e-3
    weight_decay: float = 0.0
    momentum: float = 0.0
    betas: tuple[float, float] = (0.9, 0.999)
    clip_norm: float | None = None
    clip_value: float | None = None
    schedule: str | Schedule | None = None
    warmup: float = 0.0
    patience: int | None = None
    monitor: str = "valid_loss"
    min_delta: float = 0.0
    seed: int | None = None
    device: str | torch.device = "cpu"
    threads: int | None = None
    progress: bool | Callable[[dict[str, Any]], object] = False
    log: str | Path | None = None
    checkpoint: str | Path | None = None
    resume: bool = False
    average: float | int | str | None = None
    rates: Callable[[str, int], float] | None = None
    keep_best: bool = True

    def fit(
        self,
        model: nn.Module,
        loss: Loss,
        train: Batches,
        valid: Batches | None = None,
        metrics: Mapping[str, Metric] | None = None,
    ) -> History:
        """Train the model in place.

        Args:
            model: moved to `device`. At the end it holds the best epoch's weights if there is a held-out part and
                `keep_best`, else the last ones (or their average).
            loss: (model, batch) → scalar, the mean over the batch's rows; or a `Measured` with metrics beside it.
            train: draws the training batches.
            valid: draws the held-out batches, measured after every epoch.
            metrics: further numbers of the held-out part, (model, batch) → the mean over the batch's rows; averaged
                over rows into the record's `valid_<name>`.

        Returns:
            The epochs' records.

        Raises:
            InputError: a setting is wrong, or there is no batch.
            TrainingError: the loss or the gradients became NaN or infinite; says in which epoch and step, why and
                what to do. The model is left as it was before that step.
            ModelFileError: the checkpoint to resume from is damaged or belongs to other settings.
            KeyboardInterrupt: Ctrl-C; the step under way was finished and the checkpoint saved. A second Ctrl-C stops
                at once, and the last checkpoint stays.
        """
        self._check(valid)
        if len(train) == 0 and self.epochs:
            raise InputError("the training part has 0 batches, expected at least 1; give it rows")
        device = torch.device(self.device)
        folder = None if self.checkpoint is None else Path(self.checkpoint)
        saved = None
        if folder is not None:
            checkpoints.prepare(folder)
            saved = checkpoints.load(folder) if self.resume else None
        seed = self.seed
        if seed is None:
            seed = fresh() if saved is None else int(saved[1]["settings"]["seed"])
        others = [device] if device.type == "cuda" else []
        with torch.random.fork_rng(others), seeded(seed), threads(self.threads), deferred() as interrupt:
            run = Run(self, model.to(device), loss, train, valid, dict(metrics or {}), seed, folder, interrupt)
            if saved is not None:
                state.restore(run, *saved)
            return run.go()

    def _check(self, valid: Batches | None) -> None:
        """Raise `InputError` for the first setting that is wrong."""
        for name, (fine, expected) in _EXPECTED.items():
            if not _holds(fine, value := getattr(self, name)):
                raise InputError(f"{name}={value!r} is out of range, expected {expected}")
        if not callable(self.optimizer):
            lookup(self.optimizer, OPTIMIZERS, "optimizer")
        if self.schedule is not None and not callable(self.schedule):
            lookup(self.schedule, {**SCHEDULES, "plateau": None}, "schedule")
        if valid is None:
            for name in ("patience", "schedule"):
                value = getattr(self, name)
                if value == "plateau" or (name == "patience" and value is not None):
                    raise InputError(f"{name}={value!r} needs a held-out part, none was given; give `valid`")
        if self.resume and self.checkpoint is None:
            raise InputError("resume=True needs a checkpoint to go on from, checkpoint is None; give its folder")


_NUMBER = (lambda v: v is None or v > 0, "a number above 0 or None")
_COUNT = (lambda v: v is None or index(v) > 0, "a whole number above 0 or None")
# What each setting has to be: a test, and its words.
_EXPECTED: dict[str, tuple[Callable[[Any], bool], str]] = {
    "epochs": (lambda v: v >= 0 and int(v) == v, "a whole number from 0"),
    "lr": (lambda v: 0 < v < math.inf, "a number above 0, such as 0.001"),
    "weight_decay": (lambda v: 0 <= v < math.inf, "a number from 0"),
    "momentum": (lambda v: 0 <= v < 1, "a number in [0, 1)"),
    "betas": (lambda v: len(v) == 2 and all(0 <= b < 1 for b in v), "two numbers in [0, 1)"),
    "warmup": (lambda v: 0 <= v < math.inf, "a share below 1 or a number of steps"),
    "min_delta": (lambda v: v >= 0, "a number from 0"),
    "clip_norm": _NUMBER,
    "clip_value": _NUMBER,
    "patience": _COUNT,
    "threads": _COUNT,
    "average": (
        lambda v: v is None or v == TRIGGERED or (0 < v < 1 if isinstance(v, float) else v >= 1),
        "a decay in (0, 1), a number of epochs from 1 or 'triggered'",
    ),
}


def _holds(fine: Callable[[Any], bool], value: Any) -> bool:
    """Whether the test holds; for a value that is no number at all, a text say, it does not."""
    try:
        return bool(fine(value))
    except (TypeError, ValueError, OverflowError):
        return False
