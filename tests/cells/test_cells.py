"""Every line of CELLS keeps the contract, and the lectures' worked example comes out."""

from types import SimpleNamespace

import pytest
import torch

from ostinato.cells import CELLS, REAL, Cell
from ostinato.kernels import BACKENDS, Layer, Weights
from ostinato.testing import check_cell


@pytest.mark.parametrize("cell", CELLS.values(), ids=lambda cell: cell.name)
def test_contract(cell: Cell) -> None:
    check_cell(cell)


def test_names_and_gate_orders() -> None:
    """The order in which weights are stacked is a file format: models saved with one are not read with another."""
    orders = {cell.name: "".join(cell.gates) for cell in CELLS.values()}
    assert orders == {
        "rnn_tanh": "h",
        "rnn_relu": "h",
        "rnn_identity": "h",
        "lstm": "ifgo",
        "lstm_peephole": "ifgo",
        "gru": "rzn",
        "gru_reset_before": "rzn",
        "gru_simple": "un",
    }
    assert list(orders) == list(CELLS)


@pytest.mark.parametrize(
    ("backend", "dtype"), [("reference", torch.float64), ("torch", torch.float64), ("native", torch.float32)]
)
def test_lectures_worked_example(backend: str, dtype: torch.dtype) -> None:
    # Weights 0.7 and 0.3 on the two inputs, 0.4 on the previous output, bias 0.4, zero start.
    inputs, targets = torch.tensor([[0.1, 0.4], [0.7, 0.9]], dtype=dtype), torch.tensor([0.3, 0.5])
    weights = Weights(
        ih=torch.tensor([[0.7, 0.3]], dtype=dtype),
        hh=torch.tensor([[0.4]], dtype=dtype),
        b_ih=torch.tensor([0.4], dtype=dtype),
    )
    layer = Layer(inputs, torch.tensor([1, 1]), (weights,), (torch.zeros(1, 1, 1, dtype=dtype),))
    if (reason := BACKENDS[backend].why_not(CELLS["rnn_tanh"], layer)) is not None:
        pytest.skip(reason)
    (s,), (last,) = BACKENDS[backend].forward(CELLS["rnn_tanh"], layer)
    assert s.flatten().tolist() == pytest.approx([0.5299, 0.8791], abs=5e-5)
    assert torch.atanh(s[1]).item() == pytest.approx(1.3720, abs=5e-5)
    assert (s.flatten() - targets).tolist() == pytest.approx([0.2299, 0.3791], abs=5e-5)
    assert last.item() == s[1].item()


def test_update_gate_weighs_which_memory() -> None:
    """A gate that is wide open: torch's z keeps the old memory, the simplified GRU's u takes the new one."""
    old, wide, zero = torch.tensor([[0.25]]), torch.tensor([[100.0]]), torch.tensor([[0.0]])
    wx, none = SimpleNamespace(r=zero, z=wide, n=wide, u=wide), SimpleNamespace(r=zero, z=zero, n=zero, u=zero)
    s = SimpleNamespace(h=old)
    nothing = SimpleNamespace(r=lambda v: 0 * v, z=lambda v: 0 * v, n=lambda v: 0 * v)
    assert CELLS["gru"].step(wx, none, s, REAL)[0].item() == 0.25
    assert CELLS["gru_reset_before"].step(wx, nothing, s, REAL)[0].item() == 0.25
    assert CELLS["gru_simple"].step(wx, none, s, REAL)[0].item() == 1.0
