"""Where a training stands between two looks at Ctrl-C, and whether it has come to rest."""

from collections.abc import Callable
from dataclasses import dataclass, field

from ostinato._core.interrupt import Interrupt


@dataclass
class Progress:
    """With the tables it is all that going on needs.

    Args:
        epoch: whole epochs behind it.
        at: codes or pairs of this epoch that are behind it.
        loss: their losses, added up.
        pairs: how many losses those are.
        words: words read.
        seconds: spent on this epoch.
        history: a dict an epoch.
    """

    epoch: int = 0
    at: int = 0
    loss: float = 0.0
    pairs: int = 0
    words: int = 0
    seconds: float = 0.0
    history: list[dict[str, float]] = field(default_factory=list)

    def turn(self, *, loss: float, **figures: float) -> None:
        """Write an epoch into the history and begin the next."""
        self.history.append({"epoch": self.epoch + 1, "loss": loss, **figures, "seconds": self.seconds})
        self.epoch, self.at, self.loss, self.pairs, self.words, self.seconds = self.epoch + 1, 0, 0.0, 0, 0, 0.0


def stop_if(interrupt: Interrupt, keep: Callable[[], None] | None = None) -> None:
    """Stop at a safe place if Ctrl-C was pressed: what is learned and what is counted agree there.

    Raises:
        KeyboardInterrupt: it was; after `keep`.
    """
    if interrupt.pressed and keep:
        keep()
    interrupt.check()


def settled(history: list[dict[str, float]], tol: float | None) -> bool:
    """Whether the last epoch lowered the loss by less than the share `tol`; None never does.

    Example:
        >>> settled([{"loss": 2.0}, {"loss": 1.99}], 0.01), settled([{"loss": 2.0}, {"loss": 1.0}], 0.01)
        (True, False)
    """
    if tol is None or len(history) < 2:
        return False
    return history[-1]["loss"] > history[-2]["loss"] * (1 - tol)
