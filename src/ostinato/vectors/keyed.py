"""A table of words and their vectors, with the names that gensim's users know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, overload

import numpy as np
import numpy.typing as npt

from ostinato._core.errors import InputError, ShapeError
from ostinato.vectors import evaluate, gensim
from ostinato.vectors.files import read, write
from ostinato.vectors.files.table import Table
from ostinato.vectors.queries import Key, Query, listed, weighted
from ostinato.vectors.search import Floats, best, finite_unit, unit
from ostinato.vectors.subwords import Parts


class KeyedVectors(Mapping[str, Floats]):
    """Words and their vectors: look up, compare, find neighbours, solve analogies, read and write files.

    Use it for vectors that somebody has learned, from a file or from `WordVectors`. It is a mapping of word to vector,
    so it can be given wherever one is expected (`SequenceClassifier(embedding=...)`). Names and results are gensim's.

    Args:
        words: V words, none twice, the most frequent first (`restrict_vocab` counts on it).
        vectors: (V, E) numbers; kept as they are where they are float32, a memory map too.
        counts: how often each word was seen, or None.
        parts: vectors of runs of letters (fastText): words that are not among these have vectors too; or None.

    Attributes:
        index_to_key: the words.
        key_to_index: word -> row.
        vectors: (V, E) float32.
        counts: (V,) int64 or None.
        skipped: what a file held that was left out: reason -> lines.

    Raises:
        ShapeError: words and vectors do not go together.
        InputError: a word stands there twice.
        NotFiniteError: NaN or infinity, naming the word.

    Example:
        >>> kv = KeyedVectors(["king", "queen", "tree"], [[1.0, 0.1], [0.9, 0.3], [0.0, 1.0]])
        >>> kv.most_similar("king", topn=1)[0][0], kv.doesnt_match(["king", "queen", "tree"])
        ('queen', 'tree')
    """

    def __init__(
        self,
        words: Sequence[str],
        vectors: npt.ArrayLike,
        counts: npt.ArrayLike | None = None,
        *,
        parts: Parts | None = None,
    ) -> None:
        table = np.asanyarray(vectors)
        table = table if table.dtype == np.float32 else table.astype(np.float32)
        if table.ndim != 2 or len(table) != len(words) or 0 in table.shape[1:]:
            raise ShapeError(
                f"{len(words)} words and vectors of shape {table.shape}; expected ({len(words)}, E); give one row "
                "a word"
            )
        self.index_to_key = list(words)
        self.key_to_index = {word: row for row, word in enumerate(self.index_to_key)}
        if len(self.key_to_index) < len(self.index_to_key):
            twice = next(word for row, word in enumerate(self.index_to_key) if self.key_to_index[word] != row)
            raise InputError(f"word {twice!r} is given twice; expected each word once; leave one out")
        self.vectors: Floats = table
        self.counts = None if counts is None else np.asarray(counts, dtype=np.int64)
        if self.counts is not None and self.counts.shape != (len(words),):
            raise ShapeError(f"counts of shape {self.counts.shape}; expected ({len(words)},); give one number a word")
        self.parts = parts
        self.skipped: dict[str, int] = {}
        self._unit: Floats | None = None

    @property
    def vector_size(self) -> int:
        """E, the numbers of a vector."""
        return int(self.vectors.shape[1])

    def __len__(self) -> int:
        return len(self.index_to_key)

    def __iter__(self) -> Iterator[str]:
        return iter(self.index_to_key)

    def __contains__(self, word: object) -> bool:
        return word in self.key_to_index

    def __repr__(self) -> str:
        return f"KeyedVectors({len(self):,} words, {self.vector_size} dimensions)"

    @overload
    def __getitem__(self, key: Key) -> Floats: ...
    @overload
    def __getitem__(self, key: list[Key] | list[str] | tuple[str, ...]) -> Floats: ...
    def __getitem__(self, key: Any) -> Floats:
        """Return the vector (E,) of a word, or the vectors (n, E) of a list of n words; see `get_vector`."""
        if isinstance(key, str | int | np.integer):
            return self.get_vector(key if isinstance(key, str) else int(key))
        if self.parts is not None:
            return np.array([self.get_vector(one) for one in key], np.float32).reshape(-1, self.vector_size)
        rows = [self.get_index(one) for one in key]
        return np.asarray(self.vectors[rows]).reshape(len(rows), self.vector_size)

    def get_index(self, key: Key, default: int | None = None) -> int:
        """Return the row of a word; a number is a row already.

        Raises:
            KeyError: no such word, and no default.
        """
        if isinstance(key, int | np.integer) and 0 <= key < len(self):
            return int(key)
        row = self.key_to_index.get(key, default) if isinstance(key, str) else default
        if row is None:
            raise KeyError(f"word {key!r} has no vector; {len(self):,} words have one; ask with `in` first")
        return row

    def get_vector(self, key: Key, norm: bool = False) -> Floats:
        """Return the vector (E,) of a word.

        Args:
            key: the word or its row.
            norm: scale it to length 1.

        Raises:
            KeyError: no such word.
        """
        unseen = self._unseen(key)
        vector = self.vectors[self.get_index(key)] if unseen is None else unseen
        return unit(vector) if norm else vector

    def get_mean_vector(
        self,
        keys: Sequence[Query],
        weights: Sequence[float] | None = None,
        pre_normalize: bool = True,
        post_normalize: bool = False,
        ignore_missing: bool = True,
    ) -> Floats:
        """Average the vectors of several words, the baseline for a sentence.

        Args:
            keys: words, rows or vectors, each alone or in a pair with its weight.
            weights: one number a key; None takes those of the pairs, else 1.
            pre_normalize: scale each vector to length 1 first.
            post_normalize: scale the mean to length 1.
            ignore_missing: leave words without a vector out, rather than raise.

        Returns:
            (E,) float32; zeros where no key has a vector.

        Raises:
            KeyError: a word has no vector and `ignore_missing` is not set.
            InputError: no keys, or not one weight a key.
        """
        if not len(keys):
            raise InputError("no words; at least one is needed; give one")
        if weights is not None and len(weights) != len(keys):
            raise InputError(f"{len(weights)} weights for {len(keys)} words; one a word is needed; correct them")
        total, mass = np.zeros(self.vector_size, dtype=np.float32), 0.0
        for place, query in enumerate(keys):
            key, weight = query if isinstance(query, tuple) else (query, 1.0)
            if weights is not None:
                weight = weights[place]
            if isinstance(key, np.ndarray):
                vector = self._own(key)
            elif ignore_missing and isinstance(key, str) and key not in self and self._unseen(key) is None:
                continue
            else:
                vector = self.get_vector(key)
            total += np.float32(weight) * (unit(vector) if pre_normalize else vector)
            mass += abs(weight)
        mean = total / np.float32(mass) if mass else total
        return unit(mean) if post_normalize else mean

    def most_similar(
        self,
        positive: Query | Sequence[Query] | None = None,
        negative: Query | Sequence[Query] | None = None,
        topn: int | None = 10,
        restrict_vocab: int | None = None,
        indexer: Any = None,
    ) -> list[tuple[str, float]]:
        """Find the words nearest to a sum of words, by cosine; the words asked with are left out.

        Args:
            positive: words (rows, vectors) that count for, one or several; in a pair with a number, that is the weight.
            negative: words that count against; a pair's weight is taken as it is, sign and all, as gensim does.
            topn: how many to return; None for all, in order.
            restrict_vocab: look among the first so many words alone.
            indexer: an `Index` of these vectors, or another object with its `most_similar`: finds most of the words
                that None finds, faster where there are millions. Without `restrict_vocab`, and with a `topn`.

        Returns:
            (word, cosine) pairs, nearest first.

        Raises:
            KeyError: a word has no vector.
            InputError: no words, or an indexer with what it cannot do.

        Cost:
            one product of (V, E) with (E,), or what the indexer costs.

        Source: the mean of unit vectors: Mikolov et al. 2013 ("3CosAdd").
        """
        plus, minus = listed(positive), listed(negative)
        signed = [weighted(q, 1.0) for q in plus] + [weighted(q, -1.0) for q in minus]
        aim = self.get_mean_vector(signed, post_normalize=True, ignore_missing=False)
        known = (key for key, _ in signed if not isinstance(key, np.ndarray) and self._unseen(key) is None)
        asked = {self.get_index(key) for key in known}
        if indexer is not None:
            if topn is None or restrict_vocab is not None:
                raise InputError(
                    f"indexer with topn={topn}, restrict_vocab={restrict_vocab}; a number and None are needed; leave "
                    "indexer out to search exactly"
                )
            near = indexer.most_similar(aim, topn + len(asked))
            return [(word, cosine) for word, cosine in near if self.get_index(word) not in asked][:topn]
        scores = np.array(self.unit_vectors()[:restrict_vocab] @ aim)
        scores[[row for row in asked if row < len(scores)]] = -np.inf
        wanted = len(scores) if topn is None else topn
        rows = best(scores, wanted)
        return [(self.index_to_key[row], float(scores[row])) for row in rows if scores[row] > -np.inf]

    def similar_by_word(
        self, word: str, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> list[tuple[str, float]]:
        """Find the words nearest to a word; see `most_similar`."""
        return self.most_similar(word, topn=topn, restrict_vocab=restrict_vocab)

    def similar_by_vector(
        self, vector: npt.ArrayLike, topn: int | None = 10, restrict_vocab: int | None = None
    ) -> list[tuple[str, float]]:
        """Find the words nearest to a vector (E,); see `most_similar`."""
        return self.most_similar(np.asarray(vector, dtype=np.float32), topn=topn, restrict_vocab=restrict_vocab)

    def similarity(self, w1: Key, w2: Key) -> float:
        """Return the cosine of two words.

        Raises:
            KeyError: a word has no vector.
        """
        return float(self.get_vector(w1, norm=True) @ self.get_vector(w2, norm=True))

    def distance(self, w1: Key, w2: Key) -> float:
        """Return 1 less the cosine of two words."""
        return 1.0 - self.similarity(w1, w2)

    def n_similarity(self, ws1: Sequence[Key], ws2: Sequence[Key]) -> float:
        """Return the cosine of the means of two sets of words, of any lengths.

        Raises:
            KeyError: a word has no vector.
            InputError: a set is empty.
        """
        means = [
            self.get_mean_vector(list(words), pre_normalize=False, post_normalize=True, ignore_missing=False)
            for words in (ws1, ws2)
        ]
        return float(means[0] @ means[1])

    def doesnt_match(self, words: Iterable[str]) -> str:
        """Find the word that is farthest from the mean of all; words without a vector are left out.

        Raises:
            InputError: no word has a vector.
        """
        known = [word for word in words if word in self]
        if not known:
            raise InputError("no word of these has a vector; at least one is needed; ask with `in` first")
        table = unit(self[known])
        return known[int(np.argmin(table @ unit(table.mean(axis=0))))]

    def unit_vectors(self) -> Floats:
        """Return all vectors scaled to length 1 (V, E); computed once and kept."""
        if self._unit is None:
            self._unit = finite_unit(self.vectors, self.index_to_key)
        return self._unit

    def fill_norms(self, force: bool = False) -> None:
        """Forget the kept unit vectors if `vectors` was changed in place (`force=True`), and compute them."""
        if force:
            self._unit = None
        self.unit_vectors()

    def get_vecattr(self, key: Key, attr: str) -> int:
        """Return how often a word was seen, `attr="count"`; the one attribute there is.

        Raises:
            KeyError: another attribute, or counts are not known.
        """
        if attr != "count" or self.counts is None:
            raise KeyError(f"attribute {attr!r} is not kept; only 'count' is, where the source had counts")
        return int(self.counts[self.get_index(key)])

    def evaluate_word_analogies(
        self,
        analogies: str | Path,
        restrict_vocab: int = 300_000,
        case_insensitive: bool = True,
        dummy4unknown: bool = False,
    ) -> tuple[float, list[dict[str, Any]]]:
        """Measure on a file of analogies; see `ostinato.vectors.evaluate.analogies`."""
        return evaluate.analogies(self, analogies, restrict_vocab, case_insensitive, dummy4unknown)

    def evaluate_word_pairs(
        self,
        pairs: str | Path,
        delimiter: str = "\t",
        restrict_vocab: int = 300_000,
        case_insensitive: bool = True,
        dummy4unknown: bool = False,
    ) -> tuple[tuple[float, float], tuple[float, float], float]:
        """Measure against people's scores of pairs; see `ostinato.vectors.evaluate.pairs`."""
        return evaluate.pairs(self, pairs, delimiter, restrict_vocab, case_insensitive, dummy4unknown)

    @classmethod
    def load(
        cls,
        path: str | Path,
        *,
        format: Literal["word2vec", "binary", "glove", "safetensors"] | None = None,
        limit: int | None = None,
        errors: Literal["raise", "skip"] = "raise",
    ) -> KeyedVectors:
        r"""Read a file of vectors.

        Args:
            path: the file; gzip is undone wherever the first bytes tell of it.
            format: word2vec's text, its binary, GloVe's text without a header, or ours (memory-mapped); None looks.
            limit: read the first so many words alone.
            errors: raise at a line with too few numbers or a word that is not UTF-8, or skip and count them. A word
                that stands there twice keeps its first vector and is counted always.

        Returns:
            The vectors; `.skipped` says what was left out, which is also warned of.

        Raises:
            DataError: file, line and remedy: a header that promises other than what follows, a file cut short, numbers
                that are none.

        Example:
            >>> import tempfile, pathlib
            >>> file = pathlib.Path(tempfile.mkdtemp()) / "two.txt"
            >>> _ = file.write_text("one 1 0\ntwo 0 1\n")
            >>> KeyedVectors.load(file)
            KeyedVectors(2 words, 2 dimensions)
        """
        table = read(Path(path), format=format, limit=limit, errors=errors)
        kv = cls(table.words, table.vectors, table.counts, parts=table.parts)
        kv.skipped = table.skipped
        return kv

    def save(self, path: str | Path, *, format: str | None = None) -> None:
        """Write a file of vectors, whole or not at all.

        Args:
            path: the file; a name that ends in .gz is gzipped.
            format: as in `load`; None takes it from the name: .safetensors, .bin, .glove.txt or .glove, else
                word2vec's text. Counts and parts of words are kept by safetensors alone.

        Raises:
            InputError: an unknown format, or a word with a space in it, which text cannot hold.
        """
        write(Path(path), Table(self.index_to_key, self.vectors, self.counts, self.parts), format)

    @classmethod
    def load_word2vec_format(
        cls, fname: str | Path, binary: bool = False, limit: int | None = None, no_header: bool = False
    ) -> KeyedVectors:
        """Read word2vec's format under gensim's name; see `load`."""
        return cls.load(fname, format="binary" if binary else "glove" if no_header else "word2vec", limit=limit)

    def save_word2vec_format(self, fname: str | Path, binary: bool = False, write_header: bool = True) -> None:
        """Write word2vec's format under gensim's name; see `save`."""
        self.save(fname, format="binary" if binary else "word2vec" if write_header else "glove")

    @classmethod
    def from_gensim(cls, vectors: Any) -> KeyedVectors:
        """Take the words and vectors of a gensim object: `KeyedVectors`, or a model that has them in `.wv`."""
        return cls(*gensim.taken(vectors))

    def to_gensim(self) -> Any:
        """Make gensim's `KeyedVectors` of these; gensim must be installed."""
        return gensim.made(self.index_to_key, self.vectors, self.counts)

    def _unseen(self, key: Any) -> Floats | None:
        """The vector of a word that has no row, if its parts have."""
        return None if self.parts is None or not isinstance(key, str) or key in self else self.parts.vector(key)

    def _own(self, vector: npt.NDArray[Any]) -> Floats:
        if vector.shape != (self.vector_size,):
            raise ShapeError(f"a vector of shape {vector.shape}; expected ({self.vector_size},); reshape it")
        return vector.astype(np.float32)
