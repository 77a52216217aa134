"""The part of the training rows that is held out: to stop early, or to choose a penalty."""

import numpy as np

from ostinato._core.errors import InputError


def hold_out(codes: np.ndarray, fraction: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Split row numbers into a training and a held-out part with the classes in proportion.

    Why not scikit-learn's `StratifiedShuffleSplit`: it refuses a class of one row, which real label columns have. Here
    the rows are put in order of class, shuffled within a class, and every (1 / fraction)-th is held out (systematic
    sampling); a class keeps at least one row for training.

    Args:
        codes: (B,) class numbers, or a (B, C) indicator, of which each distinct row counts as a class.
        fraction: share of rows to hold out, from 0 to below 1.
        seed: of the shuffle.

    Returns:
        Row numbers for training and row numbers held out, each ascending. None is held out where B × fraction < 1.

    Example:
        >>> train, held = hold_out(np.array([0] * 8 + [1] * 2), 0.5, seed=0)
        >>> len(train), len(held)
        (5, 5)
    """
    if codes.ndim == 2:
        codes = np.unique(codes, axis=0, return_inverse=True)[1].reshape(-1)
    rows = len(codes)
    count = round(rows * fraction)
    generator = np.random.default_rng(seed)
    shuffled = generator.permutation(rows)
    in_order = shuffled[np.argsort(codes[shuffled], kind="stable")]
    places = ((np.arange(count) + generator.random()) * (rows / max(count, 1))).astype(np.int64)
    held = np.zeros(rows, dtype=bool)
    held[in_order[places]] = True
    for code in np.setdiff1d(codes[held], codes[~held]):
        held[in_order[codes[in_order] == code][0]] = False
    return np.flatnonzero(~held), np.flatnonzero(held)


def share(fraction: float | None) -> float:
    """The share to hold out; none is 0.

    Raises:
        InputError: it is below 0, or 1 or more.
    """
    if fraction is None:
        return 0.0
    if not 0 <= fraction < 1:
        raise InputError(f"validation_fraction={fraction!r}, expected a share in [0, 1) or None; correct it")
    return fraction
