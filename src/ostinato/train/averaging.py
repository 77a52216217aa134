"""Averages of the parameters over training, which often generalise better than the last ones."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

TRIGGERED = "triggered"
_PATIENT = 5  # the paper's n


class Average:
    """Either an exponential moving average a step, or the mean of the last k epochs' ends.

    Args:
        model: its trainable parameters are averaged.
        how: a float below 1: the decay of a moving average a step (Polyak & Juditsky 1992; as there are few steps at
            first, the decay starts small: min(decay, (1 + t) / (10 + t)), as TensorFlow does). An integer k: the mean
            over the last k epochs (Izmailov et al. 2018). "triggered": the mean of all steps from the epoch on in which
            the held-out part stopped improving (NT-ASGD: Merity et al. 2018, algorithm 1).
    """

    def __init__(self, model: nn.Module, how: float | int | str) -> None:
        self.how = how
        self.parameters = [p for p in model.parameters() if p.requires_grad]
        self.seen = 0  # steps or epochs taken in
        # One copy of the parameters for the moving average; up to k, oldest first, for the window.
        self.copies: list[list[Tensor]] = [self._copy()] if isinstance(how, float) else []

    def _copy(self) -> list[Tensor]:
        return [p.detach().clone() for p in self.parameters]

    def after_step(self) -> None:
        """Take in the parameters after an optimiser step."""
        if isinstance(self.how, float):
            self.seen += 1
            decay = min(self.how, (1 + self.seen) / (10 + self.seen))
            torch._foreach_lerp_(self.copies[0], [p.detach() for p in self.parameters], 1 - decay)
        elif self.how == TRIGGERED and self.copies:
            self.seen += 1
            torch._foreach_lerp_(self.copies[0], [p.detach() for p in self.parameters], 1 / self.seen)

    def after_measuring(self, values: list[float], *, grow: bool) -> None:
        """Begin to average, if it is to be triggered and the held-out part's numbers say so.

        The last number has to be worse than the best of those before the last five epochs: one bad epoch is noise.
        """
        if self.how != TRIGGERED or self.copies or len(values) <= _PATIENT:
            return
        best = (max if grow else min)(values[: -1 - _PATIENT], default=None)
        if best is not None and (values[-1] < best if grow else values[-1] > best):
            self.seen, self.copies = 1, [self._copy()]

    def after_epoch(self, epoch: int) -> None:
        """Take in the parameters at the end of `epoch` (from 1); a second time for the same one does nothing."""
        if isinstance(self.how, int) and epoch > self.seen:
            self.seen = epoch
            self.copies = [*self.copies, self._copy()][-self.how :]

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Inside the block the model holds the averages."""
        raw = self._copy()
        self.load()
        try:
            yield
        finally:
            self._set(raw)

    def load(self) -> None:
        """Give the model the averages for good."""
        if self.copies:
            self._set(
                [torch.stack(same).mean(0) if len(same) > 1 else same[0] for same in zip(*self.copies, strict=True)]
            )

    def _set(self, values: list[Tensor]) -> None:
        with torch.no_grad():
            for parameter, value in zip(self.parameters, values, strict=True):
                parameter.copy_(value)

    def tensors(self) -> dict[str, Tensor]:
        """What a checkpoint must hold."""
        flat = {f"{k}.{i}": t for k, copy in enumerate(self.copies) for i, t in enumerate(copy)}
        return {**flat, "seen": torch.tensor(self.seen)}

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Take back what `tensors` gave."""
        count = len(self.parameters)
        self.seen = int(tensors["seen"])
        self.copies = [
            [tensors[f"{k}.{i}"].to(p.device) for i, p in enumerate(self.parameters)]
            for k in range((len(tensors) - 1) // count)
        ]
