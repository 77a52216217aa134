"""The language model as a torch module: packed tokens and carried states in, vectors and new states out."""

from itertools import pairwise
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from ostinato._core.errors import InputError
from ostinato.nn import Embedding, LockedDropout, Recurrent
from ostinato.nn.arguments import probability, whole
from ostinato.nn.mixed import mixed_where, products_in
from ostinato.nn.vocabulary_loss import vocabulary_loss

States = tuple[tuple[Tensor, ...], ...]  # a tuple a layer, of (1, B, ·) tensors, one a state of the cell


class Read(NamedTuple):
    """What reading gave: the last layer's outputs (N, ·) before and after dropout, and all layers' states."""

    raw: Tensor
    dropped: Tensor
    states: States


class LanguageNetwork(nn.Module):
    """Embedding → recurrent layers → a score for every token of the vocabulary.

    Use it by itself where you train with a loop of your own; `LanguageModel` is it with everything around.

    Args:
        vocabulary: V.
        embedding_size: features E of a token's vector.
        hidden_size: H, units of a layer; where the output's weights are the embedding's, the last layer has E.
        num_layers: L.
        tied: whether the output's weights are the embedding's (Press & Wolf 2017, Inan et al. 2017).
        cutoffs: of an adaptive softmax: tokens up to the first are frequent, the others are scored by clusters
            (Grave et al. 2017); none for a full softmax.
        embedding_dropout: probability of dropping a vocabulary entry's vector, wherever it stands in the batch.
        input_dropout: probability of dropping a feature of the embedding, at all steps of a piece.
        dropout: the same, between layers.
        output_dropout: the same, behind the last layer.
        precision: of the products while training, "float32" or "bfloat16".
        **recurrent: `cell`, `weight_drop`, `bias`, ... of `nn.Recurrent`.

    Example:
        >>> from ostinato.nn import pack
        >>> network = LanguageNetwork(vocabulary=9, embedding_size=4, hidden_size=6, num_layers=2)
        >>> read = network(pack([torch.tensor([2, 5, 6])]))
        >>> read.raw.shape, network.log_probabilities(read.raw).shape
        (torch.Size([3, 4]), torch.Size([3, 9]))
    """

    def __init__(
        self,
        *,
        vocabulary: int,
        embedding_size: int = 200,
        hidden_size: int = 400,
        num_layers: int = 2,
        tied: bool = True,
        cutoffs: tuple[int, ...] | None = None,
        embedding_dropout: float = 0.0,
        input_dropout: float = 0.0,
        dropout: float = 0.0,
        output_dropout: float = 0.0,
        precision: str = "float32",
        cell: str = "lstm",
        **recurrent: Any,
    ) -> None:
        super().__init__()
        self.settings: dict[str, Any] = {}  # what it was made with, where it is to be saved
        E, L = whole("embedding_size", embedding_size, 1), whole("num_layers", num_layers, 1)
        if tied and cutoffs:
            raise InputError(f"tied=True with cutoffs={tuple(cutoffs)!r}, expected one of them; set tied=False")
        self.products = products_in(precision)
        sizes = [E, *[hidden_size] * (L - 1), E if tied else hidden_size]
        self.embedding = Embedding(vocabulary, E, dropout=probability("embedding_dropout", embedding_dropout))
        # ±0.1 as in AWD-LSTM: torch's N(0, 1) drowns the gates before anything is learned
        nn.init.uniform_(self.embedding.weight, -0.1, 0.1)
        self.input_dropout = LockedDropout(probability("input_dropout", input_dropout))
        self.between = LockedDropout(probability("dropout", dropout))
        self.output_dropout = LockedDropout(probability("output_dropout", output_dropout))
        self.layers = nn.ModuleList(Recurrent(cell, below, above, **recurrent) for below, above in pairwise(sizes))
        self.adaptive: nn.AdaptiveLogSoftmaxWithLoss | None = None
        if cutoffs:
            self.adaptive = _adaptive(sizes[-1], vocabulary, cutoffs)
        else:
            self.output = nn.Linear(sizes[-1], vocabulary)
            nn.init.uniform_(self.output.weight, -0.1, 0.1)
            nn.init.zeros_(self.output.bias)
            if tied:
                self.output.weight = self.embedding.weight

    def forward(self, inputs: PackedSequence, states: States | None = None) -> Read:
        """Read tokens on from a state.

        Args:
            inputs: N tokens, int64, packed.
            states: where each row's reading stands, rows in packed order; none begins anew.

        Returns:
            the last layer's outputs, and the states behind each row's last token, rows in packed order.
        """
        packed = PackedSequence(inputs.data, inputs.batch_sizes)  # without an order of its own: states are in ours
        packed = self.input_dropout(self.embedding(packed))
        ended: list[tuple[Tensor, ...]] = []
        for number, layer in enumerate(self.layers):
            before = None if states is None else states[number]
            before_alone = before[0] if before is not None and len(before) == 1 else before
            with mixed_where(self.training, self.products):
                packed, after = layer(packed, before_alone)
            ended.append(after if isinstance(after, tuple) else (after,))
            if number < len(self.layers) - 1:
                packed = self.between(packed)
        return Read(packed.data, self.output_dropout(packed).data, tuple(ended))

    def nats(self, vectors: Tensor, targets: Tensor) -> Tensor:
        """Mean cross-entropy of the next tokens.

        Args:
            vectors: (N, ·) outputs of the last layer.
            targets: (N,) int64.

        Returns:
            Scalar, in nats a token.
        """
        if self.adaptive is not None:
            return cast(Tensor, self.adaptive(vectors, targets).loss)
        products = self.products if self.training else torch.float32
        return vocabulary_loss(vectors, self.output.weight, self.output.bias, targets, products=products)

    def log_probabilities(self, vectors: Tensor) -> Tensor:
        """Log-probability of every token to come next, (N, V) in nats."""
        if self.adaptive is not None:
            return self.adaptive.log_prob(vectors)
        scores: Tensor = self.output(vectors)
        return scores.log_softmax(dim=1)

    def step(self, tokens: Tensor, states: States | None) -> tuple[Tensor, States]:
        """Read one more token of each row.

        Args:
            tokens: (B,) int64.
            states: of the B rows; none begins anew.

        Returns:
            (B, V) log-probabilities of the next token, and the states.
        """
        read = self(PackedSequence(tokens, torch.tensor([len(tokens)])), states)
        return self.log_probabilities(read.raw), read.states


def _adaptive(features: int, vocabulary: int, cutoffs: tuple[int, ...]) -> nn.AdaptiveLogSoftmaxWithLoss:
    if list(cutoffs) != sorted(set(cutoffs)) or cutoffs[0] < 1 or cutoffs[-1] >= vocabulary:
        raise InputError(
            f"cutoffs={tuple(cutoffs)!r}, expected growing numbers of tokens below the vocabulary's {vocabulary:,}; "
            "lower them"
        )
    # each cluster's vectors; the last one keeps a feature at least, also where the root is rounded up
    narrower = min(4.0, features ** (1 / len(cutoffs)) * (1 - 1e-9))
    return nn.AdaptiveLogSoftmaxWithLoss(features, vocabulary, list(cutoffs), div_value=narrower, head_bias=True)


def detached(states: States) -> States:
    """The same states, cut off from how they came about."""
    return tuple(tuple(state.detach() for state in layer) for layer in states)


def rows_of(states: States, rows: int) -> States:
    """The states of the first rows."""
    return tuple(tuple(state[:, :rows].contiguous() for state in layer) for layer in states)
