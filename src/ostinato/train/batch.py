"""What the trainer asks of a batch and of a source of batches: `data.Batch` and `data.Batches` have it, others may."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, TypeVar, cast

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence


class Batch(Protocol):
    """Some sequences and what belongs to each; rows are in packed order (longest first)."""

    @property
    def inputs(self) -> PackedSequence:
        """(N,) token numbers or (N, I) numbers."""

    @property
    def index(self) -> Tensor:
        """(B,) int64: each row's number in the data."""


class Batches(Protocol):
    """Draws batches, the same ones for the same epoch."""

    def epoch(self, e: int, start: int = 0, /) -> Iterator[Any]:
        """The batches of epoch `e` (from 0) from batch number `start` on."""

    def __len__(self) -> int:
        """How many batches an epoch has."""


@dataclasses.dataclass(frozen=True)
class Measured:
    """What a loss function may return when one number is not enough.

    Args:
        loss: scalar; the mean over whatever was counted.
        count: over how many things `loss` and `metrics` are means (tokens, say); `None`: over the rows.
        metrics: further scalars of the same batch, averaged as the loss is, for training and held-out part alike; or
            (mean, count) pairs that are averaged over a count of their own, as F1 over the entities there are and the
            entities found.
    """

    loss: Tensor
    count: float | None = None
    metrics: Mapping[str, Tensor | tuple[float, float]] = dataclasses.field(default_factory=dict)

    def means(self, count: float) -> Iterator[tuple[str, float, float]]:
        """Name, mean, and over how many: of the loss and the metrics; `count` is that of those that have none."""
        yield "loss", self.loss.item(), count
        for name, metric in self.metrics.items():
            yield name, *(metric if isinstance(metric, tuple) else (float(metric), count))


# Given the model and a batch; a scalar that is the mean over the batch's rows, or a `Measured`.
Loss = Callable[[nn.Module, Any], Tensor | Measured]
Metric = Callable[[nn.Module, Any], Tensor | float]

_B = TypeVar("_B")


def device_of(model: nn.Module) -> torch.device:
    """Where the model's parameters lie; the CPU if it has none."""
    return next((p.device for p in model.parameters()), torch.device("cpu"))


def to_device(batch: _B, device: torch.device) -> _B:
    """Move every tensor and packed sequence of a dataclass or named tuple to `device`."""
    if device.type == "cpu":
        return batch
    if hasattr(batch, "to"):
        return cast(_B, batch.to(device))
    if dataclasses.is_dataclass(batch):
        fields = {f.name: getattr(batch, f.name) for f in dataclasses.fields(batch)}
        return dataclasses.replace(batch, **{k: v.to(device) if hasattr(v, "to") else v for k, v in fields.items()})  # type: ignore[type-var]
    moved = {k: v.to(device) for k, v in batch._asdict().items() if hasattr(v, "to")}  # type: ignore[attr-defined]
    return batch._replace(**moved)  # type: ignore[attr-defined,no-any-return]
