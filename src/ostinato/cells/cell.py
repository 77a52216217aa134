"""What a cell is: a frozen description that every part above reads and no part changes."""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True)
class Functions:
    """The functions that a cell's equations may call, handed to them as `F`.

    With `REAL` the equations are the cell; with `IDENTITY` and small integers they are an exact test of the wiring.

    Args:
        sigmoid: tensor -> tensor, 1 / (1 + e^-v).
        tanh: tensor -> tensor.
        relu: tensor -> tensor, max(v, 0).
        norm: tensor (B, H) -> tensor (B, H): the identity, or layer normalisation where the layer has it. An LSTM
            calls it on c before the output tanh (Ba et al. 2016, eq. 22), and nowhere else does an equation need it:
            the products arrive normalised.
    """

    sigmoid: Callable[[Tensor], Tensor]
    tanh: Callable[[Tensor], Tensor]
    relu: Callable[[Tensor], Tensor]
    norm: Callable[[Tensor], Tensor]


def identity(v: Tensor) -> Tensor:
    """Return `v` itself."""
    return v


REAL = Functions(sigmoid=torch.sigmoid, tanh=torch.tanh, relu=torch.relu, norm=identity)
IDENTITY = Functions(sigmoid=identity, tanh=identity, relu=identity, norm=identity)


@dataclass(frozen=True)
class Gradients:
    """What a cell's backward returns. Each field maps names to tensors (B, H).

    Args:
        wx: gradient of each gate's input product, the key being the gate.
        wh: gradient of each gate's recurrent product W_h· v + b_h·.
        s: gradient of each previous state. In an elementwise cell this is the *direct* part: the caller adds what flows
            back through the recurrent product, `wh @ W_hh`. In a stepwise cell it is complete.
        p: gradient of each extra vector, still one row a batch row: the caller sums over the rows.
        v: in a stepwise cell, what each gate's recurrent matrix multiplied (the gradient of its weights is
            `wh.gate^T v.gate`); None in an elementwise cell, where that is the previous output for all gates.
    """

    wx: SimpleNamespace
    wh: SimpleNamespace
    s: SimpleNamespace
    p: SimpleNamespace
    v: SimpleNamespace | None = None


@dataclass(frozen=True)
class Cell:
    """One recurrent cell: names, equations, backward, and where they come from.

    To add one: a file with the two functions and a `Cell`, and a line in `CELLS`; `testing.check_cell` covers it.

    Args:
        name: key in `CELLS`.
        gates: gate letters in the order in which their weights are stacked (torch's).
        states: names of the states; the first one is the output, "h".
        equations: `f(wx, wh, s, F)`, or `f(wx, wh, s, F, p)` where `extra` is not empty, that returns the new states as
            a tuple. wx.i is W_ii x_t + b_ii and wh.i is W_hi h_{t-1} + b_hi, each (B, H); s.h is the previous state.
            In a stepwise cell the second argument is `U`, functions in place of products: U.r(v) is W_hr v + b_hr.
            Its text is also the LaTeX and the parent of the mutants, so: assignments and one return, nothing else.
        backward: `f(a, wh, s, new, d, F)`, or with `p` behind, that returns `Gradients`. `a` holds what the equations
            assigned (a.i is the gate after its activation), `s` the previous states, `new` the new ones, `d` the
            gradients with respect to the new ones. In a stepwise cell the second argument is `UT`: UT.n(v) is v W_hn.
        source: the paper and the variant.
        extra: names of additional weight vectors (H,), a peephole's for example.
        stepwise: True where a product's operand depends on a gate, so that the equations call the products themselves.
        projects: True where the output may be projected to P < H numbers (no equation combines h with H-sized things).
        norm_groups: gates whose products layer normalisation takes the mean and variance over together, in order;
            empty: all of them.
        norm_state: the state that the equations pass to `F.norm`, or None.
    """

    name: str
    gates: tuple[str, ...]
    states: tuple[str, ...]
    equations: Callable[..., tuple[Tensor, ...]]
    backward: Callable[..., Gradients]
    source: str
    extra: tuple[str, ...] = ()
    stepwise: bool = False
    projects: bool = False
    norm_groups: tuple[tuple[str, ...], ...] = ()
    norm_state: str | None = None

    def step(self, wx: Any, wh: Any, s: Any, F: Functions = REAL, p: Any = None) -> tuple[Tensor, ...]:
        """Apply the equations once: `equations(wx, wh, s, F)`, with `p` behind where the cell has extra vectors."""
        return self.equations(wx, wh, s, F, p) if self.extra else self.equations(wx, wh, s, F)

    def back(self, a: Any, wh: Any, s: Any, new: Any, d: Any, F: Functions = REAL, p: Any = None) -> Gradients:
        """Apply the backward once, with `p` behind where the cell has extra vectors."""
        return self.backward(a, wh, s, new, d, F, p) if self.extra else self.backward(a, wh, s, new, d, F)
