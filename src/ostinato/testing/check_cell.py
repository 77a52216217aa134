"""The contract of a cell: everything that holds for every line of `CELLS`."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import torch
from torch import Tensor

from ..cells import IDENTITY, REAL, Cell, Functions, latex
from ..cells.syntax import parsed, traced
from ..kernels import Layer
from ..kernels.reference import Reference
from . import bptt
from .cases import Case, make_layer, map_tensors, named_tensors
from .oracles import ORACLES, Activations, Array, Oracle, run_oracle
from .rel_l2 import expect_close

_LIMIT = 1e-12  # float64 against float64, random states: an honest error is 1e-16 to 1e-14


def check_cell(cell: Cell, oracle: Oracle | None = None) -> None:
    """Check a cell: its description, its backward against autograd, and its equations against another formulation.

    When to use: in the test of a new cell; every cell of `CELLS` passes.

    Args:
        cell: the cell.
        oracle: the cell written independently, see `oracles.py`; None takes the one known for `cell.name`, and leaves
            the comparison out for a name that none is known for.

    Raises:
        AssertionError: what differs, by how much.

    Example:
        >>> from ostinato.cells import CELLS
        >>> check_cell(CELLS["lstm"])
    """
    _check_description(cell)
    _check_one_step(cell)
    for case in (Case(4, 4, 3, 3, (4, 3, 1, 1), bidirectional=True), Case(3, 2, 2, 5, single_bias=True)):
        _check_through_time(cell, case)
    oracle = oracle or ORACLES.get(cell.name)
    if oracle is not None:
        _check_wiring(cell, oracle)
        _check_numbers(cell, oracle)


def _check_description(cell: Cell) -> None:
    def expect(condition: bool, message: str) -> None:
        if not condition:
            raise AssertionError(f"cell {cell.name!r}: {message}")

    expect(bool(cell.source.strip()), "source is empty; the paper and the variant expected")
    expect(cell.states[:1] == ("h",), f"states are {cell.states}; the first one must be 'h', the output")
    for name in ("gates", "states", "extra"):
        names = getattr(cell, name)
        expect(len(set(names)) == len(names), f"{name} are {names}; no name twice expected")
    if cell.norm_groups:
        flat = tuple(gate for group in cell.norm_groups for gate in group)
        expect(flat == cell.gates, f"norm_groups hold {flat}; the gates in their order expected: {cell.gates}")
    expect(cell.norm_state in (None, *cell.states), f"norm_state is {cell.norm_state!r}; one of {cell.states} expected")
    lines = latex(cell).splitlines()
    statements = len(parsed(cell.equations).body) - 1  # without the return
    expect(0 < len(lines) == statements, f"LaTeX has {len(lines)} lines; one an equation expected: {statements}")


def _random(names: tuple[str, ...], generator: torch.Generator, *shape: int) -> dict[str, Tensor]:
    return {name: torch.randn(*shape, generator=generator, dtype=torch.float64).requires_grad_(True) for name in names}


def _check_one_step(cell: Cell) -> None:
    """The backward's gradients of one step against autograd's, everything random."""
    B, H = 3, 5
    generator = torch.Generator().manual_seed(1)
    wx, s, p = (
        _random(n, generator, *shape) for n, shape in ((cell.gates, (B, H)), (cell.states, (B, H)), (cell.extra, (H,)))
    )
    d = {k: v.detach() for k, v in _random(cell.states, generator, B, H).items()}
    if cell.stepwise:
        matrices = _random(cell.gates, generator, H, H)  # U.r(v) is v W_hr^T
        wh: dict[str, object] = {g: lambda v, g=g: v @ matrices[g].T for g in cell.gates}
        back_wh: dict[str, object] = {g: lambda v, g=g: v @ matrices[g] for g in cell.gates}
        tensors = {"wx": wx, "s": s, "p": p}
    else:
        products = _random(cell.gates, generator, B, H)
        wh = back_wh = dict(products)
        tensors = {"wx": wx, "wh": products, "s": s, "p": p}
    arguments = [SimpleNamespace(**wx), SimpleNamespace(**wh), SimpleNamespace(**s), REAL, SimpleNamespace(**p)]
    new, a = traced(cell.equations)(*(arguments if cell.extra else arguments[:4]))
    loss = torch.stack([(state * d[name]).sum() for name, state in zip(cell.states, new, strict=True)]).sum()
    flat = {f"{kind}.{name}": tensor for kind, group in tensors.items() for name, tensor in group.items()}
    wanted = torch.autograd.grad(loss, list(flat.values()), allow_unused=True)

    new_states = SimpleNamespace(**dict(zip(cell.states, new, strict=True)))
    with torch.no_grad():
        got = cell.back(
            a, SimpleNamespace(**back_wh), arguments[2], new_states, SimpleNamespace(**d), REAL, arguments[4]
        )
    for (name, tensor), gradient in zip(flat.items(), wanted, strict=True):
        kind, _, field = name.partition(".")
        own = getattr(getattr(got, kind), field)
        own = own.sum(0) if kind == "p" else own
        expect_close(
            f"cell {cell.name!r}, backward of {name}",
            own,
            torch.zeros_like(tensor) if gradient is None else gradient,
            _LIMIT,
        )


def _check_through_time(cell: Cell, case: Case) -> None:
    """Full back-propagation through packed ragged sequences with the cell's backward, against autograd."""
    layer = make_layer(cell, case, seed=2, grad=True)
    outputs, states = Reference().forward(cell, layer)
    generator = torch.Generator().manual_seed(3)
    d_outputs, d_states = (
        [torch.randn(v.shape, generator=generator, dtype=torch.float64) for v in group] for group in (outputs, states)
    )
    tensors = named_tensors(layer)
    wanted = torch.autograd.grad([*outputs, *states], list(tensors.values()), [*d_outputs, *d_states])
    with torch.no_grad():
        own_outputs, own = bptt.gradients(cell, layer, d_outputs, tuple(d_states))
    for ours, output in zip(own_outputs, outputs, strict=True):
        expect_close(f"cell {cell.name!r}, outputs through time", ours, output, _LIMIT)
    for name, gradient in zip(tensors, wanted, strict=True):
        expect_close(f"cell {cell.name!r}, gradient through time of {name}", own[name], gradient, _LIMIT)


