"""Recurrent layers with torch's signature, and what stands around them. Everything inside works on packed batches.

recurrent layers   `RNN`, `LSTM`, `GRU` (drop-in for torch's), `Recurrent` (any cell)
one step a call    `RNNCell`, `LSTMCell`, `GRUCell` (drop-in for torch's), `Stepper` (a whole layer, for streams)
around them        `Embedding`, `CharacterEncoder`, `Convolution`, `LockedDropout`, `Pooling`, `CRF`,
                   `ElmanNetwork` (the lectures' whole network)
ragged batches     `pack`, `unpack`, `pack_padded`, `unpack_padded`, `apply`, `rows`, `lengths`
torch's modules    `from_torch`, `to_torch`
"""

from ostinato.nn.characters import CharacterEncoder
from ostinato.nn.convert import from_torch, to_torch
from ostinato.nn.convolution import Convolution
from ostinato.nn.crf import CRF
from ostinato.nn.dropout import LockedDropout
from ostinato.nn.elman import ElmanNetwork
from ostinato.nn.embedding import Embedding
from ostinato.nn.one_step import GRUCell, LSTMCell, RNNCell
from ostinato.nn.packed import apply, lengths, pack, pack_padded, rows, unpack, unpack_padded
from ostinato.nn.pooling import Pooling
from ostinato.nn.recurrent import Recurrent
from ostinato.nn.stepper import Stepper
from ostinato.nn.torch_like import GRU, LSTM, RNN

__all__ = [
    "CRF",
    "GRU",
    "LSTM",
    "RNN",
    "CharacterEncoder",
    "Convolution",
    "ElmanNetwork",
    "Embedding",
    "GRUCell",
    "LSTMCell",
    "LockedDropout",
    "Pooling",
    "RNNCell",
    "Recurrent",
    "Stepper",
    "apply",
    "from_torch",
    "lengths",
    "pack",
    "pack_padded",
    "rows",
    "to_torch",
    "unpack",
    "unpack_padded",
]
