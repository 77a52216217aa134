"""Simplified GRU: the update gate alone. Gate order u n.

u weighs the NEW memory: u = 1 forgets h_{t-1}. This is the lectures' form, U = sigmoid(w_UA A + w_UX X + b_U),
A~ = tanh(w_AA A + w_AX X + b_A), A' = U * A~ + (1 - U) * A, with u = U, n = A~, h = A. (`gru` has the letter z, which
weighs the old memory; `convert` translates both ways.)
"""

from types import SimpleNamespace
from typing import Any

from torch import Tensor

from .cell import Cell, Functions, Gradients


def _gru_simple(wx: Any, wh: Any, s: Any, F: Functions) -> tuple[Tensor, ...]:
    u = F.sigmoid(wx.u + wh.u)
    n = F.tanh(wx.n + wh.n)
    h = u * n + (1 - u) * s.h
    return (h,)


def _gru_simple_backward(a: Any, wh: Any, s: Any, new: Any, d: Any, F: Functions) -> Gradients:
    du = d.h * (a.n - s.h) * a.u * (1 - a.u)
    dn = d.h * a.u * (1 - a.n * a.n)
    dw = SimpleNamespace(u=du, n=dn)
    return Gradients(wx=dw, wh=dw, s=SimpleNamespace(h=d.h * (1 - a.u)), p=SimpleNamespace())


GRU_SIMPLE = Cell(
    "gru_simple",
    gates=("u", "n"),
    states=("h",),
    equations=_gru_simple,
    backward=_gru_simple_backward,
    source="The lectures' simplified GRU; the light GRU of Ravanelli et al. 2018 (arXiv:1803.10225) without its ReLU "
    "and batch normalisation",
    norm_groups=(("u",), ("n",)),
)
