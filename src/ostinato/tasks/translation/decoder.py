"""The half of a network that writes: all of a known target at once, or token by token with the state carried."""

from typing import Any, NamedTuple, Self

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from ostinato.nn import Embedding, Recurrent
from ostinato.nn.arguments import probability
from ostinato.nn.dropout import keep_mask
from ostinato.nn.mixed import mixed_where, products_in
from ostinato.nn.packed import pad, rows, steps
from ostinato.nn.vocabulary_loss import vocabulary_loss
from ostinato.tasks.translation.attention import Attention, Memory


class Given(NamedTuple):
    """What stays the same while a row is written: what was read, a row a sentence.

    Args:
        memory: what attention looks back at, or `None`.
        constant: (B, C) features that every step reads, or `None`.
    """

    memory: Memory | None = None
    constant: Tensor | None = None

    def take(self, rows: Tensor) -> Self:
        """The same for these rows."""
        memory = None if self.memory is None else self.memory.take(rows)
        return self._replace(memory=memory, constant=None if self.constant is None else self.constant[rows])


class Carried(NamedTuple):
    """What is carried from step to step.

    Args:
        states: of the recurrent layers, (L, R, H) each.
        fed: (R, E) the last step's output vector, where it is fed back; else `None`.
    """

    states: tuple[Tensor, ...]
    fed: Tensor | None = None

    def take(self, rows: Tensor) -> Self:
        """The same for these rows."""
        states = tuple(state.index_select(1, rows) for state in self.states)
        return self._replace(states=states, fed=None if self.fed is None else self.fed.index_select(0, rows))


