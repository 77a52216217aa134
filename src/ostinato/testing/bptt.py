"""Back-propagation through time with a cell's own backward: the model that native kernels transcribe.

The forward loop keeps what the backward needs, the backward loop calls `cell.backward` from the last step to the first.
Plain on purpose: one layer, all of it in view. `check_cell` compares it with autograd.
"""

from types import SimpleNamespace

import torch
from torch import Tensor

from ..cells import REAL, Cell
from ..cells.syntax import traced
from ..kernels import Layer, Weights


def gradients(
    cell: Cell, layer: Layer, d_outputs: list[Tensor], d_states: tuple[Tensor, ...]
) -> tuple[list[Tensor], dict[str, Tensor]]:
    """Run a layer without options forward and backward.

    Args:
        cell: the cell.
        layer: without projection, mask, zoneout and layer normalisation.
        d_outputs: gradient of the outputs, one (N, H) a direction.
        d_states: gradient of the final states, (D, B, H) each.

    Returns:
        outputs: one (N, H) a direction.
        gradients: by the names of `cases.named_tensors`.
    """
    outputs, grads = [], {"x": torch.zeros_like(layer.x)}
    grads |= {f"state {k}": torch.zeros_like(state) for k, state in enumerate(layer.states)}
    for d, w in enumerate(layer.weights):
        output, own = _direction(cell, layer, d, w, d_outputs[d], [state[d] for state in d_states])
        outputs.append(output)
        grads["x"] += own.pop("x")
        for k in range(len(layer.states)):
            grads[f"state {k}"][d] = own.pop(f"state {k}")
        grads |= {f"{name} of direction {d}": gradient for name, gradient in own.items()}
    return outputs, grads


def _direction(
    cell: Cell, layer: Layer, d: int, w: Weights, d_output: Tensor, d_final: list[Tensor]
) -> tuple[Tensor, dict[str, Tensor]]:
    G, p = len(cell.gates), SimpleNamespace(**w.extra)
    equations = traced(cell.equations)
    b_ih = torch.zeros_like(w.ih[:, 0]) if w.b_ih is None else w.b_ih
    b_hh = torch.zeros_like(w.hh[:, 0]) if w.b_hh is None else w.b_hh

    def named(stacked: Tensor) -> SimpleNamespace:
        return SimpleNamespace(**dict(zip(cell.gates, stacked.chunk(G, -1), strict=True)))

    def stacked(gates: SimpleNamespace) -> Tensor:
        return torch.cat([getattr(gates, gate) for gate in cell.gates], -1)

    W_hh, B_hh = (named(v.T if v.dim() > 1 else v) for v in (w.hh, b_hh))  # W_hh.i is (H, H), transposed
    U = {g: lambda v, g=g: v @ getattr(W_hh, g) + getattr(B_hh, g) for g in cell.gates}
    UT = SimpleNamespace(**{g: lambda v, g=g: v @ getattr(W_hh, g).T for g in cell.gates})

    # Forward. Rows are a prefix of the batch at every step, so the states stay (B, H) and a step touches [:b].
    states = [state[d].clone() for state in layer.states]
    output = torch.zeros_like(d_output)
    spans = list(layer.spans())
    order = spans[::-1] if d == 1 else spans
    stash = []
    for start, b in order:
        s = SimpleNamespace(**{name: v[:b].clone() for name, v in zip(cell.states, states, strict=True)})
        wx = named(layer.x[start : start + b] @ w.ih.T + b_ih)
        products = SimpleNamespace(**U) if cell.stepwise else named(s.h @ w.hh.T + b_hh)
        fresh, a = equations(*((wx, products, s, REAL, p) if cell.extra else (wx, products, s, REAL)))
        for v, numbers in zip(states, fresh, strict=True):
            v[:b] = numbers
        output[start : start + b] = fresh[0]
        stash.append((a, products, s, SimpleNamespace(**dict(zip(cell.states, fresh, strict=True)))))

    # Backward.
    d_state = [gradient.clone() for gradient in d_final]
    grads = {"x": torch.zeros_like(layer.x), "ih": torch.zeros_like(w.ih), "hh": torch.zeros_like(w.hh)}
    grads |= {"b_ih": torch.zeros_like(b_ih), "b_hh": torch.zeros_like(b_hh)}
    grads |= {name: torch.zeros_like(v) for name, v in w.extra.items()}
    for (start, b), (a, products, s, new) in zip(reversed(order), reversed(stash), strict=True):
        into = SimpleNamespace(**{name: v[:b].clone() for name, v in zip(cell.states, d_state, strict=True)})
        into.h += d_output[start : start + b]
        back = cell.back(a, UT if cell.stepwise else products, s, new, into, REAL, p)
        dwx, dwh = stacked(back.wx), stacked(back.wh)
        grads["x"][start : start + b] = dwx @ w.ih
        grads["ih"] += dwx.T @ layer.x[start : start + b]
        grads["b_ih"] += dwx.sum(0)
        grads["b_hh"] += dwh.sum(0)
        grads["hh"] += torch.cat(
            [getattr(back.wh, g).T @ (s.h if back.v is None else getattr(back.v, g)) for g in cell.gates]
        )
        for name in cell.extra:
            grads[name] += getattr(back.p, name).sum(0)
        if not cell.stepwise:
            back.s.h = back.s.h + dwh @ w.hh
        for v, name in zip(d_state, cell.states, strict=True):
            v[:b] = getattr(back.s, name)
    for k, v in enumerate(d_state):
        grads[f"state {k}"] = v
    for name, bias in (("b_ih", w.b_ih), ("b_hh", w.b_hh)):
        if bias is None:
            del grads[name]
    return output, grads
