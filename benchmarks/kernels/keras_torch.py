"""Keras on torch, as `fit` runs it by default there: eagerly."""

import numpy as np
import torch

from kernels.keras_layers import LAYERS, batch_first, flat, stack
from kernels.problem import Problem
from kernels.run import Run


def prepare(p: Problem, threads: int) -> Run | None:
    """Build the run; None for a cell that Keras does not have."""
    if p.cell not in LAYERS:
        return None
    torch.set_num_threads(threads)
    layers = stack(p)
    x, dy, mask = (None if a is None else torch.tensor(a) for a in batch_first(p))
    assert x is not None
    weights = [v.value for v in layers.trainable_variables]

    def infer() -> list[torch.Tensor]:
        with torch.no_grad():
            return [layers(x, mask=mask)]

    def train() -> list[torch.Tensor]:
        x.requires_grad_()
        y = layers(x, mask=mask)
        return [y, *torch.autograd.grad(y, [x, *weights], dy)]

    def read(results: list[torch.Tensor]) -> dict[str, np.ndarray]:
        y, *gradients = (r.detach().numpy() for r in results)
        found = {"y": y.swapaxes(0, 1)}
        if p.kind == "train":
            found |= {"dx": gradients[0].swapaxes(0, 1), "dweights": flat(p, gradients[1:])}
        return found

    return Run(train if p.kind == "train" else infer, read, "padded, masked" if p.shape.ragged else "")
