"""Lengths of rows, summed up."""

import numpy as np
from numpy.typing import ArrayLike

from ostinato.data.report.oddities import Tally

_LONG = 10  # times the median


def quantiles(lengths: ArrayLike) -> dict[str, float]:
    """Sum up lengths as min, median, mean, p95 and max (an empty dict where there are none).

    Args:
        lengths: integers.

    Returns:
        Plain numbers.

    Example:
        >>> quantiles([1, 2, 9])
        {'min': 1, 'median': 2.0, 'mean': 4.0, 'p95': 8.3, 'max': 9}
    """
    values = np.asarray(lengths)
    if not values.size:
        return {}
    return {
        "min": int(values.min()),
        "median": float(np.median(values)),
        "mean": round(float(values.mean()), 2),
        "p95": round(float(np.quantile(values, 0.95)), 2),
        "max": int(values.max()),
    }


def note_long(tally: Tally, lengths: ArrayLike, places: list[str], unit: str) -> None:
    """Count rows many times as long as the median: each sets the pace of its whole batch.

    Args:
        tally: counts them.
        lengths: one a row.
        places: one a row.
        unit: of the lengths.
    """
    values = np.asarray(lengths)
    if not values.size:
        return
    bound = _LONG * max(float(np.median(values)), 1.0)
    for row in np.flatnonzero(values > bound):
        tally.add(
            "very long row",
            f"more than {_LONG} times the median of {unit}; kept to the longest length set",
            places[row],
        )
