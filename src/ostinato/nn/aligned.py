"""Ready word vectors put in the order of a vocabulary."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ostinato._core.errors import InputError, ShapeError

_LOOKED_AT = 10_000  # vectors from which the spread of drawn ones is taken


def aligned(vectors: Mapping[str, Any], vocabulary: Mapping[str, int] | Sequence[str]) -> tuple[Tensor, float]:
    """Make a table with a row for each word of a vocabulary.

    Args:
        vectors: word -> (E,) numbers, as `ostinato.vectors.KeyedVectors` or a dict.
        vocabulary: word -> row, or the words in the order of their rows.

    Returns:
        (V, E) float32: known words have their vectors; the others are drawn from a normal distribution as wide as the
        known vectors are (with torch's generator), so that they neither stand out nor vanish.
        The share of the vocabulary that has a vector.

    Raises:
        InputError: an empty vocabulary, or none of its words has a vector.
        ShapeError: vectors of unequal length.

    Example:
        >>> table, coverage = aligned({"cat": [1.0, 2.0]}, ["<pad>", "cat"])
        >>> table[1].tolist(), coverage
        ([1.0, 2.0], 0.5)
    """
    rows = vocabulary if isinstance(vocabulary, Mapping) else {word: row for row, word in enumerate(vocabulary)}
    known = [(row, np.asarray(vectors[word], dtype=np.float32)) for word, row in rows.items() if word in vectors]
    if not known:
        raise InputError(
            f"none of the {len(rows)} words of the vocabulary has a vector; at least one is needed; are the words cut "
            "and lowercased alike?"
        )
    if len(shapes := {vector.shape for _, vector in known}) > 1 or known[0][1].ndim != 1:
        raise ShapeError(f"vectors of shapes {sorted(shapes)}; (E,) expected for each word; correct them")
    spread = float(np.std([vector for _, vector in known[:_LOOKED_AT]]))
    table = torch.randn(max(rows.values()) + 1, len(known[0][1])) * spread
    for row, vector in known:
        table[row] = torch.from_numpy(vector)
    return table, len(known) / len(rows)
