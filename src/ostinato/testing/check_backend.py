"""The contract of a backend: everything that holds for every line of `BACKENDS`."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import torch
from torch import Tensor

from ..cells import CELLS, Cell
from ..kernels import Backend, Layer, norm_shapes
from ..kernels.reference import Reference
from ..kernels.zoneout import drawn
from .cases import Case, make_layer, small_cases
from .differences import differences
from .rel_l2 import expect_close

# dtype -> relative L2 allowed for outputs and states, and for gradients. Measured in float32: outputs 5e-7; gradients
# 4e-6, and 5e-6 where a gradient is one number (H = 1), a sum that cancels.
LIMITS = {torch.float64: (1e-12, 1e-12), torch.float32: (2e-6, 1e-5)}


def check_backend(
    backend: Backend, cells: Iterable[Cell] | None = None, dtype: torch.dtype = torch.float32, device: str = "cpu"
) -> int:
    """Compare a backend with the reference in float64: outputs, states, gradients, over the case table and all options.

    And alone, in its own precision: batch mates do not matter, a sequence split in two is the whole, and the reverse
    direction is the forward one on reversed input.

    When to use: in the test of a new backend; every backend of `BACKENDS` passes.

    Args:
        backend: the backend.
        cells: the cells to try; all of `CELLS` if None. A layer that `why_not` refuses is passed over.
        dtype: precision in which the backend runs: torch.float32 or torch.float64.
        device: where it runs.

    Returns:
        how many layers were run and compared. Check that number too: of a backend that refuses much little is checked.

    Raises:
        AssertionError: what differs and by how much, or that the backend refused everything.
    """
    checked = 0
    for cell in CELLS.values() if cells is None else cells:
        accepted = 0
        for name, case in small_cases():
            layer = make_layer(cell, case, dtype, device, grad=True)
            accepted += _compare(backend, cell, layer, f"cell {cell.name!r}, case {name!r}")
        for name, option in OPTIONS.items():
            layer = option(cell, make_layer(cell, _OPTION_CASE, dtype, device, grad=True))
            accepted += _compare(backend, cell, layer, f"cell {cell.name!r}, option {name!r}")
        if accepted:
            _check_properties(backend, cell, dtype, device)
        checked += accepted
    if not checked:
        raise AssertionError(f"backend {backend.name!r} refused every layer; at least one expected to run")
    return checked


def _with_mask(cell: Cell, layer: Layer) -> Layer:
    mask = torch.arange(layer.states[0].numel(), device=layer.x.device).reshape(layer.states[0].shape) % 3
    return replace(layer, recurrent_mask=mask.to(layer.x.dtype) * 0.75)


def _with_zoneout(cell: Cell, layer: Layer) -> Layer:
    return replace(layer, zoneout=tuple(0.25 + 0.5 * k for k in range(len(cell.states))))


def _with_drawn_zoneout(cell: Cell, layer: Layer) -> Layer:
    """As in training, but the same elements for every backend."""
    with torch.random.fork_rng([]):
        torch.manual_seed(6)
        return replace(drawn(replace(_with_zoneout(cell, layer), training=True)), training=False)


def _with_norm(cell: Cell, layer: Layer) -> Layer:
    shapes = norm_shapes(cell, layer.weights[0].ih.shape[0] // len(cell.gates))
    generator = torch.Generator().manual_seed(7)

    def draw() -> dict[str, Tensor]:
        return {name: torch.randn(s, generator=generator).to(layer.x).requires_grad_() for name, s in shapes.items()}

    return replace(layer, weights=tuple(replace(w, norm=draw()) for w in layer.weights))


def _without_bias(cell: Cell, layer: Layer) -> Layer:
    return replace(layer, weights=tuple(replace(w, b_ih=None, b_hh=None) for w in layer.weights))


_OPTION_CASE = Case(5, 4, 3, 6, (5, 4, 2, 2), bidirectional=True)
OPTIONS: dict[str, Callable[[Cell, Layer], Layer]] = {
    "recurrent_mask": _with_mask,
    "zoneout": _with_zoneout,
    "drawn zoneout": _with_drawn_zoneout,
    "norm": _with_norm,
    "no bias": _without_bias,
}


def _compare(backend: Backend, cell: Cell, layer: Layer, what: str) -> bool:
    """Compare one layer with the reference; False where the backend refuses it."""
    if backend.why_not(cell, layer) is not None or Reference().why_not(cell, layer) is not None:
        return False
    for found, limit in zip(differences(backend, Reference(), cell, layer), LIMITS[layer.x.dtype], strict=True):
        for name, error in found.items():
            if not error <= limit:
                raise AssertionError(
                    f"{backend.name}: {what}, {name}: relative L2 error {error:.2g}, at most {limit:.2g} expected"
                )
    return True


def _check_properties(backend: Backend, cell: Cell, dtype: torch.dtype, device: str) -> None:
    limit, what = LIMITS[dtype][0], f"{backend.name}: cell {cell.name!r}"
    T, B = 6, 4
    layer = make_layer(cell, Case(T, B, 3, 5, (T, 4, 4, 1), bidirectional=True), dtype, device, seed=9)
    outputs, states = backend.forward(cell, layer)
    for row in range(B):
        tokens = [start + row for start, b in layer.spans() if row < b]
        alone = replace(
            layer,
            x=layer.x[tokens],
            batch_sizes=torch.ones(len(tokens), dtype=torch.int64),
            states=tuple(state[:, row : row + 1] for state in layer.states),
        )
        own_outputs, own_states = backend.forward(cell, alone)
        for a, b in zip(own_outputs, outputs, strict=True):
            expect_close(f"{what}, row {row} without its batch mates", a, b[tokens], limit)
        for a, b in zip(own_states, states, strict=True):
            expect_close(f"{what}, last state of row {row} without its batch mates", a, b[:, row : row + 1], limit)

    layer = make_layer(cell, Case(T, B, 3, 5), dtype, device, seed=10)
    (whole,), final = backend.forward(cell, layer)
    half = B * (T // 2)
    first = replace(layer, x=layer.x[:half], batch_sizes=layer.batch_sizes[: T // 2])
    (start,), carried = backend.forward(cell, first)
    rest = replace(layer, x=layer.x[half:], batch_sizes=layer.batch_sizes[T // 2 :], states=carried)
    (end,), split_final = backend.forward(cell, rest)
    expect_close(f"{what}, a sequence split in two", torch.cat([start, end]), whole, limit)
    for a, b in zip(split_final, final, strict=True):
        expect_close(f"{what}, last state of a sequence split in two", a, b, limit)

    both = replace(layer, weights=layer.weights * 2, states=tuple(torch.cat([s, s]) for s in layer.states))
    turned = replace(layer, x=layer.x.view(T, B, -1).flip(0).reshape(T * B, -1))
    (_, backward), _ = backend.forward(cell, both)
    (forward,), _ = backend.forward(cell, turned)
    expect_close(f"{what}, reversed input", forward.view(T, B, -1).flip(0), backward.view(T, B, -1), limit)
