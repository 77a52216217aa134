"""A recurrent layer, or a stack of them, over sequences: any cell, torch's signature."""

import warnings
from collections.abc import Sequence
from typing import Any, Unpack, overload

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from ostinato._core.errors import DeviceError, InputError, ShapeError
from ostinato.cells import Cell
from ostinato.kernels import Layer, Weights, choose, explain
from ostinato.kernels.native.store import Store
from ostinato.kernels.precision import precision_around
from ostinato.nn.arguments import flag, probability, whole
from ostinato.nn.boundary import Lengths, States, check_states, count_rows, like_input, permute, to_packed
from ostinato.nn.distinct import table_of
from ostinato.nn.dropout import keep_mask, locked
from ostinato.nn.init import initialise
from ostinato.nn.merge import merge, merged_size
from ostinato.nn.options import Bias, Extras, Options, count_biases, find_cell
from ostinato.nn.parameters import Slot, gather, slots
from ostinato.nn.straight import straight
from ostinato.nn.truncate import Result, run_truncated

_MODES = {"lstm": "LSTM", "gru": "GRU", "rnn_tanh": "RNN_TANH", "rnn_relu": "RNN_RELU"}  # torch's names


class Recurrent(nn.Module):
    """Run a cell over sequences: any of `ostinato.cells.CELLS`, L layers, one or two directions.

    `RNN`, `LSTM` and `GRU` are this class with torch's cells filled in; use it by itself for other cells or your own.
    Parameters, shapes and defaults are those of `torch.nn.LSTM` and its kin, so weights load both ways.

    Args:
        cell: name in `CELLS`, or a `Cell`.
        input_size: I, features of a token.
        hidden_size: H, units.
        num_layers: L; each layer reads the outputs of the one below.
        bias: `True` or `"double"` for torch's two vectors, `"single"` for one as in Keras and the lectures, or `False`.
        batch_first: whether tensors are (B, T, ·) and not (T, B, ·); packed batches and states are not affected.
        dropout: probability of dropping an output between layers.
        bidirectional: whether a second direction reads each row from its end.
        proj_size: P, features that the output is projected to, 0 for none (LSTM cells).
        device, dtype: of the parameters.
        **extras: keyword-only, all off by default; those marked * act in training alone:

            merge            how directions become one: "concat", "sum", "mean" or "product"; states stay apart
            locked_dropout   * the `dropout` between layers drops the same features at every step of a row
            recurrent_dropout * probability of dropping h before the recurrent product, one mask for all steps
                             (Gal and Ghahramani 2016)
            zoneout          probability that a state's element keeps its old value, one number or one a state; in
                             evaluation the expectation is taken (Krueger et al. 2017)
            weight_drop      * probability of dropping a recurrent weight, drawn each call (Merity et al. 2018)
            layer_norm       normalise the products (Ba et al. 2016)
            learned_state    learn the initial state, used where `hx` is not given; it starts at 0
            forget_bias      start the forget gate's bias from this (1: Jozefowicz et al. 2015)
            init             "torch" or "orthogonal"; see `ostinato.nn.init`
            truncate         * gradients reach back this many steps and no further
            backend          name in `kernels.BACKENDS`, to demand one
            precision        "bfloat16" allows products in it where no gradient is asked for, "mixed" always, "float32"
                             never; None takes what `kernels.precision` allows around the call

    Raises:
        InputError: a value that is unknown, out of range, or contradicts another.

    Source: `cells` names the paper of every cell.

    Example:
        >>> layer = Recurrent("gru_simple", 3, 4, bidirectional=True, merge="sum", batch_first=True)
        >>> output, h = layer(torch.randn(2, 5, 3), lengths=[5, 2])
        >>> output.shape, h.shape
        (torch.Size([2, 5, 4]), torch.Size([2, 2, 4]))
    """

    def __init__(
        self,
        cell: str | Cell,
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
        **extras: Unpack[Extras],
    ) -> None:
        super().__init__()
        self.cell = find_cell(cell)
        self.input_size = whole("input_size", input_size, 1)
        self.hidden_size = whole("hidden_size", hidden_size, 1)
        self.num_layers = whole("num_layers", num_layers, 1)
        self.num_biases = count_biases(bias)
        self.bias = self.num_biases > 0
        self.batch_first = flag("batch_first", batch_first)
        self.dropout = probability("dropout", dropout)
        self.bidirectional = flag("bidirectional", bidirectional)
        self.proj_size = whole("proj_size", proj_size, 0)
        self.options = Options.checked(self.cell, self.num_biases, extras)
        self._check()
        self._slots: list[list[Slot]] = []  # one list a layer and direction, in the order of h_n's rows
        self._stores: list[Store] = []  # of packed weights, likewise; made at the first call that goes `straight`
        self._register(device, dtype)
        self.reset_parameters()

    def _check(self) -> None:
        """Refuse sizes and options that contradict each other."""
        if self.proj_size > 0 and not self.cell.projects:
            raise InputError(
                f"proj_size={self.proj_size} with cell {self.cell.name!r}, which cannot be projected; expected 0; "
                "remove it or take an LSTM"
            )
        if self.proj_size >= self.hidden_size:
            raise InputError(
                f"proj_size={self.proj_size}; proj_size has to be smaller than hidden_size={self.hidden_size}; lower it"
            )
        if self.options.merge != "concat" and not self.bidirectional:
            raise InputError(
                f"merge={self.options.merge!r} with one direction; expected 'concat'; set bidirectional=True"
            )
        if self.dropout > 0 and self.num_layers == 1:
            warnings.warn(
                f"dropout={self.dropout} acts between layers, and num_layers=1; expected num_layers of 2 or more; "
                "set dropout=0 and put a dropout layer behind this one",
                stacklevel=4,
            )

    def _register(self, device: torch.device | str | None, dtype: torch.dtype | None) -> None:
        size = self.input_size
        for k in range(self.num_layers):
            for direction in ("", "_reverse")[: self.num_directions]:
                found = slots(
                    self.cell,
                    f"_l{k}{direction}",
                    size,
                    self.hidden_size,
                    self._state_size(0),
                    self.num_biases,
                    self.options.layer_norm,
                )
                self._slots.append(found)
                self._parts = tuple(slot.part for slot in found)  # of every layer and direction
                for slot in found:
                    setattr(self, slot.name, nn.Parameter(torch.empty(slot.shape, device=device, dtype=dtype)))
            size = self.output_size
        if self.options.learned_state:
            for number, name in enumerate(self.cell.states):
                shape = (len(self._slots), self._state_size(number))
                setattr(self, f"initial_{name}", nn.Parameter(torch.empty(shape, device=device, dtype=dtype)))

    def reset_parameters(self) -> None:
        """Draw all parameters anew, as `nn.init` describes; after the same `torch.manual_seed`, torch's own values."""
        parameters = [(slot, getattr(self, slot.name)) for group in self._slots for slot in group]
        initialise(parameters, self.cell, self.hidden_size, self.options)
        if self.options.learned_state:
            for name in self.cell.states:
                nn.init.zeros_(getattr(self, f"initial_{name}"))

    @property
    def num_directions(self) -> int:
        """D, 1 or 2."""
        return 2 if self.bidirectional else 1

    @property
    def output_size(self) -> int:
        """Features of an output: D * H, or H where directions are summed (P for H where projected)."""
        return merged_size(self._state_size(0), self.num_directions, self.options.merge)

    @property
    def mode(self) -> str:
        """Name of the cell in torch, as "LSTM" or "RNN_TANH"."""
        return _MODES.get(self.cell.name, self.cell.name.upper())

    @property
    def all_weights(self) -> list[list[nn.Parameter]]:
        """The parameters, one list a layer and direction, as torch gives them."""
        return [[getattr(self, slot.name) for slot in group] for group in self._slots]

    def flatten_parameters(self) -> None:
        """Do nothing; torch programs call it to bring weights together for cuDNN.

        Weights stay where they are: on CUDA, cuDNN copies them into one piece at every call, and torch's warning about
        that is silenced, as it could not be heeded.
        """

    def _state_size(self, number: int) -> int:
        return self.proj_size if number == 0 and self.proj_size > 0 else self.hidden_size

    @overload
    def forward(
        self, input: Tensor, hx: Tensor | Sequence[Tensor] | None = None, *, lengths: Lengths = None
    ) -> tuple[Tensor, Any]: ...
    @overload
    def forward(
        self, input: PackedSequence, hx: Tensor | Sequence[Tensor] | None = None, *, lengths: None = None
    ) -> tuple[PackedSequence, Any]: ...
    def forward(
        self,
        input: Tensor | PackedSequence,
        hx: Tensor | Sequence[Tensor] | None = None,
        *,
        lengths: Lengths = None,
    ) -> tuple[Tensor | PackedSequence, Any]:
        """Run over sequences.

        Args:
            input: (T, B, I), or (B, T, I) with `batch_first`, or one sequence (T, I), or a packed batch.
            hx: initial states (L*D, B, H), 0 by default: a tensor for cells with one state, a tuple (h, c) for LSTMs.
            lengths: of the rows of a padded batch: B integers from 1 to T, a list or a tensor on any device, in any
                order. What lies beyond a row's end is not read.

        Returns:
            outputs in the form of the input, zeros beyond each row's end; and the states after each row's last step, in
            the form of `hx` and the user's order of rows.

        Raises:
            ShapeError: input or states of a wrong shape (also a RuntimeError, as torch's).
            DeviceError: input, states and weights on different devices (also a RuntimeError).
            InputError: wrong dtype, lengths (naming the row), or form of the states.
            BackendError: a demanded backend cannot run this.
        """
        if lengths is None and (done := straight(self, input, hx)) is not None:
            dense, finals = done
            return dense, finals[0] if len(finals) == 1 else finals
        packed, states = self._prepare(input, hx, lengths)
        data, finals = self._stack(packed, states)
        finals = permute(finals, packed.unsorted_indices)
        packed = PackedSequence(data, packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices)
        output = like_input(packed, input, lengths, self.batch_first)
        if not _batched(input):
            finals = tuple(state[:, 0] for state in finals)
        return output, finals[0] if len(finals) == 1 else finals

    def explain(
        self,
        input: Tensor | PackedSequence,
        hx: Tensor | Sequence[Tensor] | None = None,
        *,
        lengths: Lengths = None,
    ) -> list[tuple[str, str | None]]:
        """Say which backends can run the first layer on this input, and why the others cannot. Nothing is run.

        When to use: to see why a model is slower than expected. The first backend without a reason is the one that
        runs, unless another one is demanded.

        Args:
            input: as in `forward`.
            hx: as in `forward`.
            lengths: as in `forward`.

        Returns:
            (backend, reason or None), best backend first.

        Raises:
            What `forward` raises for its arguments.

        Example:
            >>> layer = Recurrent("lstm", 3, 4, zoneout=0.1)
            >>> dict(layer.explain(torch.zeros(5, 2, 3)))["torch"]
            "torch's kernels have no zoneout"
        """
        packed, states = self._prepare(input, hx, lengths)
        here = slice(self.num_directions)
        with torch.random.fork_rng([states[0].device] if states[0].is_cuda else []):  # masks may be drawn
            layer = self._layer(here, *table_of(packed), packed.batch_sizes, tuple(state[here] for state in states))
        return explain(self.cell, layer)

    def _prepare(
        self, input: Tensor | PackedSequence, hx: Tensor | Sequence[Tensor] | None, lengths: Lengths
    ) -> tuple[PackedSequence, States]:
        """Check what the user gave; the packed batch and the initial states, rows in packed order."""
        packed = to_packed(input, lengths, self.batch_first, type(self).__name__)
        data, _ = table_of(packed)
        self._check_data(data)
        return packed, self._initial(hx, data, count_rows(input, packed, self.batch_first), _batched(input), packed)

    def _check_data(self, data: Tensor) -> None:
        if data.shape[-1] != self.input_size:
            raise ShapeError(
                f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got {data.shape[-1]}; "
                "check the layer's input_size and the order of the input's axes"
            )
        weight: Tensor = getattr(self, self._slots[0][0].name)
        device, dtype = weight.device, weight.dtype
        if data.device != device:
            raise DeviceError(f"input on {data.device}, weights on {device}; move it: input.to({str(device)!r})")
        if data.dtype != dtype and not torch.is_autocast_enabled(data.device.type):
            raise InputError(
                f"RNN input dtype ({data.dtype}) does not match weight dtype ({dtype}). "
                f"Convert input: input.to({dtype}), or convert model: model.to({data.dtype})"
            )

    def _initial(
        self, hx: Tensor | Sequence[Tensor] | None, data: Tensor, B: int, batched: bool, packed: PackedSequence
    ) -> States:
        """The initial states (L*D, B, ·), rows in packed order."""
        names, LD = self.cell.states, len(self._slots)
        shapes: list[tuple[int, ...]] = [(LD, B, self._state_size(number)) for number in range(len(names))]
        if hx is not None:
            return permute(check_states(hx, names, shapes, batched, data), packed.sorted_indices)
        if self.options.learned_state:
            return tuple(getattr(self, f"initial_{name}")[:, None].expand(-1, B, -1) for name in names)
        return tuple(data.new_zeros(shape) for shape in shapes)

    def _stack(self, packed: PackedSequence, states: States) -> tuple[Tensor, States]:
        """Run all layers: (N, I) to (N, output_size), states (L*D, B, ·) to the same."""
        D, finals, batch_sizes = self.num_directions, [], packed.batch_sizes
        data, index = table_of(packed)
        for k in range(self.num_layers):
            if k > 0 and self.training and self.dropout > 0:
                if self.options.locked_dropout:
                    data = locked(data, batch_sizes, self.dropout, states[0].shape[1])
                else:
                    data = nn.functional.dropout(data, self.dropout)
            here = slice(k * D, (k + 1) * D)
            layer = self._layer(here, data, index, batch_sizes, tuple(state[here] for state in states))
            outputs, final = self._run(layer)
            data, index = merge(outputs, self.options.merge), None
            finals.append(final)
        return data, finals[0] if self.num_layers == 1 else tuple(torch.cat(each) for each in zip(*finals, strict=True))

    def _layer(self, here: slice, data: Tensor, index: Tensor | None, batch_sizes: Tensor, states: States) -> Layer:
        """What the kernels are given: the directions of one layer, and the masks of this call."""
        options = self.options
        recurrent_mask = None
        if self.training and options.recurrent_dropout > 0:
            recurrent_mask = keep_mask(states[0], tuple(states[0].shape), options.recurrent_dropout)
        return Layer(
            data,
            batch_sizes,
            tuple(self._weights(group) for group in self._slots[here]),
            states,
            recurrent_mask,
            options.zoneout,
            self.training,
            index,
            options.precision or precision_around(),
        )

    def _weights(self, group: list[Slot]) -> Weights:
        """One direction's parameters for the kernels; the recurrent matrix with some weights dropped, if asked."""
        p = self.options.weight_drop if self.training else 0.0

        def get(name: str) -> Tensor:
            parameter: Tensor = getattr(self, name)
            return nn.functional.dropout(parameter, p) if p > 0 and name.startswith("weight_hh") else parameter

        return gather(group, get)

    def _run(self, layer: Layer) -> Result:
        K = self.options.truncate
        if K is not None and self.training and torch.is_grad_enabled():
            return run_truncated(self._run_whole, layer, K)
        return self._run_whole(layer)

    def _run_whole(self, layer: Layer) -> Result:
        return choose(self.cell, layer, self.options.backend).forward(self.cell, layer, asked=True)

    def extra_repr(self) -> str:
        """Sizes and whatever is not at its default, as `print(module)` shows them; torch's text for torch's layers."""
        named = {
            "proj_size": (self.proj_size, 0),
            "num_layers": (self.num_layers, 1),
            "bias": ({0: False, 1: "single", 2: True}[self.num_biases], True),
            "batch_first": (self.batch_first, False),
            "dropout": (self.dropout, 0),
            "bidirectional": (self.bidirectional, False),
        }
        shown = {name: value for name, (value, default) in named.items() if value != default} | self.options.shown()
        # RNN, LSTM and GRU say what they are by their own name.
        cell = [repr(self.cell.name)] if type(self) is Recurrent else []
        sizes = [str(self.input_size), str(self.hidden_size)]
        return ", ".join([*cell, *sizes, *(f"{name}={value!r}" for name, value in shown.items())])


def _batched(input: Tensor | PackedSequence) -> bool:
    return isinstance(input, PackedSequence) or input.dim() == 3
