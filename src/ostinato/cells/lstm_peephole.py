"""LSTM whose gates look at the memory cell: i and f at c_{t-1}, o at the new c_t. Gate order i f g o."""

from types import SimpleNamespace
from typing import Any

from torch import Tensor, zeros_like

from .cell import Cell, Functions, Gradients


def _lstm_peephole(wx: Any, wh: Any, s: Any, F: Functions, p: Any) -> tuple[Tensor, ...]:
    i = F.sigmoid(wx.i + wh.i + p.w_ci * s.c)
    f = F.sigmoid(wx.f + wh.f + p.w_cf * s.c)
    g = F.tanh(wx.g + wh.g)
    c = f * s.c + i * g
    o = F.sigmoid(wx.o + wh.o + p.w_co * c)
    h = o * F.tanh(F.norm(c))
    return h, c


def _lstm_peephole_backward(a: Any, wh: Any, s: Any, new: Any, d: Any, F: Functions, p: Any) -> Gradients:
    tanh_c = F.tanh(new.c)
    do = d.h * tanh_c * a.o * (1 - a.o)
    dc = d.c + d.h * a.o * (1 - tanh_c * tanh_c) + do * p.w_co
    di = dc * a.g * a.i * (1 - a.i)
    df = dc * s.c * a.f * (1 - a.f)
    dg = dc * a.i * (1 - a.g * a.g)
    dw = SimpleNamespace(i=di, f=df, g=dg, o=do)
    return Gradients(
        wx=dw,
        wh=dw,
        s=SimpleNamespace(h=zeros_like(d.h), c=dc * a.f + di * p.w_ci + df * p.w_cf),
        p=SimpleNamespace(w_ci=di * s.c, w_cf=df * s.c, w_co=do * new.c),
    )


LSTM_PEEPHOLE = Cell(
    "lstm_peephole",
    gates=("i", "f", "g", "o"),
    states=("h", "c"),
    equations=_lstm_peephole,
    backward=_lstm_peephole_backward,
    source="Gers & Schmidhuber 2000, Recurrent nets that time and count; diagonal peepholes and letters as Graves 2013 "
    "(arXiv:1308.0850, eq. 7-11)",
    extra=("w_ci", "w_cf", "w_co"),
    projects=True,
    norm_state="c",
)
