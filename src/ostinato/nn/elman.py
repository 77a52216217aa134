"""The lectures' recurrent network: one hidden layer, one output a step, by the letters of the book."""

from collections.abc import Sequence
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from ostinato._core.errors import ShapeError
from ostinato.nn.arguments import one_of
from ostinato.nn.boundary import Lengths
from ostinato.nn.packed import apply
from ostinato.nn.torch_like import RNN


class ElmanNetwork(nn.Module):
    """The one-layer recurrent network as the lectures write it, trained on the last output alone.

        A_lk = g(w_k0 + Σ_j w_kj x_lj + Σ_s u_ks A_{l-1,s})     hidden units k = 1 ... K at step l, A_0 = 0
        O_l  = β_0 + Σ_k β_k A_lk                               an output at every step
        loss = Σ_i (y_i - O_iL)²                                over rows i, of the last step L alone

    Use it to follow the book, and as the smallest baseline. For anything larger build from `RNN` and `Linear`; that is
    all it is, and it reads and writes the same `state_dict`.

    Args:
        input_size: p, features of x.
        hidden_size: K, units.
        output_size: numbers in each output.
        nonlinearity: g: "tanh", "relu" or "identity".
        batch_first: whether tensors are (B, T, ·) and not (T, B, ·).
        device, dtype: of the parameters.

    Source: James, Witten, Hastie and Tibshirani, An Introduction to Statistical Learning, 2nd edition (2021), section
    10.5, equations 10.16, 10.17 and 10.20.

    Example:
        >>> network = ElmanNetwork(2, 1)
        >>> with torch.no_grad():
        ...     _ = network.w.copy_(torch.tensor([[0.7, 0.3]])), network.u.fill_(0.4), network.w0.fill_(0.4)
        ...     _ = network.beta.fill_(1.0), network.beta0.zero_()
        >>> [round(o, 4) for o in network(torch.tensor([[0.1, 0.4], [0.7, 0.9]])).flatten().tolist()]
        [0.5299, 0.8791]
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        output_size: int = 1,
        nonlinearity: Literal["tanh", "relu", "identity"] = "tanh",
        batch_first: bool = False,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.hidden = RNN(
            input_size,
            hidden_size,
            nonlinearity=nonlinearity,
            bias="single",
            batch_first=batch_first,
            device=device,
            dtype=dtype,
        )
        self.output = nn.Linear(hidden_size, output_size, device=device, dtype=dtype)

    @property
    def w(self) -> nn.Parameter:
        """Input weights w_kj, (K, p)."""
        return self.hidden.get_parameter("weight_ih_l0")

    @property
    def w0(self) -> nn.Parameter:
        """Hidden intercepts w_k0, (K,)."""
        return self.hidden.get_parameter("bias_ih_l0")

    @property
    def u(self) -> nn.Parameter:
        """Recurrent weights u_ks, (K, K)."""
        return self.hidden.get_parameter("weight_hh_l0")

    @property
    def beta(self) -> nn.Parameter:
        """Output weights β_k, (output_size, K)."""
        return self.output.get_parameter("weight")

    @property
    def beta0(self) -> nn.Parameter:
        """Output intercept β_0, (output_size,)."""
        return self.output.get_parameter("bias")

    def forward(self, input: Any, hx: Tensor | None = None, *, lengths: Lengths = None) -> Any:
        """Give the output of every step.

        Args:
            input: (T, B, p), (B, T, p) with `batch_first`, one sequence (T, p), or a packed batch.
            hx: A_0, (1, B, K), zeros by default.
            lengths: of the rows of a padded batch; outputs beyond a row's end mean nothing.

        Returns:
            O in the form of the input, `output_size` numbers a step.
        """
        A, _ = self.hidden(input, hx, lengths=lengths)
        return apply(self.output, A) if isinstance(A, PackedSequence) else self.output(A)

    def last(self, input: Any, hx: Tensor | None = None, *, lengths: Lengths = None) -> Tensor:
        """Give the output O_L of each row's last step, (B, output_size), or (output_size,) for one sequence."""
        _, A = self.hidden(input, hx, lengths=lengths)
        output: Tensor = self.output(A[0])
        return output

    def loss(
        self,
        input: Any,
        target: Tensor | Sequence[float],
        *,
        lengths: Lengths = None,
        reduction: Literal["sum", "mean"] = "sum",
    ) -> Tensor:
        """Squared error of the last output alone.

        Args:
            input: sequences, as in `forward`.
            target: y, (B,) or (B, output_size), rows in the input's order.
            lengths: as in `forward`.
            reduction: "sum" over rows, as the book has it, or "mean".

        Raises:
            ShapeError: targets that are not one a row.
        """
        one_of("reduction", reduction, ("sum", "mean"))
        last = self.last(input, lengths=lengths)
        y = torch.as_tensor(target, dtype=last.dtype, device=last.device)
        if y.numel() != last.numel():
            raise ShapeError(f"target has shape {tuple(y.shape)}; expected {tuple(last.shape)}; give one target a row")
        rows = (y.reshape(last.shape) - last).square()
        return rows.sum() if reduction == "sum" else rows.sum() / max(1, len(rows.reshape(-1, last.shape[-1])))
