"""Approximate neighbours among millions of words: a graph that is walked, in place of a product with every vector."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ostinato._core.errors import DataError, InputError
from ostinato.vectors.files.replacing import replacing
from ostinato.vectors.search import Floats, best, finite_unit, unit

if TYPE_CHECKING:
    from ostinato.vectors.keyed import KeyedVectors

_CHUNK = 1 << 16  # vectors at a time, so that a memory map is never read whole
_LOOKED_AT = 64  # rows by which `load` tells whose index it is
_ROUNDED = 0.1  # what keeping a unit vector in 8 bits may move it by


class Index:
    """Finds most of the nearest words without comparing with all: `kv.most_similar("king", indexer=Index(kv))`.

    Use it from some hundred thousand words up, where many questions are asked; below, the exact search is as quick as
    anybody notices. Which words are looked at is approximate; the cosines of those found are exact, their order too.

    Args:
        kv: the vectors; kept, not copied. Vectors that are changed later need a new index.
        links: of each word to others, M of the paper; more find more, and take more memory.
        effort: words kept in view while the graph is built; more find more, and take longer.
        n_threads: to build with; None takes all cores. With one, the same vectors give the same index.

    Attributes:
        search_effort: words kept in view while the graph is walked, 128 at first; set it as you like at any time.

    Raises:
        InputError: faiss is not installed, or an argument that does not do.
        NotFiniteError: NaN or infinity, naming the word.

    Cost:
        V log V to build; V (E + 8 links) bytes, as numbers are kept in 8 bits. docs/guide/vectors.md has times, and the
        share that is found.

    Source: Malkov and Yashunin 2018, "Efficient and robust approximate nearest neighbor search using hierarchical
        navigable small world graphs"; the library is faiss, the extra `index` (docs/decisions/0018).

    Example:
        >>> from ostinato.vectors import KeyedVectors
        >>> kv = KeyedVectors(["king", "queen", "tree"], [[1.0, 0.1], [0.9, 0.3], [0.0, 1.0]])
        >>> kv.most_similar("king", topn=1, indexer=Index(kv))[0][0]
        'queen'
    """

    def __init__(self, kv: KeyedVectors, *, links: int = 32, effort: int = 128, n_threads: int | None = None) -> None:
        for name, value, least in (("links", links, 2), ("effort", effort, 1), ("n_threads", n_threads, 1)):
            if value is not None and value < least:
                raise InputError(f"{name}={value}; a number from {least} up is needed; correct it")
        faiss = _faiss()
        self.kv, self.search_effort = kv, 128
        kind = faiss.ScalarQuantizer.QT_8bit
        self._graph = faiss.IndexHNSWSQ(kv.vector_size, kind, links, faiss.METRIC_INNER_PRODUCT)
        self._graph.hnsw.efConstruction = effort
        before = faiss.omp_get_max_threads()
        if n_threads is not None:
            faiss.omp_set_num_threads(n_threads)
        try:
            # The range of each dimension is taken from rows spread over all, frequent words and rare.
            spread = np.unique(np.linspace(0, max(len(kv) - 1, 0), min(len(kv), _CHUNK)).astype(np.int64))
            if len(kv):
                self._graph.train(finite_unit(kv.vectors[spread], [kv.index_to_key[row] for row in spread]))
            for start in range(0, len(kv), _CHUNK):
                rows = slice(start, start + _CHUNK)
                self._graph.add(finite_unit(kv.vectors[rows], kv.index_to_key[rows]))
        finally:
            faiss.omp_set_num_threads(before)

    def __len__(self) -> int:
        return int(self._graph.ntotal)

    def __repr__(self) -> str:
        return f"Index({len(self):,} words, search_effort={self.search_effort})"

    def most_similar(self, vector: Floats, num_neighbors: int) -> list[tuple[str, float]]:
        """Find most of the words nearest to a vector; the name is what gensim's `indexer=` asks for.

        Args:
            vector: (E,) numbers, of any length.
            num_neighbors: how many to return.

        Returns:
            (word, cosine) pairs, nearest first; fewer where there are fewer.
        """
        wanted = min(num_neighbors, len(self))
        if wanted < 1:
            return []
        faiss, aim = _faiss(), unit(vector)
        effort = max(self.search_effort, wanted)
        # Twice as many as are wanted: cosines in 8 bits choose them, and the true ones decide.
        seen = min(max(2 * wanted, wanted + 10), len(self))
        _, found = self._graph.search(aim[None], seen, params=faiss.SearchParametersHNSW(efSearch=max(effort, seen)))
        rows = np.sort(found[0][found[0] >= 0])  # so that equal cosines stand in the order of the words
        scores = unit(self.kv.vectors[rows]) @ aim
        return [(self.kv.index_to_key[rows[k]], float(scores[k])) for k in best(scores, wanted)]

    def save(self, path: str | Path) -> None:
        """Write the graph, whole or not at all; the words and vectors have a file of their own.

        Args:
            path: the file, beside that of the vectors, as `vectors.safetensors.index`.
        """
        faiss = _faiss()
        with replacing(Path(path)) as file:
            faiss.write_index(self._graph, faiss.PyCallbackIOWriter(file.write))

    @classmethod
    def load(cls, path: str | Path, kv: KeyedVectors) -> Index:
        """Read what `save` has written; the graph is mapped into memory and read as it is walked.

        Args:
            path: the file.
            kv: the vectors that it was built of.

        Raises:
            InputError: faiss is not installed, or the index is of other vectors.
            DataError: the file cannot be read, or is no index.
        """
        faiss = _faiss()
        try:
            with Path(path).open("rb"):
                graph = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except OSError as error:
            raise DataError(f"{path}: cannot be read: {error.strerror or error}; check the path") from None
        except RuntimeError:  # its text is of lines in faiss' source
            raise DataError(f"{path}: no index, or a damaged one; a whole one is needed; build it anew") from None
        if not isinstance(graph, faiss.IndexHNSWSQ) or not _fits(graph, kv):
            raise InputError(f"{path}: not an index of these vectors, {kv}; one of them is needed; build it anew")
        self = cls.__new__(cls)
        self.kv, self.search_effort, self._graph = kv, 128, graph
        return self


def _fits(graph: Any, kv: KeyedVectors) -> bool:
    """Whether a graph has a table's size, and in some rows its vectors."""
    if (graph.ntotal, graph.d) != (len(kv), kv.vector_size):
        return False
    rows = np.unique(np.linspace(0, len(kv) - 1, _LOOKED_AT).astype(np.int64))
    held = np.stack([graph.reconstruct(int(row)) for row in rows])
    return bool((np.linalg.norm(held - unit(kv.vectors[rows]), axis=1) < _ROUNDED).all())


def _faiss() -> Any:
    try:
        import faiss
    except ImportError:
        raise InputError(
            "faiss is not installed, it is needed for an index; pip install 'ostinato[index]', or leave indexer out: "
            "the search is exact then"
        ) from None
    return faiss
