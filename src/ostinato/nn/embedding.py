"""A table of learned vectors, one a token."""

from collections.abc import Mapping, Sequence
from typing import Any, Self, overload

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from ostinato._core.errors import InputError, NotFiniteError, ShapeError
from ostinato.kernels import projecting_once_pays
from ostinato.nn.aligned import aligned
from ostinato.nn.arguments import probability
from ostinato.nn.distinct import PackedRows, distinct
from ostinato.nn.dropout import keep_mask
from ostinato.nn.packed import apply

_FEW = 256  # tokens: of so few, the products take less time than finding out which are equal


class Embedding(nn.Embedding):
    """torch's `Embedding`, which also takes packed batches, ready word vectors, and drops whole words.

    Use it as the first layer of a model of tokens. Of a packed batch on the CPU in which many tokens are equal, each
    different one is looked up once: the result is a packed batch like any other, and a `Recurrent` layer that is given
    it as it is multiplies each vector with its weights once (see `nn.distinct.PackedRows`).

    Attributes:
        coverage: with `from_vectors(vocabulary=...)`, the share of its words that had a vector; else None.

    Args:
        num_embeddings: V, the vocabulary's size.
        embedding_dim: features of each vector.
        padding_idx: a token whose vector is 0 and stays so.
        dropout: probability that a token's vector is dropped, everywhere in the batch at once (training only).
        scale: what the looked-up vectors are multiplied by, where a tied output wants them small.
        **torch_options: `max_norm`, `norm_type`, `scale_grad_by_freq`, `sparse`, `device`, `dtype`, as in torch.

    Source: dropping whole words: Gal and Ghahramani 2016; Merity et al. 2018 ("AWD-LSTM"), "embedding dropout"; a
    scale: Vaswani et al. 2017, section 3.4.

    Example:
        >>> sum(p.numel() for p in Embedding(10_000, 128).parameters())
        1280000
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        *args: Any,
        dropout: float = 0.0,
        scale: float = 1.0,
        **torch_options: Any,
    ) -> None:
        super().__init__(num_embeddings, embedding_dim, padding_idx, *args, **torch_options)
        self.dropout = probability("dropout", dropout)
        self.scale = float(scale)
        self.coverage: float | None = None

    @classmethod
    def from_vectors(
        cls,
        vectors: npt.ArrayLike | Tensor | Mapping[str, Any],
        *,
        vocabulary: Mapping[str, int] | Sequence[str] | None = None,
        freeze: bool = False,
        padding_idx: int | None = None,
        dropout: float = 0.0,
    ) -> Self:
        """Begin from ready vectors, as word2vec's or GloVe's.

        Args:
            vectors: (V, features) numbers; row v belongs to token v. They are copied, as float32 unless they are
                a tensor of another floating type. Or word -> (features,) numbers, with `vocabulary`.
            vocabulary: word -> token, or the words in the order of their tokens; words without a vector get a random
                one as wide as the others, and `.coverage` says which share of the words had one.
            freeze: keep them as they are: no training of this layer.
            padding_idx: a token whose vector takes no gradient; it is set to 0 with `vocabulary` alone.
            dropout: as in the constructor.

        Raises:
            ShapeError: not a table.
            InputError: words without a vocabulary or the reverse, or no word of it has a vector.
            NotFiniteError: NaN or infinity, naming the row.

        Example:
            >>> Embedding.from_vectors([[1.0, 2.0], [3.0, 4.0]], freeze=True)(torch.tensor([1])).tolist()
            [[3.0, 4.0]]
        """
        if isinstance(vectors, Mapping) != (vocabulary is not None):
            raise InputError(
                "vectors of words need a vocabulary, and a vocabulary needs vectors of words; give both, or a "
                "table alone"
            )
        if isinstance(vectors, Mapping) and vocabulary is not None:
            rows, coverage = aligned(vectors, vocabulary)
            if padding_idx is not None:
                rows[padding_idx] = 0
            made = cls.from_vectors(rows, freeze=freeze, padding_idx=padding_idx, dropout=dropout)
            made.coverage = coverage
            return made
        if isinstance(vectors, Tensor) and vectors.is_floating_point():
            table = vectors.detach().clone()
        else:
            table = torch.from_numpy(np.array(vectors, dtype=np.float32))
        if table.dim() != 2 or 0 in table.shape:
            raise ShapeError(f"vectors of shape {tuple(table.shape)}; expected (V, features); give one row a token")
        bad = ~table.isfinite().all(dim=1)
        if bool(bad.any()):
            raise NotFiniteError(
                f"vectors have NaN or infinity in row {int(bad.nonzero()[0])}; expected finite numbers; repair the row"
            )
        return cls(*table.shape, padding_idx, dropout=dropout, _weight=table, _freeze=freeze)

    @overload
    def forward(self, input: Tensor) -> Tensor: ...
    @overload
    def forward(self, input: PackedSequence) -> PackedSequence: ...
    def forward(self, input: Tensor | PackedSequence) -> Tensor | PackedSequence:
        """Look the vectors of tokens up.

        Args:
            input: token numbers, int64 or int32, of any shape, or packed (N,).

        Returns:
            The same shape with one more axis at the end; packed if the input was.

        Raises:
            InputError: a token below 0 or from V up, or tokens that are not integers.
        """
        if isinstance(input, PackedSequence):
            once = self._once_each(input)
            return apply(self._look_up, input) if once is None else once
        return self._look_up(input)

    def _once_each(self, packed: PackedSequence) -> PackedRows | None:
        """Look each different token up once; None where that cannot be, or few of them are equal."""
        ids = packed.data
        if ids.dim() != 1 or len(ids) < _FEW or not ids.is_cpu or ids.dtype not in (torch.int64, torch.int32):
            return None
        if not projecting_once_pays(len(ids), 1, self.embedding_dim):  # however many are equal
            return None
        if self.scale_grad_by_freq or _followed():  # counts equal tokens; sizes that depend on numbers
            return None
        found = distinct(ids.long(), self.num_embeddings)
        if found is None or not projecting_once_pays(len(ids), len(found[0]), self.embedding_dim):
            return None
        tokens, index = found
        rows = self._look_up(tokens)
        return PackedRows.of(rows, index, packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices)

    def _look_up(self, ids: Tensor) -> Tensor:
        if ids.dtype not in (torch.int64, torch.int32):
            raise InputError(f"tokens are {ids.dtype}; expected int64 or int32; convert: ids.long()")
        try:
            vectors: Tensor = super().forward(ids)
        except IndexError as error:
            low, high = int(ids.min()), int(ids.max())
            raise InputError(
                f"token {low if low < 0 else high}; expected 0 to {self.num_embeddings - 1}; "
                "use the vocabulary the model was made with"
            ) from error
        if self.training and self.dropout > 0:
            word = keep_mask(vectors, (self.num_embeddings, 1), self.dropout)  # the same draw wherever the word stands
            vectors = vectors * word[ids]
        return vectors if self.scale == 1 else vectors * self.scale

    def extra_repr(self) -> str:
        """Sizes and options, as `print(module)` shows them."""
        dropout = f", dropout={self.dropout}" if self.dropout else ""
        return super().extra_repr() + dropout + (f", scale={self.scale:.4g}" if self.scale != 1 else "")


def _followed() -> bool:
    """Whether torch records operations for other inputs, of which other tokens may be equal."""
    return (
        torch.compiler.is_compiling()
        or torch._C._get_tracing_state() is not None  # torch.jit.is_tracing, in all versions
        or torch._C._are_functorch_transforms_active()
    )
