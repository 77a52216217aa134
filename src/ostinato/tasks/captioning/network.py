"""The captioner as a torch module: a vector of numbers in, vectors that score each token of its caption out."""

from typing import Any

from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from ostinato.nn.arguments import one_of, probability
from ostinato.tasks.translation.decoder import Carried, Decoder, Given, first_vectors

PLACES = ("state", "steps", "both")


class CaptioningNetwork(nn.Module):
    """Numbers → a hidden layer → the decoder's first state, and what it reads at each step.

    Use it by itself where you train with a loop of your own; `Captioner` is it with everything around.

    Args:
        features: F, numbers of a vector.
        vocabulary: V of what is written.
        hidden_size: units of the hidden layer (ReLU).
        embedding_size: features E of a token's vector.
        decoder_size: H, units of a decoder layer.
        decoder_layers: L.
        place: where the vector goes in: "state" (as initial state), "steps" (read at each step) or "both".
        tied: whether the output's weights are the embedding's.
        embedding_dropout, input_dropout, dropout, output_dropout, precision: as of `TranslationNetwork`; `dropout`
            also of the hidden layer.
        cell: of the decoder.
        **recurrent: of `nn.Recurrent`.

    Source: Vinyals et al. 2015, "Show and Tell" (the vector before the first step); Mao et al. 2015 (at each step).

    Example:
        >>> import torch
        >>> network = CaptioningNetwork(features=3, vocabulary=9, hidden_size=4, embedding_size=4, decoder_size=5)
        >>> carried, given = network.begin(torch.randn(2, 3))
        >>> carried.states[0].shape, given.constant.shape
        (torch.Size([1, 2, 5]), torch.Size([2, 4]))
    """

    def __init__(
        self,
        *,
        features: int,
        vocabulary: int,
        hidden_size: int = 128,
        embedding_size: int = 64,
        decoder_size: int = 128,
        decoder_layers: int = 1,
        place: str = "both",
        tied: bool = True,
        embedding_dropout: float = 0.0,
        input_dropout: float = 0.0,
        dropout: float = 0.0,
        output_dropout: float = 0.0,
        precision: str = "float32",
        cell: str = "lstm",
        **recurrent: Any,
    ) -> None:
        super().__init__()
        one_of("place", place, PLACES)
        self.settings: dict[str, Any] = {}  # what it was made with, where it is to be saved
        self.place = place
        embedding = first_vectors(vocabulary, embedding_size, embedding_dropout)
        self.hidden = nn.Sequential(
            nn.Linear(features, hidden_size), nn.ReLU(), nn.Dropout(probability("dropout", dropout))
        )
        self.decoder = Decoder(
            embedding,
            decoder_size,
            decoder_layers,
            attention=None,
            constant_size=0 if place == "state" else hidden_size,
            tied=tied,
            input_dropout=input_dropout,
            dropout=dropout,
            output_dropout=output_dropout,
            precision=precision,
            cell=cell,
            **recurrent,
        )
        states = len(self.decoder.recurrent.cell.states)
        self.bridge = nn.ModuleList(
            nn.Linear(hidden_size, decoder_layers * decoder_size) for _ in range(states if place != "steps" else 0)
        )

    def begin(self, inputs: Tensor) -> tuple[Carried, Given]:
        """Take vectors in.

        Args:
            inputs: (B, F) float32.

        Returns:
            what the decoder carries and is given.
        """
        found: Tensor = self.hidden(inputs)
        layer = self.decoder.recurrent
        shape = (len(found), layer.num_layers, layer.hidden_size)
        if self.place == "steps":
            states = [found.new_zeros(shape) for _ in layer.cell.states]
        else:
            states = [bridge(found).tanh().view(shape) for bridge in self.bridge]
        carried = self.decoder.begin(tuple(state.transpose(0, 1).contiguous() for state in states))
        return carried, Given(constant=None if self.place == "state" else found)

    def forward(self, inputs: Tensor, before: PackedSequence, sampled: float = 0.0) -> Tensor:
        """Compute the vectors of known captions.

        Args:
            inputs: (B, F), rows as those of `before`.
            before: (N,) the token before each target, packed.
            sampled: of scheduled sampling.

        Returns:
            (N, E), which `decoder.nats` takes.
        """
        vectors: Tensor = self.decoder(before, *self.begin(inputs), sampled)
        return vectors
