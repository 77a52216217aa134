"""The translator as a torch module: packed sentences in, vectors that score each target token out."""

from typing import Any

from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from ostinato.nn import LockedDropout, Recurrent
from ostinato.nn.arguments import probability
from ostinato.nn.mixed import mixed_where
from ostinato.nn.packed import unpack_padded
from ostinato.tasks.translation.decoder import Carried, Decoder, Given, first_vectors


class TranslationNetwork(nn.Module):
    """Encoder → attention → decoder, over packed batches.

    Use it by itself where you train with a loop of your own; `Translator` is it with everything around.

    Args:
        source_vocabulary: V of what is read; `None`: source and target share vocabulary and embedding.
        vocabulary: V of what is written.
        embedding_size: features E of a token's vector.
        hidden_size: units of an encoder layer and direction.
        num_layers: layers of the encoder.
        bidirectional: whether the encoder has a second direction.
        decoder_size: H, units of a decoder layer.
        decoder_layers: L.
        attention: "bahdanau", "luong" or `None`.
        tied: whether the output's weights are the target embedding's.
        embedding_dropout: probability of dropping a token's vector wherever it stands in a batch.
        input_dropout: probability of dropping a feature of a token's vector, at all steps of a row alike.
        dropout: the same, behind and between recurrent layers.
        output_dropout: the same, of the output vectors.
        input_feeding, precision: as of `Decoder`.
        cell: of both halves.
        **recurrent: of `nn.Recurrent`, for both halves.

    Source: Sutskever et al. 2014, Bahdanau et al. 2015, Luong et al. 2015.

    Example:
        >>> import torch
        >>> from ostinato.nn import pack
        >>> network = TranslationNetwork(vocabulary=9, embedding_size=4, hidden_size=3, decoder_size=5)
        >>> carried, given = network.begin(pack([torch.tensor([5, 6]), torch.tensor([7, 8, 3])]))
        >>> logp, carried, weights = network.decoder.step(torch.tensor([[2], [2]]), carried, given)
        >>> logp.shape, weights.shape
        (torch.Size([2, 1, 9]), torch.Size([2, 1, 3]))
    """

    def __init__(
        self,
        *,
        vocabulary: int,
        source_vocabulary: int | None = None,
        embedding_size: int = 256,
        hidden_size: int = 256,
        num_layers: int = 1,
        bidirectional: bool = True,
        decoder_size: int = 512,
        decoder_layers: int = 1,
        attention: str | None = "luong",
        tied: bool = True,
        embedding_dropout: float = 0.0,
        input_dropout: float = 0.0,
        dropout: float = 0.0,
        output_dropout: float = 0.0,
        input_feeding: bool = False,
        precision: str = "float32",
        cell: str = "lstm",
        **recurrent: Any,
    ) -> None:
        super().__init__()
        self.settings: dict[str, Any] = {}  # what it was made with, where it is to be saved
        written = first_vectors(vocabulary, embedding_size, embedding_dropout)
        read = written
        if source_vocabulary is not None:
            read = first_vectors(source_vocabulary, embedding_size, embedding_dropout)
        self.embedding = read
        self.input_dropout = LockedDropout(probability("input_dropout", input_dropout))
        self.dropout = LockedDropout(probability("dropout", dropout))
        self.encoder = Recurrent(
            cell,
            embedding_size,
            hidden_size,
            num_layers,
            bidirectional=bidirectional,
            dropout=dropout if num_layers > 1 else 0.0,
            locked_dropout=True,
            **recurrent,
        )
        self.decoder = Decoder(
            written,
            decoder_size,
            decoder_layers,
            attention=attention,
            memory_size=self.encoder.output_size,
            input_feeding=input_feeding,
            tied=tied,
            input_dropout=input_dropout,
            dropout=dropout,
            output_dropout=output_dropout,
            precision=precision,
            cell=cell,
            **recurrent,
        )
        states, directions = len(self.encoder.cell.states), self.encoder.num_directions
        self.bridge = nn.ModuleList(
            nn.Linear(directions * hidden_size, decoder_layers * decoder_size) for _ in range(states)
        )

    def begin(self, inputs: PackedSequence) -> tuple[Carried, Given]:
        """Read sentences.

        Args:
            inputs: N tokens, int64, packed.

        Returns:
            what the decoder carries and is given, rows in the user's order.
        """
        with mixed_where(self.training, self.decoder.products):
            packed, ends = self.encoder(self.input_dropout(self.embedding(inputs)))
        ends = ends if isinstance(ends, tuple) else (ends,)
        B, H, last = ends[0].shape[1], self.decoder.recurrent.hidden_size, self.encoder.num_directions
        states = []
        for end, bridge in zip(ends, self.bridge, strict=True):
            top = end[-last:].transpose(0, 1).reshape(B, -1)  # the last layer's end in each direction
            states.append(bridge(top).tanh().view(B, -1, H).transpose(0, 1).contiguous())
        attention = self.decoder.attention
        memory = None
        if attention is not None:
            memory = attention.memory(*unpack_padded(self.dropout(packed), batch_first=True))
        return self.decoder.begin(tuple(states)), Given(memory)

    def forward(self, inputs: PackedSequence, before: PackedSequence, sampled: float = 0.0) -> Tensor:
        """Compute the vectors of known targets.

        Args:
            inputs: sentences; in the user's order, their rows are those of `before`.
            before: (N,) the token before each target, packed.
            sampled: of scheduled sampling.

        Returns:
            (N, E), which `decoder.nats` takes.
        """
        carried, given = self.begin(inputs)
        vectors: Tensor = self.decoder(before, carried, given, sampled)
        return vectors
