"""Attention: a weighted mean of what was read, the weights chosen by what has been written."""

import math
from typing import NamedTuple, Self

import torch
from torch import Tensor, nn

from ostinato.nn.arguments import one_of

KINDS = ("bahdanau", "luong")
_SUMS = 1 << 24  # of a block of additive scores: 64 MB at a time, however long the sentences


class Memory(NamedTuple):
    """What attention looks back at, a row a sentence.

    Args:
        values: (B, S, M) outputs of the encoder, zeros beyond a sentence's end.
        keys: (B, S, A) what queries are compared with.
        beyond: (B, S) whether a place lies beyond the sentence's end.
    """

    values: Tensor
    keys: Tensor
    beyond: Tensor

    def take(self, rows: Tensor) -> Self:
        """The memory of these rows."""
        return self._replace(**{name: part.index_select(0, rows) for name, part in self._asdict().items()})


class Attention(nn.Module):
    """Compares queries with the places of a memory and returns the mean of its values under the softmax.

    Args:
        kind: "bahdanau", v · tanh(W q + U m), or "luong", q · W m ("general").
        query_size: features H of a query.
        memory_size: features M of a place.

    Source: Bahdanau et al. 2015, section 3.1; Luong et al. 2015, section 3.1. In both kinds the query is the decoder's
    newest output (Luong's), so that all steps of a known target can be asked for at once.

    Example:
        >>> attention = Attention("luong", 3, 4)
        >>> memory = attention.memory(torch.randn(2, 5, 4), torch.tensor([5, 2]))
        >>> context, weights = attention(torch.randn(2, 7, 3), memory)
        >>> context.shape, weights.shape, weights[1, :, 2:].sum().item()
        (torch.Size([2, 7, 4]), torch.Size([2, 7, 5]), 0.0)
    """

    def __init__(self, kind: str, query_size: int, memory_size: int) -> None:
        super().__init__()
        one_of("attention", kind, KINDS)
        self.kind = kind
        self.key = nn.Linear(memory_size, query_size, bias=False)
        if kind == "bahdanau":
            self.query = nn.Linear(query_size, query_size)
            self.score = nn.Parameter(torch.empty(query_size).uniform_(-1, 1) / math.sqrt(query_size))

    def memory(self, values: Tensor, lengths: Tensor) -> Memory:
        """Prepare what was read: the keys are made once a sentence, whatever is written of it.

        Args:
            values: (B, S, M), anything beyond a row's end.
            lengths: (B,) int64, on any device.
        """
        beyond = torch.arange(values.shape[1]) >= lengths.cpu()[:, None]
        return Memory(values, self.key(values), beyond.to(values.device))

    def forward(self, queries: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        """Look back.

        Args:
            queries: (B, Q, H): steps of a target, or hypotheses of a beam.
            memory: of the B rows.

        Returns:
            contexts (B, Q, M) and weights (B, Q, S), which sum to 1 over each row's own places.
        """
        scores = self._dot(queries, memory) if self.kind == "luong" else self._add(queries, memory)
        weights = scores.masked_fill(memory.beyond[:, None], -math.inf).softmax(dim=2)
        return torch.bmm(weights, memory.values), weights

    def _dot(self, queries: Tensor, memory: Memory) -> Tensor:
        return torch.bmm(queries, memory.keys.transpose(1, 2))

    def _add(self, queries: Tensor, memory: Memory) -> Tensor:
        projected, keys = self.query(queries), memory.keys
        each = max(1, _SUMS // keys.numel())  # queries of all rows at a time
        parts = [(q[:, :, None] + keys[:, None]).tanh() @ self.score for q in projected.split(each, dim=1)]
        return torch.cat(parts, dim=1)
