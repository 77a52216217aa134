"""What a language model is trained on: the next token, read on from where the last piece ended."""

from typing import cast

from torch import Tensor, nn

from ostinato.data import Piece
from ostinato.nn import Recurrent
from ostinato.tasks.language.network import LanguageNetwork, States, detached, rows_of
from ostinato.train import Measured

_PREFIX = "carried"


class StreamLoss:
    """Nats a token of a piece, with the states carried from piece to piece.

    In training the states are buffers of the network, so that a checkpoint in the midst of an epoch keeps them; they
    leave with `drop_carried`.

    Args:
        alpha: of AR: penalty on large outputs, the mean of their squares.
        beta: of TAR: penalty on changes from step to step, the mean of their squares.

    Source: AR and TAR: Merity et al. 2017, "Revisiting Activation Regularization for Language RNNs".
    """

    def __init__(self, alpha: float = 0.0, beta: float = 0.0) -> None:
        self.alpha, self.beta = alpha, beta
        self._held: States | None = None  # of the held-out text

    def __call__(self, model: nn.Module, piece: Piece) -> Measured:
        """Read a piece and say how well each next token was foreseen."""
        network = cast(LanguageNetwork, model)
        before = None if piece.begins else carried(network) if model.training else self._held
        rows, tokens = len(piece.index), len(piece.targets)
        read = network(piece.inputs, None if before is None else rows_of(before, rows))
        after = detached(read.states)
        if not model.training:
            self._held = after
        elif before is None or rows == before[0][0].shape[1]:  # else the text ends here: nobody reads on
            carry(network, after)
        loss = nats = network.nats(read.dropped, piece.targets)
        if model.training and (self.alpha or self.beta):
            loss = loss + self.penalty(read.raw, read.dropped, int(piece.inputs.batch_sizes[0]))
        return Measured(loss, tokens, {"nats": nats.detach()} if loss is not nats else {})

    def penalty(self, raw: Tensor, dropped: Tensor, rows: int) -> Tensor | float:
        """AR on the outputs behind the dropout, TAR on those before it, as in the authors' program."""
        total: Tensor | float = 0.0
        if self.alpha:
            total = total + self.alpha * dropped.square().mean()
        if self.beta and len(raw) > rows:
            total = total + self.beta * (raw[rows:] - raw[: len(raw) - rows]).square().mean()
        return total


def carry(network: LanguageNetwork, states: States) -> None:
    """Keep the states in the network."""
    for k, layer in enumerate(states):
        for i, state in enumerate(layer):
            network.register_buffer(f"{_PREFIX}_{k}_{i}", state)


def carried(network: LanguageNetwork) -> States:
    """The states that `carry` kept."""
    found: dict[int, list[Tensor]] = {}
    for name, state in network.named_buffers():
        if name.startswith(_PREFIX):
            found.setdefault(int(name.split("_")[1]), []).append(state)
    return tuple(tuple(found[k]) for k in sorted(found))


def first_carried(network: LanguageNetwork, rows: int) -> None:
    """Make room for the states of so many rows, so that a checkpoint finds its place."""
    weight = network.embedding.weight
    layers = [cast(Recurrent, layer) for layer in network.layers]
    carry(network, tuple(tuple(weight.new_zeros(1, rows, one.hidden_size) for _ in one.cell.states) for one in layers))


def drop_carried(network: LanguageNetwork) -> None:
    """Forget the states of training."""
    for name in [name for name, _ in network.named_buffers() if name.startswith(_PREFIX)]:
        delattr(network, name)
