"""`RNNCell`, `LSTMCell` and `GRUCell`: one step a call, as torch's, for programs that loop over steps themselves."""

import math
from typing import Any, Literal

import torch
from torch import Tensor, nn

from ostinato._core.errors import DeviceError, InputError, ShapeError
from ostinato.cells import CELLS
from ostinato.kernels import Weights
from ostinato.kernels.one_step import explain_step, step
from ostinato.nn.arguments import flag, one_of, whole


class OneStep(nn.Module):
    """What the three cells share. Parameters, initial values and signature are those of torch's modules.

    Fewer than 64 rows run on torch's own cell kernels, more on ours, up to twice as fast; `explain` tells. Where the
    weights stay as they are and speed counts, a `Stepper` packs them once.

    Args:
        cell: name in `CELLS` of a cell without extra vectors.
        input_size, hidden_size: I, H.
        bias: whether there are torch's two bias vectors.
        device, dtype: of the parameters.
    """

    weight_ih: Tensor
    weight_hh: Tensor
    bias_ih: Tensor | None
    bias_hh: Tensor | None

    def __init__(
        self,
        cell: str,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.cell = CELLS[cell]
        self.input_size = whole("input_size", input_size, 1)
        self.hidden_size = whole("hidden_size", hidden_size, 1)
        self.bias = flag("bias", bias)
        GH = len(self.cell.gates) * self.hidden_size
        shapes: dict[str, tuple[int, ...]] = {"weight_ih": (GH, input_size), "weight_hh": (GH, hidden_size)}
        for name, shape in (shapes | {"bias_ih": (GH,), "bias_hh": (GH,)}).items():
            there = self.bias or name in shapes
            parameter = nn.Parameter(torch.empty(shape, device=device, dtype=dtype)) if there else None
            self.register_parameter(name, parameter)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all parameters anew from U(-1/√H, 1/√H), in torch's order."""
        bound = 1 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    def forward(self, input: Tensor, hx: Any = None) -> Any:
        """Take one step.

        Args:
            input: (B, I), or (I,) for one row alone.
            hx: state before it, (B, H) or (H,): a tensor, or (h, c) for an LSTM; zeros by default.

        Returns:
            the state after it, in the form of `hx`.

        Raises:
            ShapeError: a wrong shape of input or state.
            DeviceError: input, state and weights on different devices.
            InputError: a wrong dtype or form of the state.
        """
        states = step(self.cell, *self._prepare(input, hx))
        if input.dim() == 1:
            states = tuple(state.squeeze(0) for state in states)
        return states[0] if len(states) == 1 else states

    def explain(self, input: Tensor, hx: Any = None) -> list[tuple[str, str | None]]:
        """Say which backends can take this step, and why the others cannot; arguments as of `forward`."""
        return explain_step(self.cell, *self._prepare(input, hx))

    def _prepare(self, input: Tensor, hx: Any) -> tuple[Tensor, tuple[Tensor, ...], Weights]:
        if input.dim() not in (1, 2) or input.shape[-1] != self.input_size:
            raise ShapeError(
                f"{type(self).__name__}: input has shape {tuple(input.shape)}; expected (B, {self.input_size}) or "
                f"({self.input_size},); give the tokens of one step"
            )
        self._check_kind("input", input)
        x = input if input.dim() == 2 else input[None]
        if hx is None:
            states = tuple(x.new_zeros(x.shape[0], self.hidden_size) for _ in self.cell.states)
        else:
            states = self._checked(hx, input)
            states = states if input.dim() == 2 else tuple(state[None] for state in states)
        return x, states, Weights(self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)

    def _checked(self, hx: Any, input: Tensor) -> tuple[Tensor, ...]:
        names, kind = self.cell.states, type(self).__name__
        states: tuple[Tensor, ...] = (hx,) if isinstance(hx, Tensor) else tuple(hx)
        if isinstance(hx, Tensor) != (len(names) == 1) or len(states) != len(names):
            expected = "one tensor" if len(names) == 1 else f"a tuple ({', '.join(names)})"
            raise InputError(f"{kind}: hx is {type(hx).__name__}; expected {expected}; give the state in that form")
        wanted = (*input.shape[:-1], self.hidden_size)
        for name, state in zip(names, states, strict=True):
            if tuple(state.shape) != wanted:
                raise ShapeError(
                    f"{kind}: state {name} has shape {tuple(state.shape)}; expected {wanted}; give a state a row"
                )
            self._check_kind(f"state {name}", state)
        return states

    def _check_kind(self, what: str, tensor: Tensor) -> None:
        weight = self.weight_ih
        if tensor.device != weight.device:
            raise DeviceError(
                f"{what} on {tensor.device}, weights on {weight.device}; move it: .to({str(weight.device)!r})"
            )
        if tensor.dtype != weight.dtype and not torch.is_autocast_enabled(tensor.device.type):
            raise InputError(f"{what} is {tensor.dtype}; expected {weight.dtype} as the weights; convert it")

    def extra_repr(self) -> str:
        """Sizes and whatever is not at its default, as torch shows them."""
        return f"{self.input_size}, {self.hidden_size}" + ("" if self.bias else ", bias=False")


class RNNCell(OneStep):
    """One step of Elman's network, in place of `torch.nn.RNNCell`.

    Use it where each step's input depends on the last one's output; `RNN` takes a whole sequence many times faster.

    Args:
        input_size, hidden_size, bias, device, dtype: as in `OneStep`.
        nonlinearity: "tanh" or "relu".

    Example:
        >>> RNNCell(3, 4)(torch.randn(2, 3)).shape
        torch.Size([2, 4])
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: Literal["tanh", "relu"] = "tanh",
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        one_of("nonlinearity", nonlinearity, ("tanh", "relu"))
        super().__init__(f"rnn_{nonlinearity}", input_size, hidden_size, bias, device, dtype)
        self.nonlinearity = nonlinearity

    def extra_repr(self) -> str:
        """As torch's."""
        return super().extra_repr() + ("" if self.nonlinearity == "tanh" else f", nonlinearity={self.nonlinearity}")


class LSTMCell(OneStep):
    """One step of long short-term memory, in place of `torch.nn.LSTMCell`.

    Use it where each step's input depends on the last one's output; `LSTM` takes a whole sequence many times faster.

    Args:
        input_size, hidden_size, bias, device, dtype: as in `OneStep`.

    Example:
        >>> h, c = LSTMCell(3, 4)(torch.randn(2, 3))
        >>> h.shape, c.shape
        (torch.Size([2, 4]), torch.Size([2, 4]))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__("lstm", input_size, hidden_size, bias, device, dtype)


class GRUCell(OneStep):
    """One step of a gated recurrent unit, in place of `torch.nn.GRUCell`.

    Use it where each step's input depends on the last one's output; `GRU` takes a whole sequence many times faster.

    Args:
        input_size, hidden_size, bias, device, dtype: as in `OneStep`.

    Example:
        >>> cell, h = GRUCell(3, 4), torch.zeros(2, 4)
        >>> for x in torch.randn(5, 2, 3):
        ...     h = cell(x, h)
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__("gru", input_size, hidden_size, bias, device, dtype)
