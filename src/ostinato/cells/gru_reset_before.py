"""GRU that resets the memory before the recurrent product. Gate order r z n.

z weighs the OLD memory, as in `gru` and as in the paper's eq. 7. The lectures' full GRU resets here too, and its U
weighs the NEW memory; `convert` translates exactly. n's product multiplies r * h, so the equations call the products.
"""

from types import SimpleNamespace
from typing import Any

from torch import Tensor

from .cell import Cell, Functions, Gradients


def _gru_reset_before(wx: Any, U: Any, s: Any, F: Functions) -> tuple[Tensor, ...]:
    r = F.sigmoid(wx.r + U.r(s.h))
    z = F.sigmoid(wx.z + U.z(s.h))
    n = F.tanh(wx.n + U.n(r * s.h))
    h = (1 - z) * n + z * s.h
    return (h,)


def _gru_reset_before_backward(a: Any, UT: Any, s: Any, new: Any, d: Any, F: Functions) -> Gradients:
    dn = d.h * (1 - a.z) * (1 - a.n * a.n)
    dz = d.h * (s.h - a.n) * a.z * (1 - a.z)
    drh = UT.n(dn)  # gradient of the operand r * h
    dr = drh * s.h * a.r * (1 - a.r)
    dw = SimpleNamespace(r=dr, z=dz, n=dn)
    return Gradients(
        wx=dw,
        wh=dw,
        s=SimpleNamespace(h=d.h * a.z + drh * a.r + UT.r(dr) + UT.z(dz)),
        p=SimpleNamespace(),
        v=SimpleNamespace(r=s.h, z=s.h, n=a.r * s.h),
    )


GRU_RESET_BEFORE = Cell(
    "gru_reset_before",
    gates=("r", "z", "n"),
    states=("h",),
    equations=_gru_reset_before,
    backward=_gru_reset_before_backward,
    source="Cho et al. 2014, version 3 (arXiv:1406.1078v3, eq. 5-8), which resets before the product; "
    "Keras: reset_after=False",
    stepwise=True,
    norm_groups=(("r", "z"), ("n",)),
)
