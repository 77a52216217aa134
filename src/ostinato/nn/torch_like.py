"""`RNN`, `LSTM` and `GRU`: torch's three recurrent layers, name for name, on Ostinato's engine."""

from typing import Literal, Unpack

import torch

from ostinato.nn.arguments import one_of
from ostinato.nn.options import Bias, Extras
from ostinato.nn.recurrent import Recurrent


class RNN(Recurrent):
    """Elman's network, h_t = g(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh), in place of `torch.nn.RNN`.

    Use it for short memories and as a baseline; for longer ones take `LSTM` or `GRU`.

    Args:
        input_size, hidden_size, num_layers: I, H, L.
        nonlinearity: g: "tanh", "relu" or "identity" (torch has the first two).
        bias, batch_first, dropout, bidirectional, device, dtype: as in `Recurrent`.
        **extras: the keyword-only options that `Recurrent` lists.

    Source: Elman 1990, "Finding Structure in Time".

    Example:
        >>> output, h = RNN(10, 20, 2)(torch.randn(5, 3, 10), torch.randn(2, 3, 20))
        >>> output.shape, h.shape
        (torch.Size([5, 3, 20]), torch.Size([2, 3, 20]))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: Literal["tanh", "relu", "identity"] = "tanh",
        bias: Bias = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        **extras: Unpack[Extras],
    ) -> None:
        one_of("nonlinearity", nonlinearity, ("tanh", "relu", "identity"))
        super().__init__(
            f"rnn_{nonlinearity}",
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            device=device,
            dtype=dtype,
            **extras,
        )
        self.nonlinearity = nonlinearity


class LSTM(Recurrent):
    """Long short-term memory in place of `torch.nn.LSTM`.

    Use it where what matters may lie many steps back.

    Args:
        input_size, hidden_size, num_layers: I, H, L.
        bias, batch_first, dropout, bidirectional, proj_size, device, dtype: as in `Recurrent`.
        peephole: whether the gates look at c, by diagonal weights (Gers and Schmidhuber 2000; Graves 2013).
        **extras: the keyword-only options that `Recurrent` lists.

    Source: Hochreiter and Schmidhuber 1997; forget gate: Gers et al. 2000; projection: Sak et al. 2014.

    Example:
        >>> output, (h, c) = LSTM(10, 20, batch_first=True)(torch.randn(3, 5, 10), lengths=[2, 5, 4])
        >>> output.shape, bool((output[0, 2:] == 0).all()), bool((output[0, 1] == h[0, 0]).all())
        (torch.Size([3, 5, 20]), True, True)
        >>> sum(p.numel() for p in LSTM(128, 128, bias="single").parameters())
        131584
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: Bias = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        peephole: bool = False,
        **extras: Unpack[Extras],
    ) -> None:
        super().__init__(
            "lstm_peephole" if peephole else "lstm",
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            proj_size,
            device,
            dtype,
            **extras,
        )


class GRU(Recurrent):
    """Gated recurrent unit in place of `torch.nn.GRU`.

    Use it where an LSTM would do, at three quarters of its cost.

    Args:
        input_size, hidden_size, num_layers: I, H, L.
        bias, batch_first, dropout, bidirectional, device, dtype: as in `Recurrent`.
        reset: "after" the recurrent product, as torch, cuDNN and Keras do, or "before" it, as the paper's later version
            and the lectures do. With "after" and `bias="single"` there is no bias inside the reset product.
        **extras: the keyword-only options that `Recurrent` lists.

    Source: Cho et al. 2014, versions 1 ("after") and 3 ("before").

    Example:
        >>> output, h = GRU(10, 20, bidirectional=True, reset="before")(torch.randn(5, 3, 10))
        >>> output.shape, h.shape
        (torch.Size([5, 3, 40]), torch.Size([2, 3, 20]))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: Bias = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        reset: Literal["after", "before"] = "after",
        **extras: Unpack[Extras],
    ) -> None:
        one_of("reset", reset, ("after", "before"))
        super().__init__(
            "gru" if reset == "after" else "gru_reset_before",
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            device=device,
            dtype=dtype,
            **extras,
        )
