"""Rows cut from a file to measure on."""

from ostinato._core.errors import DataError
from ostinato.cli.columns import Rows


def held_out(rows: Rows, fraction: float, seed: int, option: str) -> tuple[Rows, Rows]:
    """Cut rows in two, classes in proportion; each class is in the first part.

    Args:
        rows: all rows.
        fraction: share of the second part.
        seed: of the cut.
        option: what takes a file of rows for the second part instead.

    Returns:
        rows to learn from, and rows to measure on.

    Raises:
        DataError: there are too few.
    """
    import numpy as np

    from ostinato.tasks.held_out import hold_out

    classless = isinstance(rows.labels[0], list | float)  # neither a tag a token nor a number is a class of the row
    codes = np.zeros(len(rows), np.int64) if classless else np.unique(np.asarray(rows.labels), return_inverse=True)[1]
    learn, held = hold_out(codes, fraction, seed)
    if not len(held):
        raise DataError(
            f"{rows.name}: {len(rows)} rows, a share of {fraction:g} of them cannot be held out; give more rows, "
            f"or held-out rows by {option}"
        )
    return rows.take(learn), rows.take(held)
