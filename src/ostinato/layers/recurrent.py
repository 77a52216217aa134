"""The recurrent layers: SimpleRNN, LSTM, GRU."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from ostinato import nn as engine
from ostinato._core.errors import InputError
from ostinato.layers import keras_weights
from ostinato.layers.layer import Arrays, Layer, Shape, no_tokens, positive
from ostinato.nn import LockedDropout, Recurrent
from ostinato.nn.merge import merge


class RecurrentLayer(Layer):
    """What SimpleRNN, LSTM and GRU share: everything but the cell.

    Args:
        units: H.
        return_sequences: give the output of every step, not only the last one's.
        dropout: probability of dropping an input, the same inputs at every step of a row.
        recurrent_dropout: probability of dropping h before the recurrent product, one mask for all steps
            (Gal & Ghahramani 2016).
        use_bias: whether there are biases.
        input_shape: (None, I) if it is the first layer and the model is to be built before it sees data.
        name: shown in the summary.

    Source: starts as Keras: kernels Glorot uniform over all gates at once (Glorot & Bengio 2010), recurrent kernels
        orthogonal over all gates at once (Saxe et al. 2014), biases 0.
    """

    def __init__(
        self,
        units: int,
        *,
        return_sequences: bool = False,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        use_bias: bool = True,
        input_shape: Sequence[int | None] | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(input_shape=input_shape, name=name)
        self.units = positive("units", units)
        self.return_sequences = return_sequences
        self.dropout = dropout
        self.recurrent_dropout = recurrent_dropout
        self.use_bias = use_bias

    def recurrent(self, inputs: int, **settings: Any) -> Recurrent:
        """Make the engine's layer."""
        raise NotImplementedError

    def shape(self, given: Shape, after: str) -> Shape:
        """(B, T, I) → (B, T, H) or (B, H)."""
        who = type(self).__name__
        no_tokens(who, given)
        if not given.steps:
            raise InputError(
                f"{who} is given one vector a row {given} by {after}, expected one a step (B, T, I); "
                f"set return_sequences=True on the recurrent layer before it"
            )
        return Shape(self.units, self.return_sequences, remembers=True)

    def build(self, given: Shape) -> "RecurrentModule":
        """Make the module for one direction."""
        return self.make(given, bidirectional=False, merge="concat")

    def make(self, given: Shape, *, bidirectional: bool, merge: str) -> "RecurrentModule":
        """Make the module, with one direction or two."""
        recurrent = self.recurrent(
            given.features, bidirectional=bidirectional, merge=merge, recurrent_dropout=self.recurrent_dropout
        )
        for name, parameter in recurrent.named_parameters():
            if name.startswith("weight_ih"):
                nn.init.xavier_uniform_(parameter)
            elif name.startswith("weight_hh"):
                nn.init.orthogonal_(parameter)
            else:
                nn.init.zeros_(parameter)
                self.start_bias(parameter)
        return RecurrentModule(recurrent, self.dropout, self.return_sequences)

    def start_bias(self, bias: Tensor) -> None:
        """Change a bias that is 0 where the cell wants another start."""

    def to_keras(self, module: Any) -> Arrays:
        """Kernel (I, G*H), recurrent kernel (H, G*H), bias; then the backward direction's."""
        return keras_weights.take(module.recurrent)

    def from_keras(self, module: Any, arrays: Arrays) -> None:
        """Set what `to_keras` gives."""
        keras_weights.give(module.recurrent, arrays)


class RecurrentModule(nn.Module):
    """The engine's layer with dropout before it, giving every step's output or the last state."""

    def __init__(self, recurrent: Recurrent, dropout: float, sequences: bool) -> None:
        super().__init__()
        self.recurrent = recurrent
        self.dropout = LockedDropout(dropout)
        self.sequences = sequences

    def forward(self, packed: PackedSequence) -> PackedSequence | Tensor:
        """(N, I) → (N, H), or → (B, H), rows in packed order."""
        output: PackedSequence
        output, final = self.recurrent(self.dropout(packed))
        if self.sequences:
            return output
        h: Tensor = final if isinstance(final, Tensor) else final[0]  # (D, B, H)
        return merge(list(h), self.recurrent.options.merge)


class SimpleRNN(RecurrentLayer):
    """Elman's network: h_t = activation(W x_t + U h_{t-1} + b).

    Use it as the simplest thing with a memory; for more than some ten steps take `LSTM` or `GRU`.

    Args:
        units: H.
        activation: "tanh", "relu" or "linear".
        **settings: those of `RecurrentLayer`.

    Source: Elman 1990.

    Example:
        >>> from ostinato.layers import Input, Sequential
        >>> Sequential([Input((None, 32)), SimpleRNN(32)]).count_params()
        2080
    """

    def __init__(self, units: int, activation: str = "tanh", **settings: Any) -> None:
        super().__init__(units, **settings)
        if activation not in ("tanh", "relu", "linear"):
            raise InputError(f"activation={activation!r} of SimpleRNN, expected 'tanh', 'relu' or 'linear'; choose one")
        self.activation = activation

    def recurrent(self, inputs: int, **settings: Any) -> Recurrent:
        """One bias."""
        g: Any = {"linear": "identity"}.get(self.activation, self.activation)
        return engine.RNN(inputs, self.units, nonlinearity=g, bias="single" if self.use_bias else False, **settings)


class LSTM(RecurrentLayer):
    """Long short-term memory.

    Use it where what matters may lie many steps back.

    Args:
        units: H.
        unit_forget_bias: start the forget gate's bias at 1 (Jozefowicz et al. 2015), the others at 0.
        **settings: those of `RecurrentLayer`.

    Source: Hochreiter & Schmidhuber 1997; Gers et al. 2000.

    Example:
        >>> from ostinato.layers import Input, Sequential
        >>> Sequential([Input((None, 128)), LSTM(128)]).count_params()
        131584
    """

    def __init__(self, units: int, unit_forget_bias: bool = True, **settings: Any) -> None:
        super().__init__(units, **settings)
        self.unit_forget_bias = unit_forget_bias

    def recurrent(self, inputs: int, **settings: Any) -> Recurrent:
        """One bias."""
        return engine.LSTM(inputs, self.units, bias="single" if self.use_bias else False, **settings)

    def start_bias(self, bias: Tensor) -> None:
        """1 for the forget gate, the second of the four."""
        if self.unit_forget_bias:
            with torch.no_grad():
                bias[self.units : 2 * self.units] = 1


class GRU(RecurrentLayer):
    """Gated recurrent unit.

    Use it where an LSTM would do, at three quarters of its cost.

    Args:
        units: H.
        reset_after: apply the reset gate after the recurrent product (as Keras and torch, Cho et al. 2014, version 1;
            this form has a second, recurrent bias) or before it (version 3; one bias).
        **settings: those of `RecurrentLayer`.

    Source: Cho et al. 2014.

    Example:
        >>> from ostinato.layers import Input, Sequential
        >>> [Sequential([Input((None, 4)), GRU(8, reset_after=r)]).count_params() for r in (True, False)]
        [336, 312]
    """

    def __init__(self, units: int, reset_after: bool = True, **settings: Any) -> None:
        super().__init__(units, **settings)
        self.reset_after = reset_after

    def recurrent(self, inputs: int, **settings: Any) -> Recurrent:
        """Two biases if the reset comes after the product, else one."""
        if self.reset_after:
            return engine.GRU(inputs, self.units, bias="double" if self.use_bias else False, **settings)
        bias: Any = "single" if self.use_bias else False
        return engine.GRU(inputs, self.units, bias=bias, reset="before", **settings)
