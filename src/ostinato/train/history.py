"""What a training run measured, an epoch a record."""

from typing import Any


class History(list[dict[str, Any]]):
    """The records of a run: a list of dicts, one an epoch, plus which epoch was best.

    A record holds `epoch` (from 1), `train_loss`, `lr` (of the epoch's last step), `gradient_norm` (largest, before
    clipping), `seconds`, `sequences_per_second`, `tokens_per_second`, and, where there is a held-out part,
    `valid_loss` and `valid_<metric>`.

    Attributes:
        best_epoch: the epoch (from 1) whose weights the model holds now; `None` before the first.
        best_value: the monitored number of that epoch; `None` without a held-out part.
        stopped_early: whether patience ran out before the last epoch.
        seed: what the run was seeded with; the same seed repeats it.

    Example:
        >>> history = History([{"epoch": 1, "train_loss": 0.7}, {"epoch": 2, "train_loss": 0.5}])
        >>> history.column("train_loss")
        [0.7, 0.5]
    """

    best_epoch: int | None = None
    best_value: float | None = None
    stopped_early: bool = False
    seed: int | None = None

    def column(self, name: str) -> list[Any]:
        """One number of every epoch; `None` where an epoch lacks it."""
        return [record.get(name) for record in self]
