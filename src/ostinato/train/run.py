"""One training run: the epochs and their steps."""

import math
import time
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import torch
from torch import Tensor, nn

from ostinato._core.errors import InputError, TrainingError
from ostinato._core.interrupt import Interrupt
from ostinato.train import checkpoint, optimisers, progress, state
from ostinato.train.averaging import Average
from ostinato.train.batch import Batches, Loss, Measured, Metric, to_device
from ostinato.train.clipping import clip
from ostinato.train.diagnosis import diagnose
from ostinato.train.history import History
from ostinato.train.log import Log
from ostinato.train.meter import Meter
from ostinato.train.predict import evaluating
from ostinato.train.schedules import SCHEDULES, factor
from ostinato.train.watch import PLATEAU_FACTOR, Watch, more_is_better

if TYPE_CHECKING:
    from ostinato.train.trainer import Trainer


class Run:
    """Everything that changes while a `Trainer` fits a model.

    Between two steps the state is whole: what `state.collect` takes from it then decides all the rest of the run.
    """

    def __init__(
        self,
        trainer: "Trainer",
        model: nn.Module,
        loss: Loss,
        train: Batches,
        valid: Batches | None,
        metrics: dict[str, Metric],
        seed: int,
        folder: Path | None,
        interrupt: Interrupt,
    ) -> None:
        self.settings, self.model, self.loss = trainer, model, loss
        self.train, self.valid, self.metrics = train, valid, metrics
        self.folder, self.interrupt = folder, interrupt
        self.steps = len(train)
        self.device = torch.device(trainer.device)
        self.optimizer = self._optimizer()
        self.parameters = list(model.parameters())
        self.average = None if trainer.average is None else Average(model, trainer.average)
        self.history = History()
        self.history.seed = seed
        self.epoch, self.step = 0, 0  # whole epochs done, steps done in the one under way
        self.meter = Meter()  # the epoch under way
        self.watch = Watch()
        self.best: dict[str, Tensor] = {}  # the best epoch's weights
        # The generators after the last whole step: one that is broken off is taken again from here.
        self.generators = state.generators(self.device)
        self.norm: float | None = None  # of the last step's gradient
        self.whole = True  # False in the midst of an update

    def _optimizer(self) -> torch.optim.Optimizer:
        t = self.settings
        if callable(t.optimizer):
            return t.optimizer(optimisers.parameter_groups(self.model, t.weight_decay, t.rates is not None))
        return optimisers.build(
            t.optimizer,
            self.model,
            lr=t.lr,
            weight_decay=t.weight_decay,
            momentum=t.momentum,
            betas=t.betas,
            each=t.rates is not None,
        )

    # --- the run

    def go(self) -> History:
        """Run the epochs that are left; give the model its final weights."""
        t = self.settings
        log = None if t.log is None else Log(t.log, self.history)
        show = progress.choose(t.progress)
        modes = [(module, module.training) for module in self.model.modules()]
        show.start(t.epochs, self.steps, self._position(self.step))
        try:
            while self.epoch < t.epochs and not self._out_of_patience():
                record = self._epoch(show)
                self._save()
                if log is not None:
                    log.write(record)
                show.epoch(record)
                self.interrupt.check()
        except KeyboardInterrupt:
            if self.whole:  # else a second Ctrl-C broke an update in two; the checkpoint before it stays
                self._save()
            raise
        finally:
            show.stop()
            self._freeze(thaw=True)
            for module, training in modes:
                module.training = training
        self._finish()
        return self.history

    def _out_of_patience(self) -> bool:
        patience = self.settings.patience
        return patience is not None and self.watch.waited >= patience

    def _save(self) -> None:
        if self.folder is not None:
            checkpoint.save(self.folder, *state.collect(self))

    def _finish(self) -> None:
        self.history.best_epoch = self.epoch or None
        self.history.stopped_early = self.epoch < self.settings.epochs
        if self.best and self.settings.keep_best:
            state.load_weights(self.model, self.best)
            self.history.best_epoch, self.history.best_value = self.watch.best_epoch, self.watch.best
        elif self.average is not None:
            self.average.load()

    # --- one epoch

    def _epoch(self, show: progress.Show) -> dict[str, Any]:
        """Train for the rest of the epoch under way, measure, and close it."""
        self.model.train()
        self._freeze()
        clock = time.perf_counter()
        for batch in self.train.epoch(self.epoch, self.step):
            self._step(to_device(batch, self.device))
            now = time.perf_counter()
            self.meter.seconds += now - clock
            clock = now
            show.step(self._position(self.step), self.epoch + 1, self.meter.mean("loss"), *self.meter.rates())
            self.interrupt.check()
        if self.step == 0:
            raise InputError(
                f"the training part gave 0 batches in epoch {self.epoch + 1}, expected 1 or more; give rows"
            )
        record = {"epoch": self.epoch + 1, **self.meter.means("train_")}
        if self.average is not None:
            self.average.after_epoch(self.epoch + 1)
        with self.average.applied() if self.average is not None else nullcontext():
            if self.valid is not None:
                record |= self._measure(self.valid)
            record |= {"lr": self._rate(self.step - 1), "gradient_norm": self.meter.largest_norm, **self.meter.costs()}
            self._close(record)
        return record

    def _freeze(self, thaw: bool = False) -> None:
        """Let no gradient reach the parameters whose rate is 0 in the epoch under way; or let it reach all again."""
        rates = self.settings.rates
        for group in self.optimizer.param_groups if rates is not None else ():
            for parameter in group["params"]:
                parameter.requires_grad_(thaw or (rates is not None and rates(group["name"], self.epoch) > 0))
                parameter.grad = None

    def _close(self, record: dict[str, Any]) -> None:
        """Enter an epoch's record and see whether it is the best; the model holds the weights that were measured."""
        self.whole = False
        if self.valid is not None:
            name = self.settings.monitor
            if name not in record:
                raise InputError(
                    f"monitor={name!r} is not measured, expected one of {', '.join(record)}; name one of them"
                )
            grow, delta = more_is_better(name), self.settings.min_delta
            if self.watch.see(record[name], self.epoch + 1, grow=grow, min_delta=delta):
                self.best = state.weights(self.model)
        self.history.append(record)
        if self.average is not None and self.valid is not None:
            self.average.after_measuring(self.history.column(name), grow=grow)
        self.epoch, self.step, self.meter = self.epoch + 1, 0, Meter()
        self.whole = True

    def _position(self, step: int) -> int:
        """Steps since the start of the run. Batches cut by tokens vary in number: an epoch counts as `steps` always."""
        return self.epoch * self.steps + min(step, self.steps)

    def _rate(self, step: int) -> float:
        """The learning rate of step `step` of the epoch under way."""
        t = self.settings
        schedule = SCHEDULES.get(t.schedule) if isinstance(t.schedule, str) else t.schedule
        cut = PLATEAU_FACTOR**self.watch.cuts if t.schedule == "plateau" else 1.0
        return t.lr * cut * factor(schedule, t.warmup, self._position(step), t.epochs * self.steps)

    # --- one step

    def _step(self, batch: Any) -> None:
        """Forward, backward, clip, update."""
        t, rate = self.settings, self._rate(self.step) * getattr(batch, "lr_scale", 1.0)
        measured = _measured(self.loss(self.model, batch))
        value = measured.loss.item()
        if not math.isfinite(value):
            self._explain(f"the loss is {value}", batch, rate)
        for parameter in self.parameters:
            parameter.grad = None
        measured.loss.backward()
        norm = clip(self.parameters, t.clip_norm, t.clip_value).item()
        if not math.isfinite(norm):
            self._explain(f"the gradient's norm is {norm} (the loss is {value:.6g})", batch, rate)
        self.whole = False
        for group in self.optimizer.param_groups:
            group["lr"] = rate if t.rates is None else rate * t.rates(group["name"], self.epoch)
        self.optimizer.step()
        if self.average is not None:
            self.average.after_step()
        self._count(self.meter, batch, measured)
        self.meter.largest_norm = max(self.meter.largest_norm, norm)
        self.norm = norm
        self.step += 1
        self.generators = state.generators(self.device)
        self.whole = True

    def _explain(self, what: str, batch: Any, rate: float) -> NoReturn:
        t, step = self.settings, min(self.step + 1, self.steps)
        last = f", last gradient norm {self.norm:.3g}" if self.norm is not None else ""
        raise TrainingError(
            f"{what} in epoch {self.epoch + 1}, step {step} of {self.steps} (learning rate {rate:g}{last}), "
            f"expected a finite number; {diagnose(self.model, batch, lr=t.lr, clip_norm=t.clip_norm)}"
        )

    # --- measuring

    def _measure(self, batches: Batches) -> dict[str, float]:
        """The loss and the metrics of the held-out part."""
        meter = Meter()
        with evaluating(self.model):
            for batch in batches.epoch(0):
                batch = to_device(batch, self.device)
                measured = _measured(self.loss(self.model, batch))
                if not math.isfinite(value := measured.loss.item()):
                    self._explain(f"the held-out part's loss is {value}", batch, self._rate(self.step - 1))
                self._count(meter, batch, measured)
                for name, metric in self.metrics.items():
                    meter.add(name, float(metric(self.model, batch)), len(batch.index))
                self.interrupt.check()
        if meter.rows == 0:
            raise InputError("the held-out part has 0 rows, expected at least 1; give it rows or leave it out")
        return meter.means("valid_")

    @staticmethod
    def _count(meter: Meter, batch: Any, measured: Measured) -> None:
        rows = len(batch.index)
        count = rows if measured.count is None else measured.count
        for mean in measured.means(count):
            meter.add(*mean)
        meter.rows += rows
        meter.tokens += len(getattr(batch.inputs, "data", batch.inputs))


def _measured(loss: Tensor | Measured) -> Measured:
    return loss if isinstance(loss, Measured) else Measured(loss)
