"""Convolution over the steps of packed rows: no padding, no row sees another."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from ostinato._core.errors import InputError
from ostinato.nn.packed import lengths, offsets, rows, steps


class Convolution(nn.Conv1d):
    """Convolve the steps of each row of a packed batch; beyond a row's ends there are zeros.

    Use it in front of recurrent layers: it reads a few steps at once, and a `stride` leaves fewer for them to walk. It
    answers each row as `torch.nn.Conv1d` with `padding=kernel_size // 2` does that row alone, and shares its weights.

    Args:
        in_channels: I, features of a step.
        out_channels: features of a step of the output.
        kernel_size: K, steps that are read at once; odd, so that the middle one is the step itself.
        stride: the output has every so many-th step; a row of T steps keeps ceil(T / stride), one at least.
        **settings: `bias`, `device` and `dtype` of `torch.nn.Conv1d`.

    Raises:
        InputError: an even kernel, or a size below 1.

    Cost: one product (N / stride, K·I) x (K·I, out); the gathered inputs are K times as large as the batch.

    Example:
        >>> from ostinato.nn import pack
        >>> convolve = Convolution(2, 4, kernel_size=3, stride=2)
        >>> convolve(pack([torch.zeros(5, 2), torch.zeros(1, 2)])).batch_sizes.tolist()
        [2, 1, 1]
    """

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: int = 5, stride: int = 1, **settings: Any
    ) -> None:
        for name, value in (("out_channels", out_channels), ("kernel_size", kernel_size), ("stride", stride)):
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise InputError(f"{name}={value!r}, expected a whole number from 1 up; correct it")
        if kernel_size % 2 == 0:
            raise InputError(f"kernel_size={kernel_size}, expected an odd number of steps; give {kernel_size + 1}")
        super().__init__(in_channels, out_channels, kernel_size, stride, padding=kernel_size // 2, **settings)

    def forward(self, packed: PackedSequence) -> PackedSequence:  # type: ignore[override]  # Conv1d takes a tensor
        """Convolve.

        Args:
            packed: N steps of I features.

        Returns:
            ceil(T / stride) steps a row, packed in the same order of rows.
        """
        # a row has output step t where it has input step t * stride: the rows alive then are the first batch_sizes[...]
        kept = packed.batch_sizes[:: self.stride[0]]
        N = len(packed.data)
        row, middle = rows(kept), steps(kept) * self.stride[0]
        near = middle[:, None] + torch.arange(self.kernel_size[0]) - self.kernel_size[0] // 2  # (M, K) steps
        inside = (near >= 0) & (near < lengths(packed.batch_sizes)[row][:, None])
        place = offsets(packed.batch_sizes)[near.clamp(0, len(packed.batch_sizes) - 1)] + row[:, None]
        place = torch.where(inside, place, N).to(packed.data.device)  # token N is the zero beyond the ends
        padded = torch.cat([packed.data, packed.data.new_zeros(1, packed.data.shape[1])])
        gathered = padded[place].flatten(1)  # (M, K * I)
        weight = self.weight.transpose(1, 2).flatten(1)  # (out, I, K) as torch has it -> (out, K * I)
        data: Tensor = nn.functional.linear(gathered, weight, self.bias)
        return PackedSequence(data, kept, packed.sorted_indices, packed.unsorted_indices)
