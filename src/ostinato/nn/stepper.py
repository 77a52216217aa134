"""A whole layer, one step a call: for streams, where each token must be answered before the next one comes."""

import copy
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ostinato._core.errors import BackendError, InputError, ShapeError
from ostinato.kernels.native.stepper import Stepper as OneLayer
from ostinato.nn.arguments import whole
from ostinato.nn.convert import from_torch
from ostinato.nn.recurrent import Recurrent


class Stepper:
    """Run a layer over sequences that arrive token by token, keeping the states between calls.

    Use it for sensors, keyboards, audio: a call costs some microseconds and allocates nothing, as the weights are
    packed for the kernels once. They are a copy: after training further, call `refresh`. The result equals that of the
    layer in evaluation mode on the whole sequence.

    Args:
        layer: one direction, any number of layers: ours, or a `torch.nn.RNN`, `LSTM` or `GRU`.
        rows: B, sequences that run side by side.

    Attributes:
        why_not: why the kernels cannot take these steps, so that the layer itself is called with one step each time
            (slower, same result); None where they can.

    Raises:
        InputError: a layer of two directions: the second one would have to wait for the end.

    Example:
        >>> stream = Stepper(torch.nn.GRU(3, 4, num_layers=2))
        >>> for x in torch.randn(5, 1, 3):
        ...     y = stream(x)
        >>> y.shape, stream.state.shape
        (torch.Size([1, 4]), torch.Size([2, 1, 4]))
    """

    def __init__(self, layer: Recurrent | nn.RNN | nn.LSTM | nn.GRU, rows: int = 1) -> None:
        self._layer = layer if isinstance(layer, Recurrent) else from_torch(layer, share=True)
        if self._layer.bidirectional:
            raise InputError(
                "layer reads in both directions; expected one, as the second begins at a sequence's end; "
                "collect the tokens and call the layer itself"
            )
        self.rows = whole("rows", rows, 1)
        like = self._layer.all_weights[0][0]
        sizes = [self._layer._state_size(number) for number in range(len(self._layer.cell.states))]
        self._states = tuple(like.new_empty(self._layer.num_layers, rows, size) for size in sizes)
        self._output = self._states[0][-1]
        self._shape, self._dtype = torch.Size((rows, self._layer.input_size)), like.dtype
        self.refresh()
        self.reset()

    def refresh(self) -> None:
        """Take the weights that the layer has now. The states stay."""
        self._steps: list[tuple[OneLayer, int, int, int | None]] = []
        self._frozen: Recurrent | None = None
        self.why_not = self._pack()
        if self.why_not is not None:
            self._frozen = copy.deepcopy(self._layer).eval().requires_grad_(False)

    def _pack(self) -> str | None:
        cell, zoneout = self._layer.cell, self._layer.options.zoneout
        try:
            packed = [OneLayer(cell, self._layer._weights(group), zoneout) for group in self._layer._slots]
        except BackendError as error:
            return str(error)
        h, *others = self._states
        c = others[0] if others else None
        self._steps = [
            (step, 0 if k == 0 else h[k - 1].data_ptr(), h[k].data_ptr(), None if c is None else c[k].data_ptr())
            for k, step in enumerate(packed)
        ]
        return None

    @property
    def state(self) -> Any:
        """The states now, (L, B, H), in the form of the layer's: views that the next call changes; clone to keep."""
        return self._states[0] if len(self._states) == 1 else self._states

    def reset(self, hx: Tensor | Sequence[Tensor] | None = None) -> None:
        """Begin new sequences.

        Args:
            hx: states to begin with, in the form that the layer takes, (L, B, H); what it begins with by default.

        Raises:
            ShapeError: another shape.
            InputError: another form.
        """
        x = torch.zeros(1, *self._shape, dtype=self._dtype, device=self._output.device)
        with torch.no_grad():
            _, initial = self._layer._prepare(x.transpose(0, 1) if self._layer.batch_first else x, hx, None)
            for state, begin in zip(self._states, initial, strict=True):
                state.copy_(begin)

    def __call__(self, x: Tensor) -> Tensor:
        """Take one step.

        Args:
            x: (B, I), the next token of every sequence.

        Returns:
            (B, H) outputs of the last layer: a view that the next call overwrites; clone to keep.

        Raises:
            ShapeError: another shape, dtype or device than the layer's.
        """
        if x.shape != self._shape or x.dtype != self._dtype or x.device != self._output.device:
            raise ShapeError(
                f"x is {x.dtype} {tuple(x.shape)} on {x.device}; {self._dtype} {tuple(self._shape)} on "
                f"{self._output.device} expected: give one token a row, and the number of rows to Stepper(rows=)"
            )
        if self._frozen is not None:
            return self._called(self._frozen, x)
        if not x.is_contiguous():
            x = x.contiguous()
        below = x.data_ptr()
        for step, under, h, c in self._steps:
            step.at(self.rows, under or below, h, c)
        return self._output

    def _called(self, layer: Recurrent, x: Tensor) -> Tensor:
        with torch.no_grad():
            _, states = layer(x[:, None] if layer.batch_first else x[None], self.state)
            for state, new in zip(self._states, (states,) if isinstance(states, Tensor) else states, strict=True):
                state.copy_(new)
        return self._output
