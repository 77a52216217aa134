"""One long text as parallel streams, cut into pieces that follow one another: what a language model reads."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from ostinato._core.errors import InputError
from ostinato._core.random import derive

_SHORTEST, _SPREAD, _HALVED = 5, 5.0, 0.05  # Merity et al. 2018, section 5


@dataclass(frozen=True)
class Piece:
    """The next steps of every stream.

    Attributes:
        inputs: N packed tokens; at the text's end the last rows may have one step less, or none.
        targets: int64 (N,), for each input the token that follows it, in the same packed order.
        index: int64 (b,), the streams that are alive.
        begins: whether the streams begin here, and no state is to be carried over.
        lr_scale: factor on the learning rate, the piece's share of the usual length.
    """

    inputs: PackedSequence
    targets: Tensor
    index: Tensor
    begins: bool
    lr_scale: float

    def to(self, device: torch.device | str) -> "Piece":
        """Copy the tokens to a device."""
        inputs: PackedSequence = self.inputs.to(device)  # type: ignore[arg-type]  # torch's annotation forgets devices
        return replace(self, inputs=inputs, targets=self.targets.to(device))


class Streams:
    """Cuts a text into B streams side by side and each stream into pieces; every token is a target exactly once.

    Use it to train and measure a model that carries its state from piece to piece. The streams' lengths differ by one
    token at most; before its first token a stream reads the token that stands there in the text.

    Args:
        tokens: (N,) int64, the text.
        before: the token that the text's first one follows, `<eos>` usually.
        streams: B at most; a shorter text has fewer.
        length: steps T of a piece.
        vary: draw each piece's length around `length` (now and then around its half), anew in each epoch, so that the
            pieces do not begin at the same words always; the learning rate is scaled to match.
        seed: of the lengths.

    Raises:
        InputError: no token, or a number out of range.

    Source: Merity et al. 2018, "Regularizing and Optimizing LSTM Language Models", section 5.

    Example:
        >>> first, second = Streams(np.array([5, 6, 7, 8, 9]), before=2, streams=2, length=2).epoch(0)
        >>> first.inputs.data.view(2, 2).T.tolist(), first.targets.view(2, 2).T.tolist()
        ([[2, 5], [7, 8]], [[5, 6], [8, 9]])
        >>> second.inputs.data.tolist(), second.targets.tolist()
        ([6], [7])
    """

    def __init__(
        self,
        tokens: NDArray[np.int64],
        *,
        before: int,
        streams: int = 20,
        length: int = 70,
        vary: bool = False,
        seed: int = 0,
    ) -> None:
        if len(tokens) == 0:
            raise InputError("the text has 0 tokens, expected at least 1; give a text that is not empty")
        for name, value in (("streams", streams), ("length", length)):
            if value < 1:
                raise InputError(f"{name}={value}, expected at least 1; raise it")
        self.length, self.vary, self.seed = length, vary, seed
        self.rows = min(streams, len(tokens))
        shortest, longer = divmod(len(tokens), self.rows)
        sizes = shortest + (np.arange(self.rows) < longer)
        self.steps = int(sizes[0])
        begins = np.cumsum(sizes) - sizes
        place = np.minimum(begins[None, :] + np.arange(self.steps)[:, None], len(tokens) - 1)  # (steps, B)
        read = np.concatenate([[before], tokens[:-1]]).astype(np.int64)
        self._inputs, self._targets = torch.from_numpy(read[place]), torch.from_numpy(np.asarray(tokens)[place])
        self._last = longer or self.rows  # rows alive at the last step

    def __len__(self) -> int:
        """Pieces an epoch; of varying ones, about how many."""
        mean = self.length * (1 - _HALVED / 2) if self.vary else self.length
        return max(1, -int(-self.steps // mean))

    def __iter__(self) -> Iterator[Piece]:
        return self.epoch(0)

    def epoch(self, e: int, start: int = 0) -> Iterator[Piece]:
        """The pieces of epoch `e`, from piece number `start` on."""
        draw = np.random.default_rng(derive(self.seed, e))
        begin = number = 0
        while begin < self.steps:
            length = self._draw(draw) if self.vary else self.length
            end = min(begin + length, self.steps)
            if number >= start:
                yield self._piece(begin, end)
            begin, number = end, number + 1

    def _draw(self, draw: np.random.Generator) -> int:
        mean = self.length / 2 if draw.random() < _HALVED else self.length
        return max(_SHORTEST, round(draw.normal(mean, _SPREAD)))

    def _piece(self, begin: int, end: int) -> Piece:
        inputs, targets = self._inputs[begin:end].reshape(-1), self._targets[begin:end].reshape(-1)
        sizes = torch.full((end - begin,), self.rows)
        if end == self.steps:
            sizes[-1] = self._last
        count = int(sizes.sum())
        scale = (end - begin) / self.length if self.vary else 1.0
        packed = PackedSequence(inputs[:count], sizes)
        return Piece(packed, targets[:count], torch.arange(int(sizes[0])), begin == 0, scale)
