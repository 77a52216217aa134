"""GRU that resets after the recurrent product, as torch and cuDNN compute it. Gate order r z n.

z weighs the OLD memory: z = 1 keeps h_{t-1}. The lectures' U weighs the new one; `convert` translates exactly, since
sigmoid(-v) = 1 - sigmoid(v).
"""

from types import SimpleNamespace
from typing import Any

from torch import Tensor

from .cell import Cell, Functions, Gradients


def _gru(wx: Any, wh: Any, s: Any, F: Functions) -> tuple[Tensor, ...]:
    r = F.sigmoid(wx.r + wh.r)
    z = F.sigmoid(wx.z + wh.z)
    n = F.tanh(wx.n + r * wh.n)
    h = (1 - z) * n + z * s.h
    return (h,)


def _gru_backward(a: Any, wh: Any, s: Any, new: Any, d: Any, F: Functions) -> Gradients:
    dn = d.h * (1 - a.z) * (1 - a.n * a.n)
    dz = d.h * (s.h - a.n) * a.z * (1 - a.z)
    dr = dn * wh.n * a.r * (1 - a.r)
    return Gradients(
        wx=SimpleNamespace(r=dr, z=dz, n=dn),
        wh=SimpleNamespace(r=dr, z=dz, n=dn * a.r),
        s=SimpleNamespace(h=d.h * a.z),
        p=SimpleNamespace(),
    )


GRU = Cell(
    "gru",
    gates=("r", "z", "n"),
    states=("h",),
    equations=_gru,
    backward=_gru_backward,
    source="Cho et al. 2014, version 1 (arXiv:1406.1078v1), which resets after the product; Keras: reset_after=True",
    norm_groups=(("r", "z"), ("n",)),
)
