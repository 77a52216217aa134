"""What a runner makes of a problem."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Run:
    """Something to time, and how to read what it computed.

    Args:
        call: computes everything and returns when it is done.
        read: takes `call`'s result: "y" (T, B, D*H) and, in training, "dx" (T, B, I) and "dweights" (all gradients of
            weight matrices, flat, in torch's order). What stands behind a row's end is not compared.
        note: what is different about this run, for the table.
        same: whether it computes the same function as the others.
    """

    call: Callable[[], Any]
    read: Callable[[Any], dict[str, np.ndarray]]
    note: str = ""
    same: bool = True
