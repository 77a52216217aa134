"""Watches one number over the epochs: which epoch was best, when to stop, when to lower the rate."""

from dataclasses import dataclass

# "plateau": the rate is halved after this many epochs without an improvement.
PLATEAU_EPOCHS = 2
PLATEAU_FACTOR = 0.5

_MORE_IS_BETTER = ("accuracy", "f1", "auc", "precision", "recall", "r2", "score", "bleu")


def more_is_better(name: str) -> bool:
    """Whether a number of this name should grow: accuracies and their kin; all others (losses, errors) shrink.

    Example:
        >>> more_is_better("valid_accuracy"), more_is_better("valid_loss")
        (True, False)
    """
    return name.endswith(_MORE_IS_BETTER)


@dataclass
class Watch:
    """The best so far and how long ago it was. Plain numbers, so that a checkpoint keeps it as JSON.

    Attributes:
        best: the best value, `None` before the first.
        best_epoch: its epoch (from 1).
        waited: epochs since then.
        cuts: how often a plateau has lowered the rate.
    """

    best: float | None = None
    best_epoch: int | None = None
    waited: int = 0
    cuts: int = 0

    def see(self, value: float, epoch: int, *, grow: bool, min_delta: float) -> bool:
        """Take an epoch's value in; True if it is the best so far by more than `min_delta` (NaN never is)."""
        gain = 0.0 if self.best is None else (value - self.best if grow else self.best - value)
        if (self.best is None and value == value) or gain > min_delta:
            self.best, self.best_epoch, self.waited = value, epoch, 0
            return True
        self.waited += 1
        if self.waited % PLATEAU_EPOCHS == 0:
            self.cuts += 1
        return False
