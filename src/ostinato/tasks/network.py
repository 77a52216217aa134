"""The recurrent classifier as a torch module: packed sequences in, logits out."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from ostinato.nn import Embedding, LockedDropout, Pooling, Recurrent, apply
from ostinato.nn.arguments import probability
from ostinato.tasks.front import Front
from ostinato.tasks.layered import Layered


class ClassifierNetwork(nn.Module):
    """Embedding or numbers → dropout (→ convolutions) → recurrent layers → pooling → dropout → linear.

    Use it by itself where you train with a loop of your own; `SequenceClassifier` is it with everything around.

    Args:
        outputs: logits a row.
        vocabulary: V, where the inputs are tokens; 0 where they are numbers.
        channels: I, where the inputs are numbers.
        unknown: the token that `word_dropout` writes.
        embedding_size: features of a token's vector.
        embedding_dropout: probability of dropping a vocabulary entry's vector, wherever it stands in the batch.
        word_dropout: probability of reading a token as unknown.
        freeze_embedding: whether the vectors stay as they are set.
        input_dropout: probability of dropping a feature of the input, at all steps of a row at once.
        dropout: probability of dropping a feature between layers and before the linear layer.
        between_dropout: probability of dropping one between recurrent layers, where it is not `dropout`.
        convolutions: layers of convolution in front of the recurrent ones, 0 for none.
        convolution_size: features of each.
        kernel_size: steps that each reads at once.
        stride: each leaves every so many-th step.
        pooling: as `nn.Pooling` takes it.
        sizes: units of each layer, where they differ; in place of `hidden_size` and `num_layers`, in one direction.
        **recurrent: `cell`, `hidden_size`, ... of `nn.Recurrent`.

    Example:
        >>> from ostinato.nn import pack
        >>> network = ClassifierNetwork(outputs=3, channels=2, cell="gru", hidden_size=4)
        >>> network(pack([torch.zeros(5, 2), torch.zeros(7, 2)])).shape
        torch.Size([2, 3])
    """

    def __init__(
        self,
        *,
        outputs: int,
        vocabulary: int = 0,
        channels: int = 0,
        unknown: int = 1,
        embedding_size: int = 128,
        embedding_dropout: float = 0.0,
        word_dropout: float = 0.0,
        freeze_embedding: bool = False,
        input_dropout: float = 0.0,
        dropout: float = 0.0,
        between_dropout: float | None = None,
        convolutions: int = 0,
        convolution_size: int = 64,
        kernel_size: int = 5,
        stride: int = 1,
        pooling: str | tuple[str, ...] = "last",
        sizes: list[int] | None = None,
        **recurrent: Any,
    ) -> None:
        super().__init__()
        self.settings: dict[str, Any] = {}  # what it was made with, where it is to be saved
        self.unknown, self.word_dropout = unknown, probability("word_dropout", word_dropout)
        probability("dropout", dropout)
        probability("input_dropout", input_dropout)
        probability("embedding_dropout", embedding_dropout)
        if vocabulary:
            self.embedding: Embedding | None = Embedding(vocabulary, embedding_size, dropout=embedding_dropout)
            # ±0.1 as in AWD-LSTM (Merity et al. 2018): torch's N(0, 1) drowns the gates before anything is learned
            nn.init.uniform_(self.embedding.weight, -0.1, 0.1)
            self.embedding.weight.requires_grad_(not freeze_embedding)
        else:
            self.embedding = None
        self.input_dropout = LockedDropout(input_dropout)
        size = embedding_size if vocabulary else channels
        self.front = None
        if convolutions:
            self.front = Front(size, convolution_size, convolutions, kernel_size, stride, dropout)
            size = convolution_size
        self.recurrent: Recurrent | Layered
        between = dropout if between_dropout is None else between_dropout
        if sizes is None:
            between = between if recurrent.get("num_layers", 1) > 1 else 0.0
            self.recurrent = Recurrent(input_size=size, dropout=between, locked_dropout=True, **recurrent)
        else:
            cell = recurrent.pop("cell", "lstm")
            plain = {k: v for k, v in recurrent.items() if k not in ("hidden_size", "num_layers", "bidirectional")}
            self.recurrent = Layered(cell, size, sizes, between, **plain)
        self.pooling = Pooling(pooling, self.recurrent.output_size)
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(self.pooling.out_features(self.recurrent.output_size), outputs)

    def forward(self, inputs: PackedSequence) -> Tensor:
        """Compute logits.

        Args:
            inputs: N tokens, int64 (N,), or numbers, float32 (N, I); packed.

        Returns:
            (B, outputs), rows in packed order.
        """
        if self.embedding is not None:
            inputs = self.embedding(apply(self._drop_words, inputs))
        inputs = self.input_dropout(inputs)
        if self.front is not None:
            inputs = self.front(inputs)
        output, states = self.recurrent(inputs)
        last = states[0] if isinstance(states, tuple) else states  # (L*D, B, H), the user's order
        if inputs.sorted_indices is not None:
            last = last.index_select(1, inputs.sorted_indices)
        directions = self.recurrent.num_directions
        pooled = self.pooling(output, torch.cat(list(last[-directions:]), dim=1))  # (B, D*H, once a kind)
        logits: Tensor = self.linear(self.dropout(pooled))
        return logits

    def _drop_words(self, tokens: Tensor) -> Tensor:
        if not self.training or self.word_dropout == 0:
            return tokens
        dropped = torch.rand(tokens.shape, device=tokens.device) < self.word_dropout
        return tokens.masked_fill(dropped, self.unknown)
