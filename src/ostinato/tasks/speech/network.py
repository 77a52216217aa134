"""The network of a transcriber: packed features in, log-probabilities of tokens at each frame out."""

from typing import Any

from torch import nn
from torch.nn.utils.rnn import PackedSequence

from ostinato.nn import LockedDropout, Recurrent, apply
from ostinato.tasks.front import Front


class TranscriberNetwork(nn.Module):
    """Features → convolutions, which leave fewer frames → recurrent layers in both directions → linear.

    Use it by itself where you train with a loop of your own; `Transcriber` is it with everything around.

    Args:
        channels: I, features of a frame.
        vocabulary: V, tokens with the blank, which is number 0.
        convolutions: layers in front of the recurrent ones, 0 for none.
        convolution_size: features of each.
        kernel_size: frames that each reads at once.
        stride: each keeps every so many-th frame.
        input_dropout: probability of dropping a feature, at all frames of a row at once.
        dropout: the same, behind every layer.
        **recurrent: `cell`, `hidden_size`, ... of `nn.Recurrent`.

    Source: Graves et al. 2013, "Speech recognition with deep recurrent neural networks"; the convolutions: Amodei et
    al. 2016, "Deep Speech 2".

    Example:
        >>> import torch
        >>> from ostinato.nn import pack
        >>> network = TranscriberNetwork(channels=40, vocabulary=5, cell="gru", hidden_size=4, stride=2)
        >>> network(pack([torch.zeros(9, 40), torch.zeros(4, 40)])).batch_sizes.tolist()
        [2, 2, 1, 1, 1]
    """

    def __init__(
        self,
        *,
        channels: int,
        vocabulary: int,
        convolutions: int = 1,
        convolution_size: int = 64,
        kernel_size: int = 5,
        stride: int = 2,
        input_dropout: float = 0.0,
        dropout: float = 0.0,
        **recurrent: Any,
    ) -> None:
        super().__init__()
        self.settings: dict[str, Any] = {}  # what it was made with, where it is to be saved
        self.input_dropout = LockedDropout(input_dropout)
        self.front, size = None, channels
        if convolutions:
            self.front = Front(channels, convolution_size, convolutions, kernel_size, stride, dropout)
            size = convolution_size
        between = dropout if recurrent.get("num_layers", 1) > 1 else 0.0
        self.recurrent = Recurrent(input_size=size, dropout=between, locked_dropout=True, **recurrent)
        self.dropout = LockedDropout(dropout)
        self.linear = nn.Linear(self.recurrent.output_size, vocabulary)
        self.stride: int = stride**convolutions

    def forward(self, inputs: PackedSequence) -> PackedSequence:
        """Say tokens.

        Args:
            inputs: (N, I) features, packed.

        Returns:
            Log-probabilities, ceil(T / stride) frames a row, (N', V), packed in the same order of rows.
        """
        inputs = self.input_dropout(inputs)
        if self.front is not None:
            inputs = self.front(inputs)
        output, _ = self.recurrent(inputs)
        return apply(lambda data: self.linear(data).log_softmax(dim=1), self.dropout(output))

    def frames(self, steps: int) -> int:
        """Frames that are left of so many steps."""
        return -(-steps // self.stride)