class Decoder(nn.Module):
    """Embedding → recurrent layers → attention → a vector a token, scored against the vocabulary.

    Without input feeding nothing that a step reads depends on what attention found: of a known target all steps run in
    one call of the kernels, and attention is a few batched products. With it (or with scheduled sampling) training goes
    step by step.

    Args:
        embedding: of the V tokens, E features; may be the encoder's too.
        hidden_size: H, units of a layer.
        num_layers: L.
        attention: "bahdanau", "luong" or `None`.
        memory_size: features M of what attention looks at.
        constant_size: features C that every step reads.
        input_feeding: whether a step reads the last one's output vector (Luong et al. 2015, section 3.3).
        tied: whether the output's weights are the embedding's.
        input_dropout: probability of dropping a feature of a token's vector, at all steps alike.
        dropout: the same, behind the recurrent layers and between them.
        output_dropout: the same, of the output vectors.
        precision: of the recurrent products and those with the vocabulary while training, "float32" or "bfloat16".
        **recurrent: `cell`, ... of `nn.Recurrent`.
    """

    def __init__(
        self,
        embedding: Embedding,
        hidden_size: int,
        num_layers: int = 1,
        *,
        attention: str | None = "luong",
        memory_size: int = 0,
        constant_size: int = 0,
        input_feeding: bool = False,
        tied: bool = True,
        input_dropout: float = 0.0,
        dropout: float = 0.0,
        output_dropout: float = 0.0,
        precision: str = "float32",
        **recurrent: Any,
    ) -> None:
        super().__init__()
        V, E = embedding.num_embeddings, embedding.embedding_dim
        self.products, self.input_feeding = products_in(precision), input_feeding
        self.input_dropout = probability("input_dropout", input_dropout)
        self.dropout = probability("dropout", dropout)
        self.output_dropout = probability("output_dropout", output_dropout)
        self.embedding = embedding
        size = E + (E if input_feeding else 0) + constant_size
        between = dropout if num_layers > 1 else 0.0
        self.recurrent = Recurrent(
            input_size=size,
            hidden_size=hidden_size,
            num_layers=num_layers,
            dropout=between,
            locked_dropout=True,
            **recurrent,
        )
        self.attention = None if attention is None else Attention(attention, hidden_size, memory_size)
        self.combine = nn.Linear(hidden_size + (memory_size if attention else 0), E)
        self.output = nn.Linear(E, V)
        nn.init.normal_(self.output.weight, std=E**-0.5)
        nn.init.zeros_(self.output.bias)
        if tied:
            self.output.weight = embedding.weight

    def expect(self, counts: Tensor) -> None:
        """Set the output's biases to how frequent the tokens are, so that this need not be learned first.

        Without it the first steps drive the vectors to the ends of tanh, where small data do not get them back from.

        Args:
            counts: (V,) of each token in the training targets.
        """
        with torch.no_grad():
            self.output.bias.copy_(((counts + 1) / (counts.sum() + len(counts))).log())

    def begin(self, states: tuple[Tensor, ...]) -> Carried:
        """What is carried before the first step, from the layers' first states."""
        fed = states[0].new_zeros(states[0].shape[1], self.embedding.embedding_dim) if self.input_feeding else None
        return Carried(states, fed)

    def forward(self, before: PackedSequence, carried: Carried, given: Given, sampled: float = 0.0) -> Tensor:
        """Run over known targets.

        Args:
            before: (N,) the token before each one of the targets, rows in packed order.
            carried: from `begin`, rows in the same order.
            given: likewise.
            sampled: probability of reading a token drawn from the model in place of the known one (scheduled
                sampling, Bengio et al. 2015).

        Returns:
            (N, E) vectors, which `nats` and `log_probabilities` take.
        """
        with mixed_where(self.training, self.products):
            if self.input_feeding or sampled:
                vectors = self._by_steps(before, carried, given, sampled)
            else:
                vectors = self._at_once(before, carried, given)
        mask = self._mask(self.output_dropout, vectors, int(before.batch_sizes[0]))
        return vectors if mask is None else vectors * mask[rows(before.batch_sizes).to(vectors.device)]

    def _at_once(self, before: PackedSequence, carried: Carried, given: Given) -> Tensor:
        sizes, B, T = before.batch_sizes, int(before.batch_sizes[0]), len(before.batch_sizes)
        packed = self.embedding(PackedSequence(before.data, sizes))
        row = rows(sizes).to(before.data.device)
        mask = self._mask(self.input_dropout, packed.data, B)
        if mask is not None or given.constant is not None:
            data = packed.data if mask is None else packed.data * mask[row]
            data = data if given.constant is None else torch.cat([data, given.constant[row]], dim=1)
            packed = PackedSequence(data, sizes)
        hidden = self.recurrent(packed, _form(carried.states))[0].data
        mask = self._mask(self.dropout, hidden, B)
        hidden = hidden if mask is None else hidden * mask[row]
        if self.attention is None or given.memory is None:
            return self._vectors(hidden)
        queries = pad(PackedSequence(hidden, sizes), T, B, batch_first=True)
        context, _ = self.attention(queries, given.memory)
        place = row * T + steps(sizes).to(row.device)
        context = context.flatten(0, 1).index_select(0, place)
        return self._vectors(torch.cat([hidden, context], dim=1))

    def _by_steps(self, before: PackedSequence, carried: Carried, given: Given, sampled: float) -> Tensor:
        B, known = int(before.batch_sizes[0]), before.data.split(before.batch_sizes.tolist())
        like = carried.states[0]
        masks = (
            self._mask(self.input_dropout, like, B, self.embedding.embedding_dim),
            self._mask(self.dropout, like, B),
        )
        found: list[Tensor] = []
        for tokens in known:
            alive = torch.arange(len(tokens), device=tokens.device)
            if len(tokens) < len(carried.states[0][0]):
                carried, given = carried.take(alive), given.take(alive)
                masks = _first(masks[0], len(tokens)), _first(masks[1], len(tokens))
            if sampled and found:
                drawn = self._drawn(found[-1][: len(tokens)])
                tokens = tokens.where(torch.rand(len(tokens), device=tokens.device) >= sampled, drawn)
            vectors, carried, _ = self._one(tokens[:, None], carried, given, masks)
            found.append(vectors[:, 0])
        return torch.cat(found)

    @torch.no_grad()
    def _drawn(self, vectors: Tensor) -> Tensor:
        return self.log_probabilities(vectors).exp().multinomial(1)[:, 0]

    def _one(
        self,
        tokens: Tensor,
        carried: Carried,
        given: Given,
        masks: tuple[Tensor | None, Tensor | None] = (None, None),
    ) -> tuple[Tensor, Carried, Tensor | None]:
        """Read one token of each of B × K rows: their vectors (B, K, E), what is carried on, attention's weights."""
        B, K = tokens.shape
        x = self.embedding(tokens.reshape(-1))
        x = x if masks[0] is None else x * masks[0]
        x = x if carried.fed is None else torch.cat([x, carried.fed], dim=1)
        if given.constant is not None:
            x = torch.cat([x, given.constant.repeat_interleave(K, dim=0)], dim=1)
        one = PackedSequence(x, torch.tensor([B * K]))
        read, states = self.recurrent(one, _form(carried.states))
        hidden = read.data if masks[1] is None else read.data * masks[1]
        hidden, weights = hidden.view(B, K, -1), None
        vectors = hidden
        if self.attention is not None and given.memory is not None:
            context, weights = self.attention(hidden, given.memory)
            vectors = torch.cat([hidden, context], dim=2)
        vectors = self._vectors(vectors)
        fed = vectors.flatten(0, 1) if self.input_feeding else None
        return vectors, Carried(states if isinstance(states, tuple) else (states,), fed), weights

    def step(self, tokens: Tensor, carried: Carried, given: Given) -> tuple[Tensor, Carried, Tensor | None]:
        """Read one more token of each row; what stands before it is in what is carried, and is never read again.

        Args:
            tokens: (B, K) int64: K beginnings of each of B rows.
            carried: of the B * K beginnings.
            given: of the B rows.

        Returns:
            (B, K, V) log-probabilities of the next token in nats, what is carried, and attention's weights (B, K, S).
        """
        vectors, carried, weights = self._one(tokens, carried, given)
        return self.log_probabilities(vectors), carried, weights

    def nats(self, vectors: Tensor, targets: Tensor, label_smoothing: float = 0.0) -> Tensor:
        """Mean cross-entropy of (N,) targets, scalar, in nats a token."""
        products = self.products if self.training else torch.float32
        weight, bias = self.output.weight, self.output.bias
        return vocabulary_loss(vectors, weight, bias, targets, products=products, label_smoothing=label_smoothing)

    def log_probabilities(self, vectors: Tensor) -> Tensor:
        """Log-probability of every token, (..., V) in nats."""
        scores: Tensor = self.output(vectors)
        return scores.log_softmax(dim=-1)

    def _vectors(self, found: Tensor) -> Tensor:
        """What scores the tokens, from the hidden state and what attention found."""
        vectors: Tensor = self.combine(found).tanh()
        return vectors

    def _mask(self, p: float, like: Tensor, B: int, size: int | None = None) -> Tensor | None:
        """A draw for each row, which holds for all its steps."""
        return keep_mask(like, (B, size or like.shape[-1]), p) if self.training and p > 0 else None


def first_vectors(vocabulary: int, size: int, dropout: float) -> Embedding:
    """A table of V vectors of length about 1, so that a tied output's scores are of the order of 1 however large E is.

    They are read with a factor that keeps features of a deviation of 0.18: the smaller ones of many features hardly
    move the recurrent layers at first. Decision 23 has what was tried.
    """
    factor = max(1.0, (size / 32) ** 0.5)
    made = Embedding(vocabulary, size, dropout=probability("embedding_dropout", dropout), scale=factor)
    nn.init.normal_(made.weight, std=size**-0.5)
    return made


def _first(mask: Tensor | None, rows: int) -> Tensor | None:
    return None if mask is None else mask[:rows]


def _form(states: tuple[Tensor, ...]) -> Any:
    """States as `Recurrent` takes them: a tensor where a cell has one."""
    return states if len(states) > 1 else states[0]
