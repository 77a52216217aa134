"""Learning-rate schedules: a share of the run done, 0 … 1, → a factor on the learning rate.

Each is a pure function of the position, so a resumed run needs no schedule's state and cannot drift from it.
"""

import math
from collections.abc import Callable

Schedule = Callable[[float], float]


def cosine(done: float) -> float:
    """Half a cosine from 1 to 0. Source: Loshchilov & Hutter 2017 (SGDR), without restarts."""
    return 0.5 * (1 + math.cos(math.pi * done))


def linear(done: float) -> float:
    """A straight line from 1 to 0."""
    return 1 - done


def step(done: float) -> float:
    """1, from half of the run 0.1, from three quarters 0.01. Source: He et al. 2016, section 4.2."""
    return 1.0 if done < 0.5 else 0.1 if done < 0.75 else 0.01


def one_cycle(done: float, rise: float = 0.3) -> float:
    """Up from 1/25 to 1 in the first 30 % of the run, then down to 1/250,000, both along a cosine.

    Source: Smith & Topin 2018 (super-convergence), with the numbers of torch's `OneCycleLR`; the momentum is left
    alone.
    """
    if done < rise:
        return 1 / 25 + (1 - 1 / 25) * (1 - cosine(done / rise))
    return 1 / 250_000 + (1 - 1 / 250_000) * cosine((done - rise) / (1 - rise))


# "plateau" needs what was measured, not only the position: see watch.py.
SCHEDULES: dict[str, Schedule] = {"cosine": cosine, "linear": linear, "step": step, "one_cycle": one_cycle}


def factor(schedule: Schedule | None, warmup: float, step: int, steps: int) -> float:
    """The factor on the learning rate at step number `step` (from 0) of `steps`.

    Args:
        schedule: share done after the warm-up → factor; `None`: 1 throughout.
        warmup: the rate grows linearly from near 0 to its full value over this share of all steps (below 1) or
            this many steps (1 and above). Source: Goyal et al. 2017, section 2.2.
        step: the step about to be taken.
        steps: steps of the whole run.

    Example:
        >>> [factor(linear, 2, k, 6) for k in range(6)]
        [0.5, 1.0, 1.0, 0.75, 0.5, 0.25]
    """
    warm = round(warmup * steps) if warmup < 1 else int(warmup)
    if step < warm:
        return (step + 1) / warm
    if schedule is None:
        return 1.0
    return schedule(min(1.0, (step - warm) / max(1, steps - warm)))
