"""Windows over many series: what is read before an origin, and what comes after it, gathered without a loop."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from ostinato._core.random import derive


@dataclass(frozen=True)
class Flat:
    """Series one behind the other, each followed by H rows in which it is not known.

    Args:
        inputs: float32 (N, C): targets, past covariates, what is known of the next step, what does not change.
        known: float32 (N, Q), what is known ahead of each row; NaN where it was not given.
        targets: float64 (N, K), scaled.
        observed: bool (N, K), whether a target is real: neither filled nor yet to come.
        begins: int64 (S,), each series' first row.
        lengths: int64 (S,), rows without those to come.
        units: float32 (S, K), of the targets.
    """

    inputs: Tensor
    known: Tensor
    targets: Tensor
    observed: Tensor
    begins: np.ndarray
    lengths: np.ndarray
    units: Tensor

    def origins(self, look_back: int, first: np.ndarray, last: np.ndarray, stride: int = 1) -> "Origins":
        """All origins with a look-back before them.

        Args:
            look_back: rows that a window reads.
            first: (S,) rows of each series, the first origin; not before `look_back`.
            last: (S,), the last one.
            stride: rows from one origin to the next.
        """
        low = np.maximum(first, look_back)
        counts = np.maximum((np.asarray(last) - low) // stride + 1, 0)
        series = np.repeat(np.arange(len(counts)), counts)
        number = np.arange(len(series)) - np.repeat(np.cumsum(counts) - counts, counts)  # of its series
        return Origins(self.begins[series] + low[series] + number * stride, series)


@dataclass(frozen=True)
class Origins:
    """Where forecasts begin.

    Args:
        rows: int64 (W,), the row of `Flat` that is the first one forecast.
        series: int64 (W,), which series it is of.
    """

    rows: np.ndarray
    series: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, numbers: np.ndarray) -> "Origins":
        """The origins of these numbers."""
        return Origins(self.rows[numbers], self.series[numbers])


@dataclass(frozen=True)
class WindowBatch:
    """Some windows, all equally long.

    Attributes:
        inputs: (B · L, C), packed.
        known: (B, H, Q), of the steps to be forecast.
        targets: (B, H, K), scaled.
        observed: (B, H, K).
        units: (B, K), of the targets.
        index: (B,), the windows' numbers.
    """

    inputs: PackedSequence
    known: Tensor
    targets: Tensor
    observed: Tensor
    units: Tensor
    index: Tensor


class WindowBatches:
    """Draws windows, the same ones for the same epoch.

    Args:
        flat: the series.
        origins: of the windows.
        look_back: L, rows read.
        horizon: H, rows forecast.
        batch_size: windows a batch.
        shuffle: False keeps the order given.
        seed: of the order.
    """

    def __init__(
        self,
        flat: Flat,
        origins: Origins,
        *,
        look_back: int,
        horizon: int,
        batch_size: int,
        shuffle: bool = True,
        seed: int = 0,
    ) -> None:
        self.flat, self.origins = flat, origins
        self.look_back, self.horizon, self.batch_size = look_back, horizon, batch_size
        self.shuffle, self.seed = shuffle, seed

    def __len__(self) -> int:
        return -(-len(self.origins) // self.batch_size)

    def epoch(self, e: int, start: int = 0) -> Iterator[WindowBatch]:
        """The batches of an epoch from one on."""
        order = np.arange(len(self.origins))
        if self.shuffle:
            order = np.random.default_rng(derive(self.seed, e)).permutation(order)
        for number in range(start, len(self)):
            yield self._batch(order[number * self.batch_size : (number + 1) * self.batch_size])

    def _batch(self, numbers: np.ndarray) -> WindowBatch:
        L, H, flat = self.look_back, self.horizon, self.flat
        rows = torch.from_numpy(self.origins.rows[numbers])
        read = (rows + torch.arange(-L, 0)[:, None]).reshape(-1)  # time-major, as a packed batch is
        ahead = (rows[:, None] + torch.arange(H)).reshape(-1)
        B = len(numbers)
        return WindowBatch(
            PackedSequence(flat.inputs.index_select(0, read), torch.full((L,), B)),
            flat.known.index_select(0, ahead).reshape(B, H, -1),
            flat.targets.index_select(0, ahead).reshape(B, H, -1).float(),
            flat.observed.index_select(0, ahead).reshape(B, H, -1),
            flat.units.index_select(0, torch.from_numpy(self.origins.series[numbers])),
            torch.from_numpy(numbers),
        )
