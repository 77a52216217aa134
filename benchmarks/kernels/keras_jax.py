"""Keras on JAX: forward, or forward and backward, compiled by XLA as one function."""

import jax
import jax.numpy as jnp
import numpy as np

from kernels.keras_layers import LAYERS, batch_first, flat, stack
from kernels.problem import Problem
from kernels.run import Run


def prepare(p: Problem, threads: int) -> Run | None:
    """Build the run; None for a cell that Keras does not have. XLA takes the processors that the process may use."""
    if p.cell not in LAYERS:
        return None
    layers = stack(p)
    x, dy, mask = (None if a is None else jnp.asarray(a) for a in batch_first(p))
    weights = [v.value for v in layers.trainable_variables]
    fixed = [v.value for v in layers.non_trainable_variables]

    def forward(weights, x):
        return layers.stateless_call(weights, fixed, x, mask=mask)[0]

    def loss(weights, x):
        y = forward(weights, x)
        return (y * dy).sum(), y

    compiled = jax.jit(jax.value_and_grad(loss, argnums=(0, 1), has_aux=True) if p.kind == "train" else forward)

    def read(result) -> dict[str, np.ndarray]:
        if p.kind == "infer":
            return {"y": np.asarray(result).swapaxes(0, 1)}
        (_, y), (dweights, dx) = result
        found = {"y": np.asarray(y).swapaxes(0, 1), "dx": np.asarray(dx).swapaxes(0, 1)}
        return found | {"dweights": flat(p, [np.asarray(g) for g in dweights])}

    note = "padded, masked" if p.shape.ragged else ""
    return Run(lambda: jax.block_until_ready(compiled(weights, x)), read, note)
