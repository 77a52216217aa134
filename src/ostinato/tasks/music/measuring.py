"""How well the notes of pieces were foreseen."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ostinato.tasks.music.rolls import Roll


def summary(logits: list[NDArray[Any]], rolls: list[Roll]) -> dict[str, Any]:
    """What `evaluate` returns.

    Args:
        logits: of each piece (T, P), log-odds of each note at each step.
        rolls: what sounded, (T, P).

    Source: nats: Boulanger-Lewandowski et al. 2012; accuracy: Bay et al. 2009, notes foreseen among those that sound or
    were foreseen.

    Example:
        >>> summary([np.zeros((1, 2))], [np.array([[1, 0]], np.float32)])["loss_nats"] == 2 * np.log(2)
        np.True_
    """
    z, y = (np.concatenate(parts).astype(np.float64) for parts in (logits, rolls))
    nats = np.logaddexp(0, z) - y * z  # -log of the probability of what each note did
    right, named = (y * (z > 0)).sum(), np.maximum(y, z > 0).sum()
    return {
        "pieces": len(rolls),
        "steps": len(y),
        "notes": int(y.sum()),
        "loss_nats": float(nats.sum() / len(y)),
        "accuracy": float(right / max(named, 1.0)),
    }
