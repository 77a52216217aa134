"""Checks of single arguments; each message gives the value, what was expected, and a remedy."""

import operator
from difflib import get_close_matches

import numpy as np

from ostinato._core.errors import InputError


def probability(name: str, value: float) -> float:
    """Return `value` as a float, or raise InputError if it is no probability.

    Example:
        >>> probability("dropout", 20)
        Traceback (most recent call last):
        ostinato._core.errors.InputError: dropout=20; expected a number in range [0, 1], ...; 0 turns it off
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, np.floating)) or not 0 <= value <= 1:
        raise InputError(
            f"{name}={value!r}; expected a number in range [0, 1], the probability of dropping; 0 turns it off"
        )
    return float(value)


def whole(name: str, value: int, least: int) -> int:
    """Return `value` as an int, or raise InputError unless it is a whole number from `least` up."""
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    if number < least or isinstance(value, bool):
        raise InputError(f"{name}={value!r}; expected a whole number from {least} up; change it")
    return number


def flag(name: str, value: bool) -> bool:
    """Return `value`, or raise InputError unless it is True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise InputError(f"{name}={value!r}; expected True or False; {name} should be of type bool")
    return bool(value)


def one_of(name: str, value: object, known: tuple[str, ...]) -> None:
    """Raise InputError unless `value` is one of the `known` names; the message guesses which was meant."""
    if value in known:
        return
    near = get_close_matches(str(value).lower(), known, n=1, cutoff=0.5)
    remedy = f"did you mean {near[0]!r}?" if near else "choose one of them"
    raise InputError(f"{name}={value!r}; expected one of {', '.join(known)}; {remedy}")
