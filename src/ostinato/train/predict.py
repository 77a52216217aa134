"""Applies a model to batches and puts the rows back into the data's order."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from ostinato.train.batch import Batches, device_of, to_device


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """No gradients and no dropout inside the block; the model's modes come back after it."""
    trained = [module for module in model.modules() if module.training]
    if trained:  # else nothing has to be set: a mode takes as long as a small layer
        model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for module in trained:
            module.training = True


def predict(
    model: nn.Module, batches: Batches, fn: Callable[[nn.Module, Any], Tensor | PackedSequence] | None = None
) -> Tensor | list[Tensor]:
    """Apply a model to every batch, without gradients or dropout.

    Args:
        model: on any device; batches are moved to it.
        batches: `data.Batches` or anything with its `epoch(0)`; any order, any batch size.
        fn: (model, batch) → (B, …), a row of output for each row of the batch, or a `PackedSequence` with one output a
            step; by default `model(batch.inputs)`.

    Returns:
        Rows in the data's original order, on the CPU: one tensor (rows, …), or, where `fn` gave packed sequences, a
        list of (T, …). With no batches at all, an empty tensor (0,).

    Example:
        >>> import torch
        >>> from types import SimpleNamespace
        >>> batch = SimpleNamespace(inputs=torch.tensor([[3.0], [1.0]]), index=torch.tensor([1, 0]))
        >>> source = SimpleNamespace(epoch=lambda e: [batch])
        >>> predict(torch.nn.Identity(), source).tolist()
        [[1.0], [3.0]]
    """
    device = device_of(model)
    parts: list[Tensor] = []
    ragged: list[Tensor] = []
    index: list[Tensor] = []
    with evaluating(model):
        for batch in batches.epoch(0):
            batch = to_device(batch, device)
            output = model(batch.inputs) if fn is None else fn(model, batch)
            if isinstance(output, PackedSequence):
                ragged += _rows(output)
            else:
                parts.append(output.detach().cpu())
            index.append(batch.index.cpu())
    if not index:
        return torch.empty(0)
    order = torch.argsort(torch.cat(index))
    if ragged:
        return [ragged[i] for i in cast(list[int], order.tolist())]
    return torch.cat(parts)[order]


def _rows(packed: PackedSequence) -> list[Tensor]:
    """A packed sequence's rows (T, …), in packed order."""
    sizes = packed.batch_sizes
    row = torch.cat([torch.arange(int(b)) for b in sizes])
    lengths = torch.bincount(row).tolist()
    # A stable sort by row brings each row's steps together, in time order.
    return list(packed.data.detach().cpu()[torch.argsort(row, stable=True)].split(lengths))
