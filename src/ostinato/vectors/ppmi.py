"""The baseline without training: the leading singular vectors of where words stand, by each other or in which texts."""

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.utils.extmath import randomized_svd

from ostinato._core.errors import InputError
from ostinato.vectors.cooccurrence import Pairs
from ostinato.vectors.corpus import Corpus

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


def documents(corpus: Corpus) -> sparse.csr_matrix:
    """Weigh how often each word occurs in each text.

    Args:
        corpus: D texts, its sentences; those without a word count for nothing.

    Returns:
        (V, D) (1 + log count) log-scaled by how many texts have the word, each text of length 1; sparse.

    Cost:
        The whole text in memory, 16 bytes a word.

    Source: Deerwester et al. 1990, "Indexing by latent semantic analysis"; the weights are scikit-learn's.

    Example:
        >>> from ostinato.vectors import Corpus
        >>> documents(Corpus.read(["a b", "", "a"], min_count=1)).toarray().round(2).tolist()
        [[0.58, 1.0], [0.81, 0.0]]
    """
    words = np.flatnonzero(corpus.codes >= 0)
    _, text = np.unique(np.cumsum(corpus.codes < 0)[words], return_inverse=True)
    ones, shape = np.ones(len(words)), (int(text.max()) + 1, len(corpus.words))
    counts = sparse.coo_matrix((ones, (text, np.asarray(corpus.codes[words]))), shape=shape).tocsr()
    return TfidfTransformer(sublinear_tf=True).fit_transform(counts).T.tocsr()


def leading(matrix: sparse.csr_matrix, E: int, seed: int) -> Floats:
    """Return the rows (V, E) of U sqrt(S), the E greatest singular values.

    Raises:
        InputError: not fewer dimensions than words and texts.

    Source: the square root: Levy et al. 2015; the algorithm: Halko et al. 2011.
    """
    if min(matrix.shape) <= E:
        of = f"{matrix.shape[0]} words" + (f", {matrix.shape[1]} texts" if matrix.shape[1] != matrix.shape[0] else "")
        raise InputError(f"vector_size={E} with {of}; fewer dimensions are needed; lower vector_size")
    U, S, _ = randomized_svd(matrix, E, random_state=seed)
    return np.asarray(U * np.sqrt(S), dtype=np.float32)
