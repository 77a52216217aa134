"""What a model is given at a time: packed inputs, and what belongs to each row."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence


@dataclass(frozen=True)
class Batch:
    """Packed inputs with their targets; never padded.

    Rows stand in packed order, the longest first, in everything here: row b of `targets` belongs to row b of
    `inputs`. `index` tells which row of the data it was.

    Attributes:
        inputs: N packed tokens: `data` int64 (N,) or float32 (N, I); `batch_sizes` int64 (T,) on the CPU.
        targets: (B, ...) or None.
        weights: (B,) or None.
        index: int64 (B,), original row numbers.

    Example:
        >>> import numpy as np
        >>> from ostinato.data import Batches
        >>> (batch,) = Batches([np.array([7]), np.array([4, 5])], shuffle=False)
        >>> batch.inputs.data, batch.inputs.batch_sizes, batch.index
        (tensor([4, 7, 5]), tensor([2, 1]), tensor([1, 0]))
    """

    inputs: PackedSequence
    targets: Tensor | None
    weights: Tensor | None
    index: Tensor

    def __len__(self) -> int:
        return len(self.index)

    @property
    def tokens(self) -> int:
        """Number of tokens N in the batch."""
        return len(self.inputs.data)

    def to(self, device: torch.device | str) -> "Batch":
        """Copy the batch to a device (`index` stays on the CPU: it is for bookkeeping).

        Args:
            device: as torch takes it.

        Returns:
            The batch on that device; itself where it already is there.
        """
        return replace(
            self,
            inputs=self.inputs.to(device),  # type: ignore[arg-type]  # torch's annotation forgets devices
            targets=None if self.targets is None else self.targets.to(device),
            weights=None if self.weights is None else self.weights.to(device),
        )
