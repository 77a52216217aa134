"""What is drawn while learning: negatives, and which of the frequent words are read."""

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
_FULL = 2.0**32


def noise(counts: Counts, exponent: float = 0.75) -> npt.NDArray[np.float64]:
    """Return the probabilities (V,) of the words as negatives, in proportion to count^exponent.

    Source: Mikolov et al. 2013, where 3/4 was found best.
    """
    raised = np.where(counts > 0, np.maximum(counts, 1).astype(np.float64) ** exponent, 0)
    return np.asarray(raised / raised.sum())


def alias_table(probabilities: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int32]]:
    """Make the table from which a word is drawn with two looks, whatever the number of words.

    Args:
        probabilities: (V,), sum 1.

    Returns:
        threshold: (V,) a column's own share, times 2^32 - 1.
        alias: (V,) who has the rest of the column.

    Source: Walker 1977; built as in Vose 1991.

    Example:
        >>> threshold, alias = alias_table(np.array([0.75, 0.25]))
        >>> (threshold / 2**32).round(2).tolist(), alias.tolist()
        ([1.0, 0.5], [0, 0])
    """
    V = len(probabilities)
    share = (probabilities * V).tolist()
    small = [v for v in range(V) if share[v] < 1]
    large = [v for v in range(V) if share[v] >= 1]
    alias = list(range(V))
    while small and large:
        less, more = small.pop(), large[-1]
        alias[less] = more
        share[more] -= 1 - share[less]
        if share[more] < 1:
            small.append(large.pop())
    for v in small + large:  # 1 but for rounding
        share[v] = 1.0
    threshold = np.minimum(np.array(share) * _FULL, _FULL - 1).astype(np.uint32)
    return threshold, np.array(alias, dtype=np.int32)


def keep_chances(counts: Counts, sample: float) -> npt.NDArray[np.uint32] | None:
    """Return the chance (V,) of each word to be read, times 2^32 - 1, or None where all are.

    Args:
        counts: (V,) how often each word occurs.
        sample: words more frequent than this share are read more rarely, (sqrt(f/s) + 1) s/f of them; 0 reads all.

    Source: the formula of the program word2vec, which gensim has too (the paper's differs a little).
    """
    if not sample:
        return None
    frequency = counts / (counts.sum() * sample)
    chance = (np.sqrt(frequency) + 1) / np.maximum(frequency, 1e-300)
    return np.asarray(np.minimum(chance * _FULL, _FULL - 1), dtype=np.uint32)
