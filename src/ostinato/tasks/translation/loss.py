"""What networks that write are trained on: each next token of the answer, from all before it."""

from typing import Any

from torch import nn

from ostinato.tasks.translation.batches import AnswerBatch
from ostinato.train import Measured


class AnswerLoss:
    """Nats a token of known answers (teacher forcing).

    Args:
        label_smoothing: share of the target that is spread over all tokens, in training; the held-out loss is the
            plain one, comparable between settings.
    """

    def __init__(self, label_smoothing: float = 0.0) -> None:
        self.label_smoothing = label_smoothing

    def __call__(self, model: nn.Module, batch: AnswerBatch) -> Measured:
        """Read a batch's questions and say how well each token of the answers was foreseen."""
        network: Any = model
        training = model.training
        vectors = network(batch.inputs, batch.before, batch.sampled if training else 0.0)
        smoothing = self.label_smoothing if training else 0.0
        return Measured(network.decoder.nats(vectors, batch.targets, smoothing), len(batch.targets))
