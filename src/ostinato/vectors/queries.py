"""What is asked with: one word or several, rows, vectors, each alone or with a weight."""

from typing import Any

import numpy as np
import numpy.typing as npt

Key = str | int
Query = Key | npt.NDArray[Any] | tuple[Key | npt.NDArray[Any], float]


def listed(queries: Any) -> list[Any]:
    """Make a list of one or several; None is none.

    Example:
        >>> listed("king"), listed(("king", 2.0)), listed(["king", 3])
        (['king'], [('king', 2.0)], ['king', 3])
    """
    if queries is None:
        return []
    one = isinstance(queries, str | int | np.integer | tuple) or (
        isinstance(queries, np.ndarray) and queries.ndim == 1 and queries.dtype.kind == "f"
    )
    return [queries] if one else list(queries)


def weighted(query: Any, weight: float) -> tuple[Any, float]:
    """Pair a query with a weight unless it brings one."""
    return query if isinstance(query, tuple) else (query, weight)
