"""The baseline without training: the leading singular vectors of how much more often than by chance words meet."""

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.utils.extmath import randomized_svd

from ostinato._core.errors import InputError
from ostinato.vectors.cooccurrence import Pairs

Floats = npt.NDArray[np.float32]


def ppmi(pairs: Pairs, V: int, exponent: float = 0.75) -> sparse.csr_matrix:
    """Compute the positive pointwise mutual information of words and contexts.

    Args:
        pairs: counted pairs, row <= column.
        V: words.
        exponent: contexts' frequencies are raised to it, so that rare contexts do not win.

    Returns:
        (V, V) max(0, log p(w, c) / (p(w) p(c)^exponent)), the last renormalised; sparse.

    Source: Levy, Goldberg and Dagan 2015, "Improving distributional similarity with lessons learned from word
        embeddings".
    """
    row, column = np.array(pairs["row"]), np.array(pairs["column"])
    count = pairs["count"].astype(np.float64)
    off = row != column
    X = sparse.coo_matrix(
        (
            np.concatenate([count, count[off]]),
            (np.concatenate([row, column[off]]), np.concatenate([column, row[off]])),
        ),
        shape=(V, V),
    )
    words = np.asarray(X.sum(axis=1)).ravel()
    contexts = words**exponent  # X is symmetric
    with np.errstate(divide="ignore"):
        information = np.log(X.data) - np.log(words[X.row]) - np.log(contexts[X.col] / contexts.sum())
    kept = information > 0
    return sparse.csr_matrix((information[kept], (X.row[kept], X.col[kept])), shape=(V, V))


def leading(matrix: sparse.csr_matrix, E: int, seed: int) -> Floats:
    """Return the rows (V, E) of U sqrt(S), the E greatest singular values.

    Raises:
        InputError: more dimensions than words.

    Source: the square root: Levy et al. 2015; the algorithm: Halko et al. 2011.
    """
    if matrix.shape[0] <= E:
        raise InputError(
            f"vector_size={E} with {matrix.shape[0]} words; fewer dimensions than words are needed; lower vector_size"
        )
    U, S, _ = randomized_svd(matrix, E, random_state=seed)
    return np.asarray(U * np.sqrt(S), dtype=np.float32)
