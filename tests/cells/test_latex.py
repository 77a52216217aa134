"""LaTeX read from the functions: right for the shapes of equation that occur, refused for others."""

from dataclasses import replace
from typing import Any

import pytest

from ostinato._core.errors import InputError
from ostinato.cells import CELLS, latex


def test_gru() -> None:
    assert latex(CELLS["gru"]).splitlines() == [
        r"r_t &= \sigma(W_{ir} x_t + b_{ir} + W_{hr} h_{t-1} + b_{hr}) \\",
        r"z_t &= \sigma(W_{iz} x_t + b_{iz} + W_{hz} h_{t-1} + b_{hz}) \\",
        r"n_t &= \tanh(W_{in} x_t + b_{in} + r_t \odot (W_{hn} h_{t-1} + b_{hn})) \\",
        r"h_t &= (1 - z_t) \odot n_t + z_t \odot h_{t-1}",
    ]


def test_reset_before() -> None:
    assert r"W_{hn} (r_t \odot h_{t-1}) + b_{hn}" in latex(CELLS["gru_reset_before"])


def test_peepholes_and_norm() -> None:
    assert r"w_{co} \odot c_t" in latex(CELLS["lstm_peephole"])
    assert latex(CELLS["lstm"]).endswith(r"h_t &= o_t \odot \tanh(c_t)")
    assert latex(CELLS["lstm"], norm=True).endswith(r"h_t &= o_t \odot \tanh(\mathrm{LN}(c_t))")
    assert r"\mathrm{LN}(W_{ii} x_t) + b_{ii}" in latex(CELLS["lstm"], norm=True)


def _subtracts_a_sum(wx: Any, wh: Any, s: Any, F: Any) -> Any:
    h = wx.h - (wh.h - s.h) * 2
    return (h,)


def _divides(wx: Any, wh: Any, s: Any, F: Any) -> Any:
    h = wx.h / 2
    return (h,)


def _reads_elsewhere(wx: Any, wh: Any, s: Any, F: Any) -> Any:
    h = pytest.x
    return (h,)


def _loops(wx: Any, wh: Any, s: Any, F: Any) -> Any:
    while True:
        return (wx.h,)


def test_brackets() -> None:
    text = latex(replace(CELLS["rnn_tanh"], equations=_subtracts_a_sum))
    assert text == r"h_t &= W_{ih} x_t + b_{ih} - (W_{hh} h_{t-1} + b_{hh} - h_{t-1}) \odot 2"


@pytest.mark.parametrize(
    ("equations", "message"), [(_divides, "wx.h / 2"), (_reads_elsewhere, "pytest.x"), (_loops, "while True")]
)
def test_refused(equations: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        latex(replace(CELLS["rnn_tanh"], equations=equations))
