"""Which backend runs a layer. It never falls back in silence: whoever forces a backend gets it, or the reason."""

from collections.abc import Iterator
from contextlib import contextmanager

from .._core.errors import BackendError, InputError
from ..cells import Cell
from .aten import Aten
from .backend import Backend, demanded_around, forced
from .layer import Layer
from .native import Native, why_not_bfloat16
from .reference import Reference

# Best first. A new backend is one file and one line here.
BACKENDS: dict[str, Backend] = {
    "native": Native(),
    "torch": Aten(),
    "reference": Reference(),
}


@contextmanager
def use(name: str) -> Iterator[None]:
    """Force a backend inside the block.

    Args:
        name: key of `BACKENDS`.

    Raises:
        InputError: the name is not one of `BACKENDS`.

    Example:
        >>> with use("reference"):
        ...     pass
    """
    token = forced.set(_known(name, "use()").name)
    try:
        yield
    finally:
        forced.reset(token)


def choose(cell: Cell, layer: Layer, backend: str | None = None) -> Backend:
    """Choose the backend that runs a layer: the forced one, else the first of `BACKENDS` that can.

    Forced is, in this order: the argument, the nearest `use()`, the environment's OSTINATO_BACKEND.

    Raises:
        BackendError: the forced backend cannot run this layer; with its reason and who can.
        InputError: a forced name is not one of `BACKENDS`.
    """
    name, by = _demanded(backend)
    if name is not None:
        forced = _known(name, by)
        reason = forced.why_not(cell, layer)
        if reason is None:
            return forced
        able = [other for other, why in explain(cell, layer) if why is None]
        remedy = f"choose one of {', '.join(able)}, or none" if able else "no backend can"
        raise BackendError(f"backend {name!r} (by {by}) cannot run this layer: {reason}; {remedy}")
    for candidate in BACKENDS.values():
        if candidate.why_not(cell, layer) is None:
            return candidate
    reasons = "; ".join(f"{other}: {why}" for other, why in explain(cell, layer))
    raise BackendError(f"no backend can run this layer: {reasons}")


def explain(cell: Cell, layer: Layer) -> list[tuple[str, str | None]]:
    """List every backend, best first, with the reason why it cannot run the layer, or None where it can.

    Where the layer allows bfloat16, the first line is "native in bfloat16": what stands in its way, if anything.
    """
    found = [(name, backend.why_not(cell, layer)) for name, backend in BACKENDS.items()]
    if layer.precision == "float32":
        return found
    return [("native in bfloat16", dict(found)["native"] or why_not_bfloat16(layer)), *found]


def _demanded(backend: str | None) -> tuple[str | None, str]:
    if backend is not None:
        return backend, "backend="
    return demanded_around()


def _known(name: str, by: str) -> Backend:
    if name not in BACKENDS:
        raise InputError(f"{by} names backend {name!r}; one of {', '.join(BACKENDS)} expected")
    return BACKENDS[name]
