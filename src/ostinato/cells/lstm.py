"""LSTM with a forget gate, as torch, cuDNN and Keras compute it. Gate order i f g o."""

from types import SimpleNamespace
from typing import Any

from torch import Tensor, zeros_like

from .cell import Cell, Functions, Gradients


def _lstm(wx: Any, wh: Any, s: Any, F: Functions) -> tuple[Tensor, ...]:
    i = F.sigmoid(wx.i + wh.i)
    f = F.sigmoid(wx.f + wh.f)
    g = F.tanh(wx.g + wh.g)
    o = F.sigmoid(wx.o + wh.o)
    c = f * s.c + i * g
    h = o * F.tanh(F.norm(c))
    return h, c


def _lstm_backward(a: Any, wh: Any, s: Any, new: Any, d: Any, F: Functions) -> Gradients:
    tanh_c = F.tanh(new.c)  # recomputed, not stored: cheaper than the memory it would cost
    dc = d.c + d.h * a.o * (1 - tanh_c * tanh_c)
    di = dc * a.g * a.i * (1 - a.i)
    df = dc * s.c * a.f * (1 - a.f)
    dg = dc * a.i * (1 - a.g * a.g)
    do = d.h * tanh_c * a.o * (1 - a.o)
    dw = SimpleNamespace(i=di, f=df, g=dg, o=do)
    return Gradients(wx=dw, wh=dw, s=SimpleNamespace(h=zeros_like(d.h), c=dc * a.f), p=SimpleNamespace())


LSTM = Cell(
    "lstm",
    gates=("i", "f", "g", "o"),
    states=("h", "c"),
    equations=_lstm,
    backward=_lstm_backward,
    source="Hochreiter & Schmidhuber 1997, Long short-term memory, with the forget gate of Gers, Schmidhuber & "
    "Cummins 2000; projection W_hr h as Sak, Senior & Beaufays 2014 (arXiv:1402.1128)",
    projects=True,
    norm_state="c",
)
