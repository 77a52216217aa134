"""Random numbers: one seed for everything a run draws."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


@contextmanager
def seeded(seed: int | None) -> Iterator[None]:
    """Seed torch inside the block and restore its state after it, so that the caller's draws are not disturbed.

    CUDA's generators are seeded and restored too where CUDA is already in use; where it is not, it is left alone
    (`torch.manual_seed` would leave a seed behind for whenever it is).

    Args:
        seed: any integer from 0 up, or `None` to leave the generators as they are.
    """
    if seed is None:
        yield
        return
    devices = list(range(torch.cuda.device_count())) if torch.cuda.is_initialized() else []
    with torch.random.fork_rng(devices):
        torch.default_generator.manual_seed(seed)
        if devices:
            torch.cuda.manual_seed_all(seed)
        yield


def derive(seed: int, *path: int) -> int:
    """Derive an independent 63-bit seed from a seed and a path of integers, as (epoch, worker).

    Source: numpy's `SeedSequence` (O'Neill's seed_seq alternatives).

    Example:
        >>> derive(0, 1) == derive(0, 1), derive(0, 1) == derive(0, 2)
        (True, False)
    """
    return int(np.random.SeedSequence([seed, *path]).generate_state(1, np.uint64)[0] >> np.uint64(1))


def fresh() -> int:
    """Draw a seed for a run that was given none; it is stored, so that the run can be repeated."""
    return random.SystemRandom().randrange(2**31)