def _check_wiring(cell: Cell, oracle: Oracle) -> None:
    """Identity activations and small integers: every product and sum is exact, so one wrong wire shows."""
    functions = replace(IDENTITY, norm=lambda v: -v)
    same = Activations(sigmoid=lambda v: v, tanh=lambda v: v, relu=lambda v: v, norm=lambda v: -v)
    # -1, 0, 1, two steps, two units: a peephole LSTM cannot pass 2.4e15 with them, and float64 is exact up to 9e15.
    layer = make_layer(cell, Case(2, 3, 2, 2, (2, 2, 1), bidirectional=True), seed=4)
    generator = torch.Generator().manual_seed(5)
    integers = map_tensors(layer, lambda v: torch.randint(-1, 2, v.shape, generator=generator).double())
    _compare(cell, oracle, integers, functions, same, np.int64, 0.0, "wiring")


def _check_numbers(cell: Cell, oracle: Oracle) -> None:
    """The real activations, in float64, from random states."""
    functions = replace(REAL, norm=lambda v: 0.5 * v + 0.25)
    activations = Activations(
        sigmoid=lambda v: 1 / (1 + np.exp(-v)),
        tanh=np.tanh,
        relu=lambda v: np.where(v > 0, v, 0),
        norm=lambda v: 0.5 * v + 0.25,
    )
    layer = make_layer(cell, Case(4, 4, 3, 5, (4, 2, 2, 1), bidirectional=True), seed=6)
    _compare(cell, oracle, layer, functions, activations, np.float64, _LIMIT, "outputs")


def _compare(
    cell: Cell,
    oracle: Oracle,
    layer: Layer,
    F: Functions,
    activations: Activations,
    dtype: type,
    limit: float,
    what: str,
) -> None:
    outputs, states = Reference(F).forward(cell, layer)
    spans = list(layer.spans())
    for d, w in enumerate(layer.weights):
        parameters = {"ih": w.ih, "hh": w.hh, "b_ih": w.b_ih, "b_hh": w.b_hh}
        arrays: dict[str, Array] = {name: v.numpy().astype(dtype) for name, v in parameters.items() if v is not None}
        extra: dict[str, Array] = {name: v.numpy().astype(dtype) for name, v in w.extra.items()}
        for row in range(layer.states[0].shape[1]):
            tokens = [start + row for start, b in spans if row < b]
            wanted, final = run_oracle(
                oracle,
                cell.gates,
                [layer.x[token].numpy().astype(dtype) for token in tokens],
                [state[d, row].numpy().astype(dtype) for state in layer.states],
                arrays,
                extra,
                activations,
                reverse=d == 1,
            )
            place = f"cell {cell.name!r}, {what}, direction {d}, row {row}"
            expect_close(place, outputs[d][tokens], torch.from_numpy(np.stack(wanted)).double(), limit)
            for name, state, value in zip(cell.states, states, final, strict=True):
                expect_close(f"{place}, last {name}", state[d, row], torch.from_numpy(value).double(), limit)
