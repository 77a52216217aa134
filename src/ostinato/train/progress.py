"""How training is shown: a live bar on a terminal, one plain line an epoch elsewhere, on stderr."""

import sys
from collections.abc import Callable
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn


class Show(Protocol):
    """Is told how a run goes."""

    def start(self, epochs: int, steps: int, done: int) -> None:
        """A run of `epochs` with `steps` each begins; `done` steps of it lie behind."""

    def step(self, done: int, epoch: int, loss: float, sequences_per_second: float, tokens_per_second: float) -> None:
        """`done` steps are taken, the last in epoch `epoch` (from 1); `loss` is the epoch's mean so far."""

    def epoch(self, record: dict[str, Any]) -> None:
        """An epoch ended with this record."""

    def stop(self) -> None:
        """The run ended, well or not."""


class Silent:
    """Shows nothing; calls `each_epoch` if there is one."""

    def __init__(self, each_epoch: Callable[[dict[str, Any]], object] | None = None) -> None:
        self.each_epoch = each_epoch

    def start(self, epochs: int, steps: int, done: int) -> None:
        """Nothing."""

    def step(self, done: int, epoch: int, loss: float, sequences_per_second: float, tokens_per_second: float) -> None:
        """Nothing."""

    def epoch(self, record: dict[str, Any]) -> None:
        """Hand the record on."""
        if self.each_epoch is not None:
            self.each_epoch(record)

    def stop(self) -> None:
        """Nothing."""


class Lines(Silent):
    """One plain line an epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.epochs = 0

    def start(self, epochs: int, steps: int, done: int) -> None:
        """Remember how many epochs there are."""
        self.epochs = epochs

    def epoch(self, record: dict[str, Any]) -> None:
        """Write the line."""
        print(describe(record, self.epochs), file=sys.stderr, flush=True)  # noqa: T201


class Bar(Silent):
    """A live bar with the rate and the time left, and a line an epoch above it."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self.bar = Progress(
            TextColumn("epoch {task.fields[epoch]}/{task.fields[epochs]}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("loss {task.fields[loss]:.4f}"),
            TextColumn("{task.fields[rows]:,.0f} sequences/s {task.fields[tokens]:,.0f} tokens/s"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )

    def start(self, epochs: int, steps: int, done: int) -> None:
        """Draw the bar."""
        self.epochs = epochs
        fields: dict[str, Any] = {"epoch": 1, "epochs": epochs, "loss": float("nan"), "rows": 0.0, "tokens": 0.0}
        self.task = self.bar.add_task("train", total=epochs * steps, completed=done, **fields)
        self.bar.start()

    def step(self, done: int, epoch: int, loss: float, sequences_per_second: float, tokens_per_second: float) -> None:
        """Move on."""
        self.bar.update(
            self.task, completed=done, epoch=epoch, loss=loss, rows=sequences_per_second, tokens=tokens_per_second
        )

    def epoch(self, record: dict[str, Any]) -> None:
        """Write the epoch's line above the bar."""
        self.bar.console.print(describe(record, self.epochs), highlight=False, markup=False)

    def stop(self) -> None:
        """Take the bar away."""
        self.bar.stop()


def choose(progress: bool | Callable[[dict[str, Any]], object]) -> Show:
    """`True`: a bar on a terminal, lines elsewhere; `False`: nothing; a function: called with every epoch's record."""
    if callable(progress):
        return Silent(progress)
    if not progress:
        return Silent()
    console = Console(stderr=True)
    return Bar(console) if console.is_terminal else Lines()


def describe(record: dict[str, Any], epochs: int) -> str:
    """An epoch in one line.

    Example:
        >>> describe({"epoch": 1, "train_loss": 0.5, "valid_loss": 0.25, "seconds": 2.0, "tokens_per_second": 1e4}, 3)
        'epoch 1/3  train_loss 0.5000  valid_loss 0.2500  10,000 tokens/s  2.0 s'
    """
    parts = [f"epoch {record['epoch']}/{epochs}"]
    parts += [f"{k} {v:.4f}" for k, v in record.items() if k.startswith(("train_", "valid_"))]
    if "tokens_per_second" in record:
        parts.append(f"{record['tokens_per_second']:,.0f} tokens/s")
    return "  ".join([*parts, f"{record['seconds']:.1f} s"])
