"""Elman's recurrent network with three nonlinearities: h_t = g(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh)."""

from types import SimpleNamespace
from typing import Any

from torch import Tensor, zeros_like

from .cell import Cell, Functions, Gradients

_SOURCE = (
    "Elman 1990, Finding structure in time (context units = the previous hidden layer); packing and two biases as torch"
)


def _rnn_tanh(wx: Any, wh: Any, s: Any, F: Functions) -> tuple[Tensor, ...]:
    h = F.tanh(wx.h + wh.h)
    return (h,)


def _rnn_tanh_backward(a: Any, wh: Any, s: Any, new: Any, d: Any, F: Functions) -> Gradients:
    dh = d.h * (1 - new.h * new.h)
    return _gradients(dh)


def _rnn_relu(wx: Any, wh: Any, s: Any, F: Functions) -> tuple[Tensor, ...]:
    h = F.relu(wx.h + wh.h)
    return (h,)


def _rnn_relu_backward(a: Any, wh: Any, s: Any, new: Any, d: Any, F: Functions) -> Gradients:
    dh = d.h * (new.h > 0)
    return _gradients(dh)


def _rnn_identity(wx: Any, wh: Any, s: Any, F: Functions) -> tuple[Tensor, ...]:
    h = wx.h + wh.h
    return (h,)


def _rnn_identity_backward(a: Any, wh: Any, s: Any, new: Any, d: Any, F: Functions) -> Gradients:
    dh = d.h
    return _gradients(dh)


def _gradients(dh: Tensor) -> Gradients:
    # h_{t-1} is read by the recurrent product alone, so it has no direct gradient.
    return Gradients(
        wx=SimpleNamespace(h=dh), wh=SimpleNamespace(h=dh), s=SimpleNamespace(h=zeros_like(dh)), p=SimpleNamespace()
    )


# No `projects`: h_t = W_hr g(...) would be mathematically fine, but neither torch nor a paper we follow has it.
RNN_TANH = Cell("rnn_tanh", ("h",), ("h",), _rnn_tanh, _rnn_tanh_backward, _SOURCE)
RNN_RELU = Cell("rnn_relu", ("h",), ("h",), _rnn_relu, _rnn_relu_backward, _SOURCE)
RNN_IDENTITY = Cell("rnn_identity", ("h",), ("h",), _rnn_identity, _rnn_identity_backward, _SOURCE)
