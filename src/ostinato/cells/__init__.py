"""What a cell is: its equations, written once. `CELLS` is the table of all of them."""

from .cell import IDENTITY, REAL, Cell, Functions, Gradients
from .gru import GRU
from .gru_reset_before import GRU_RESET_BEFORE
from .gru_simple import GRU_SIMPLE
from .latex import latex
from .lstm import LSTM
from .lstm_peephole import LSTM_PEEPHOLE
from .rnn import RNN_IDENTITY, RNN_RELU, RNN_TANH

__all__ = ["CELLS", "IDENTITY", "REAL", "Cell", "Functions", "Gradients", "latex"]

CELLS: dict[str, Cell] = {
    "rnn_tanh": RNN_TANH,
    "rnn_relu": RNN_RELU,
    "rnn_identity": RNN_IDENTITY,
    "lstm": LSTM,
    "lstm_peephole": LSTM_PEEPHOLE,
    "gru": GRU,
    "gru_reset_before": GRU_RESET_BEFORE,
    "gru_simple": GRU_SIMPLE,
}
