"""One layer run by two backends: how far their results and their gradients are from each other."""

import torch
from torch import Tensor

from ..cells import Cell
from ..kernels import Backend, Layer
from .cases import map_tensors, named_tensors
from .rel_l2 import rel_l2


def differences(
    backend: Backend, oracle: Backend, cell: Cell, layer: Layer
) -> tuple[dict[str, float], dict[str, float]]:
    """Compare a backend on a layer with an oracle on the same numbers in float64.

    Args:
        backend: what is tried, in the layer's own precision.
        oracle: what is believed.
        cell: what to run.
        layer: on what. Gradients are those of its tensors that require one, for random gradients of all results.

    Returns:
        of each output and last state, and of each gradient, by name: the relative L2 error (`rel_l2`).
    """
    exact = map_tensors(layer, lambda v: v.detach().double().requires_grad_(v.requires_grad))
    outputs, states = backend.forward(cell, layer)
    exact_outputs, exact_states = oracle.forward(cell, exact)
    got, wanted = [*outputs, *states], [*exact_outputs, *exact_states]
    names = [f"outputs of direction {d}" for d in range(len(outputs))] + [f"last {name}" for name in cell.states]
    results = {name: rel_l2(a, b) for name, a, b in zip(names, got, wanted, strict=True)}

    generator = torch.Generator().manual_seed(8)
    upstream = [torch.randn(v.shape, generator=generator, dtype=torch.float64).to(v.device) for v in wanted]
    tensors, exact_tensors = _needing(layer), _needing(exact)
    # Zeros where a tensor has no part in the results, in one that is broken: so that it is told which.
    own = [d.to(layer.x.dtype) for d in upstream]
    gradients = torch.autograd.grad(got, list(tensors.values()), own, materialize_grads=True)
    exact_gradients = torch.autograd.grad(wanted, list(exact_tensors.values()), upstream, materialize_grads=True)
    return results, {
        f"gradient of {name}": rel_l2(a, b) for name, a, b in zip(tensors, gradients, exact_gradients, strict=True)
    }


def _needing(layer: Layer) -> dict[str, Tensor]:
    return {name: tensor for name, tensor in named_tensors(layer).items() if tensor.requires_grad}
