"""One random layer on a backend against float64: by seed, so that a program may try thousands and name one of them."""

from dataclasses import dataclass, field

from ..kernels import Backend
from ..kernels.aten import Aten
from ..kernels.reference import Reference
from .check_backend import LIMITS
from .differences import differences
from .random_layers import random_layer
from .sensitivity import sensitivity

# A float32 kernel rounds more than its inputs: every product, sum and activation. Measured on 12,000 layers: at most 36
# times what rounding the inputs does.
_ROUNDINGS = 64


@dataclass(frozen=True)
class Checked:
    """What `check_random_layer` found.

    Args:
        worst: largest relative L2 error of an output or last state, and of a gradient, of those that are not `beyond`.
        beyond: in words, each error over the limit that rounding the layer's numbers explains.
        failures: in words, each that it does not.
    """

    worst: list[float]
    beyond: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def check_random_layer(backend: Backend, seed: int) -> Checked:
    """Compare a backend on `random_layer(seed)` with torch's kernels in float64, or the reference where torch has none.

    When to use: to try a backend on more than the table of cases.

    Args:
        backend: the backend; it must be able to run what `random_layer` draws.
        seed: of the layer.

    Raises:
        BackendError: the backend cannot run that layer.
    """
    cell, layer, what = random_layer(seed)
    oracle = Aten() if Aten().why_not(cell, layer) is None else Reference()
    found, limits = differences(backend, oracle, cell, layer), LIMITS[layer.x.dtype]
    good = all(error <= limit for errors, limit in zip(found, limits, strict=True) for error in errors.values())
    moved = found if good else sensitivity(oracle, cell, layer)
    checked = Checked([0.0, 0.0])
    for k, (errors, limit) in enumerate(zip(found, limits, strict=True)):
        for name, error in errors.items():
            explained = error <= _ROUNDINGS * moved[k][name]
            if error <= limit or not explained:
                checked.worst[k] = max(checked.worst[k], error)
            if not error <= limit:
                said = f"{name} {error:.2g}, rounding the layer's numbers moves it by {moved[k][name]:.2g}"
                (checked.beyond if explained else checked.failures).append(f"seed {seed}, {what}: {said}")
    return checked
