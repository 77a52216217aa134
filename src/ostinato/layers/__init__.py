"""The door for who comes from Keras: units first, input sizes inferred, Keras' biases; thin over `nn` and `train`."""

from ostinato.layers.bidirectional import Bidirectional
from ostinato.layers.dense import Dense
from ostinato.layers.dropout import Dropout
from ostinato.layers.embedding import Embedding
from ostinato.layers.history import History
from ostinato.layers.input import Input
from ostinato.layers.layer import Layer
from ostinato.layers.optimizers import SGD, Adam, AdamW, RMSprop
from ostinato.layers.recurrent import GRU, LSTM, SimpleRNN
from ostinato.layers.sequential import Sequential

__all__ = [
    "GRU",
    "LSTM",
    "SGD",
    "Adam",
    "AdamW",
    "Bidirectional",
    "Dense",
    "Dropout",
    "Embedding",
    "History",
    "Input",
    "Layer",
    "RMSprop",
    "Sequential",
    "SimpleRNN",
]
