"""In which numbers products may be made: float32, unless bfloat16 is allowed, in predictions or in training too."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from .._core.errors import InputError
from .constant import constant_in_graphs

PRECISIONS = ("float32", "bfloat16", "mixed")

_allowed: ContextVar[str] = ContextVar("ostinato_precision", default="float32")


@contextmanager
def precision(name: str) -> Iterator[None]:
    """Allow products in bfloat16 inside the block, for layers that do not say themselves (`LSTM(precision=...)`).

    Weights, inputs and h are then rounded to 8 bits where they are multiplied; sums, gates and states stay float32. It
    is done where the processor has the instructions (AVX512-BF16); elsewhere products stay in float32. `explain` tells
    which and why.

    When to use: "bfloat16" to predict faster with wide layers, once you have seen that your metric is the same;
    "mixed" to train wide layers faster as well, since the backward's products are then rounded too: parameters and
    their gradients stay float32.

    Args:
        name: "bfloat16" where no gradient is asked for, "mixed" also where one is (mixed precision), or "float32" to
            allow nothing again.

    Raises:
        InputError: another name.

    Source: Kalamkar et al. 2019, "A Study of BFLOAT16 for Deep Learning Training" (arXiv:1905.12322); Micikevicius et
    al. 2018, "Mixed Precision Training" (arXiv:1710.03740).

    Example:
        >>> with precision("bfloat16"):
        ...     pass
    """
    token = _allowed.set(checked_precision(name, "precision()"))
    try:
        yield
    finally:
        _allowed.reset(token)


def checked_precision(name: str, by: str) -> str:
    """Return the name if it is one of `PRECISIONS`.

    Raises:
        InputError: it is not.
    """
    if name not in PRECISIONS:
        raise InputError(f"{by} names {name!r}; one of {', '.join(map(repr, PRECISIONS))} expected")
    return name


def multiplied_in(allowed: str, gradients: bool) -> str:
    """In which type products are made under such a permission, where nothing else stands in the way.

    Args:
        allowed: one of `PRECISIONS`.
        gradients: whether one may be asked for.

    Returns:
        "float32" or "bfloat16".
    """
    return "bfloat16" if allowed == "mixed" or (allowed == "bfloat16" and not gradients) else "float32"


@constant_in_graphs
def precision_around() -> str:
    """What the nearest `precision()` allows."""
    return _allowed.get()
