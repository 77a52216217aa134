"""The reference: a loop over steps in plain torch operations.

Slow, and right: every cell, every option, any dtype and device, differentiable twice. It walks `batch_sizes`, so no
padding exists here: a row leaves the batch after its last token and, in the reverse direction, joins it at that token.
"""

from dataclasses import replace
from functools import partial
from itertools import accumulate, pairwise
from types import SimpleNamespace

import torch
from torch import Tensor

from ..cells import REAL, Cell, Functions
from .backend import Backend
from .layer import Layer, Weights
from .zoneout import drawn

_EPS = 1e-5  # torch.nn.LayerNorm's


class Reference(Backend):
    """Runs a cell's equations as they are written.

    Args:
        functions: what the equations' `F` is; tests put the identity here.
    """

    name = "reference"

    def __init__(self, functions: Functions = REAL) -> None:
        self.functions = functions

    def why_not(self, cell: Cell, layer: Layer) -> str | None:
        """Refuse only what has no meaning: projecting the output of a cell that combines h with unprojected numbers."""
        if layer.weights[0].hr is not None and not cell.projects:
            return f"cell {cell.name!r} has no projection (its equations combine h with vectors of H numbers)"
        return None

    def _forward(self, cell: Cell, layer: Layer) -> tuple[list[Tensor], tuple[Tensor, ...]]:
        layer = drawn(layer)
        runs = [self._direction(cell, layer, d) for d in range(len(layer.weights))]
        states = zip(*(final for _, final in runs), strict=True)
        return [output for output, _ in runs], tuple(torch.stack(state) for state in states)

    def _direction(self, cell: Cell, layer: Layer, d: int) -> tuple[Tensor, tuple[Tensor, ...]]:
        w = layer.weights[d]
        initial = tuple(state[d] for state in layer.states)  # each (B, P or H)
        mask = None if layer.recurrent_mask is None else layer.recurrent_mask[d]
        F = self.functions
        if w.norm is not None and cell.norm_state is not None:
            gain, shift = w.norm[f"{cell.norm_state}_weight"], w.norm[f"{cell.norm_state}_bias"]
            F = replace(F, norm=lambda v: torch.nn.functional.layer_norm(v, v.shape[-1:], gain, shift, _EPS))
        p = SimpleNamespace(**w.extra)
        wx = _add(_normalized(layer.x @ w.ih.T, w, "ih", cell), w.b_ih)  # (N, G*H), all steps at once
        keep = None if layer.zoneout is None else [k[d] if isinstance(k, Tensor) else k for k in layer.zoneout]

        spans = list(layer.spans())
        # `split`, not a slice a step: a slice's gradient has full size, so backward would be quadratic in the steps.
        steps = list(zip(spans, wx.split([b for _, b in spans]), strict=True))
        outputs: list[Tensor] = []
        left: list[tuple[Tensor, ...]] = []  # states of rows that have ended
        reverse = d == 1
        state = tuple(s[:0] for s in initial) if reverse else initial
        for (start, b), wx_step in reversed(steps) if reverse else steps:
            rows = state[0].shape[0]
            if b > rows:
                state = tuple(torch.cat([s, s0[rows:b]]) for s, s0 in zip(state, initial, strict=True))
            elif b < rows:
                left.append(tuple(s[b:] for s in state))
                state = tuple(s[:b] for s in state)
            wx_t = _split(wx_step, cell)
            wh_t = _recurrent(cell, w, state[0], None if mask is None else mask[:b])
            new = cell.step(wx_t, wh_t, SimpleNamespace(**dict(zip(cell.states, state, strict=True))), F, p)
            if w.hr is not None:
                new = (new[0] @ w.hr.T, *new[1:])
            if keep is not None:
                # h is made from the new c before c is zoned out (Krueger et al. 2017, eq. 8 and 9).
                now = [k[start : start + b] if isinstance(k, Tensor) else k for k in keep]
                new = tuple(k * old + (1 - k) * fresh for k, old, fresh in zip(now, state, new, strict=True))
            state = new
            outputs.append(new[0])

        if reverse:  # rows of length zero never joined
            outputs.reverse()
            left.append(tuple(s0[state[0].shape[0] :] for s0 in initial))
        final = tuple(torch.cat([s, *(part[k] for part in reversed(left))]) for k, s in enumerate(state))
        output = torch.cat(outputs) if outputs else layer.x.new_zeros(0, initial[0].shape[1])
        return output, final


def _recurrent(cell: Cell, w: Weights, h: Tensor, mask: Tensor | None) -> SimpleNamespace:
    """The recurrent products of all gates, or, for a stepwise cell, the functions that compute them."""
    if not cell.stepwise:
        h = h if mask is None else h * mask
        return _split(_add(_normalized(h @ w.hh.T, w, "hh", cell), w.b_hh), cell)

    H = w.hh.shape[0] // len(cell.gates)
    done: dict[
        tuple[tuple[str, ...], int], tuple[Tensor, Tensor]
    ] = {}  # gates of a group often multiply the same operand

    def product(group: tuple[str, ...], gate: str, v: Tensor) -> Tensor:
        key = (group, id(v))
        if key not in done:
            first = cell.gates.index(group[0]) * H
            rows = slice(first, first + len(group) * H)
            masked = v if mask is None else v * mask
            products = _normalized_group(masked @ w.hh[rows].T, w, "hh", rows)
            done[key] = (
                _add(products, None if w.b_hh is None else w.b_hh[rows]),
                v,
            )  # v lives on, so its id stays its own
        return done[key][0].chunk(len(group), -1)[group.index(gate)]

    return SimpleNamespace(
        **{gate: partial(product, group, gate) for group in cell.norm_groups or (cell.gates,) for gate in group}
    )


def _split(products: Tensor, cell: Cell) -> SimpleNamespace:
    return SimpleNamespace(**dict(zip(cell.gates, products.chunk(len(cell.gates), -1), strict=True)))


def _add(products: Tensor, bias: Tensor | None) -> Tensor:
    return products if bias is None else products + bias


def _normalized(products: Tensor, w: Weights, which: str, cell: Cell) -> Tensor:
    """Layer-normalise the products of all gates, each group over its own numbers; the bias is added after it."""
    if w.norm is None:
        return products
    H = products.shape[-1] // len(cell.gates)
    ends = [0, *accumulate(len(group) * H for group in cell.norm_groups or (cell.gates,))]
    groups = [slice(*span) for span in pairwise(ends)]
    return torch.cat([_normalized_group(products[:, rows], w, which, rows) for rows in groups], -1)


def _normalized_group(products: Tensor, w: Weights, which: str, rows: slice) -> Tensor:
    if w.norm is None:
        return products
    gain, shift = w.norm[f"{which}_weight"][rows], w.norm[f"{which}_bias"][rows]
    return torch.nn.functional.layer_norm(products, products.shape[-1:], gain, shift, _EPS)
