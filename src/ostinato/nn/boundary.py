"""Where torch's calling convention ends: whatever form the input comes in, packed inside, and back out in that form."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from ostinato._core.errors import DeviceError, InputError, ShapeError
from ostinato.nn.distinct import table_of
from ostinato.nn.graph import pack_in_graph, pad_in_graph
from ostinato.nn.packed import pack_dense, pack_padded, pad

Lengths = Sequence[int] | Tensor | None
States = tuple[Tensor, ...]


def to_packed(input: Tensor | PackedSequence, lengths: Lengths, batch_first: bool, who: str) -> PackedSequence:
    """Pack what the user gave.

    Args:
        input: (T, B, I), (B, T, I) with `batch_first`, one sequence (T, I), or a packed batch.
        lengths: of the rows of a padded batch, in any order, on any device.
        batch_first: whether rows come first in a batch.
        who: the layer's name, for errors.

    Raises:
        ShapeError: another number of axes, or no step at all.
        InputError: lengths that do not fit.
    """
    if isinstance(input, PackedSequence):
        if lengths is not None:
            raise InputError(
                f"{who}: got lengths with a PackedSequence, which has its own; expected None; leave them out"
            )
        if (dim := table_of(input)[0].dim()) != 2:
            raise ShapeError(f"{who}: input must have 2 dimensions, got {dim}; pack (T, I) sequences")
        return input
    if not isinstance(input, Tensor):
        raise InputError(
            f"{who}: input is {type(input).__name__}; expected a Tensor or PackedSequence; "
            "make one with torch.as_tensor, or from a list of sequences with nn.pack"
        )
    if input.dim() not in (2, 3):
        raise ShapeError(
            f"{who}: Expected input to be 2D or 3D, got {input.dim()}D tensor instead; give "
            + ("(B, T, I)" if batch_first else "(T, B, I)")
            + " or one sequence (T, I)"
        )
    T = input.shape[1 if batch_first and input.dim() == 3 else 0]
    if T == 0:
        raise ShapeError(f"{who}: got no steps; Expected sequence length to be larger than 0; drop empty sequences")
    if input.dim() == 2:
        if lengths is not None:
            raise InputError(f"{who}: got lengths with one unbatched sequence; expected None; cut the sequence itself")
        return pack_dense(input[:, None])
    if lengths is None:
        return pack_dense(input, batch_first)
    if torch.compiler.is_compiling():
        return pack_in_graph(input, lengths, batch_first)
    return pack_padded(input, lengths, batch_first)


def count_rows(input: Tensor | PackedSequence, packed: PackedSequence, batch_first: bool) -> int:
    """B, from a shape wherever one tells it: a compiled graph is built before there are numbers to read."""
    if isinstance(input, Tensor):
        return 1 if input.dim() == 2 else input.shape[0 if batch_first else 1]
    return int(packed.batch_sizes[0]) if packed.sorted_indices is None else packed.sorted_indices.shape[0]


def like_input(
    output: PackedSequence, input: Tensor | PackedSequence, lengths: Lengths, batch_first: bool
) -> Tensor | PackedSequence:
    """Give the outputs the form of the input: packed, one sequence, a full batch, or one padded with zeros."""
    if isinstance(input, PackedSequence):
        return output
    if input.dim() == 2:
        return output.data
    T, B = (input.shape[1], input.shape[0]) if batch_first else (input.shape[0], input.shape[1])
    if lengths is not None and torch.compiler.is_compiling():
        return pad_in_graph(output.data, lengths, T, B, batch_first)
    if lengths is not None:
        return pad(output, T, B, batch_first)
    dense = output.data.view(T, B, output.data.shape[1])
    return dense.transpose(0, 1) if batch_first else dense


def check_states(
    hx: Tensor | Sequence[Tensor], names: tuple[str, ...], shapes: list[tuple[int, ...]], batched: bool, data: Tensor
) -> States:
    """Check the initial states that the user gave and return them as one (L*D, B, ·) tensor a state.

    Args:
        hx: a tensor for one state, a tuple for several.
        names: of the states.
        shapes: that are expected, (L*D, B, ·) each.
        batched: whether the input had rows; if not, the states have none either.
        data: tokens, whose device and dtype the states must have.

    Raises:
        InputError: a tensor for a tuple or the reverse, or another dtype.
        ShapeError: naming the state, with the shape expected.
        DeviceError: a state on another device than the tokens.
    """
    if isinstance(hx, Tensor) != (len(names) == 1):
        got = "one tensor" if isinstance(hx, Tensor) else f"{type(hx).__name__}"
        expected = "one tensor" if len(names) == 1 else f"a tuple ({', '.join(f'{n}_0' for n in names)})"
        raise InputError(f"hx is {got}; expected {expected}; give the states in that form")
    states: States = (hx,) if isinstance(hx, Tensor) else tuple(hx)
    if len(states) != len(names):
        raise InputError(f"hx has {len(states)} states; expected {len(names)}: {', '.join(names)}; give all of them")
    for number, (state, shape) in enumerate(zip(states, shapes, strict=True)):
        which = "hidden" if len(names) == 1 else f"hidden[{number}]"
        if state.dim() != (3 if batched else 2):
            form = (
                "batched 3-D input, hx should also be 3-D" if batched else "unbatched 2-D input, hx should also be 2-D"
            )
            raise ShapeError(f"For {form} but got {state.dim()}-D tensor for {which}")
        wanted = shape if batched else (shape[0], shape[2])
        if tuple(state.shape) != wanted:
            raise ShapeError(
                f"Expected {which} size {wanted}, got {list(state.shape)}; "
                "give (layers * directions, rows, features), rows second with batch_first too"
            )
        if state.device != data.device:
            raise DeviceError(
                f"{which} on {state.device}, input on {data.device}; move it: hx.to({str(data.device)!r})"
            )
        if state.dtype != data.dtype and not torch.is_autocast_enabled(data.device.type):
            raise InputError(
                f"Input and hidden tensors are not the same dtype, found input {data.dtype} and {which} {state.dtype}; "
                f"convert: hx.to({data.dtype})"
            )
    return states if batched else tuple(state[:, None] for state in states)


def permute(states: States, index: Tensor | None) -> States:
    """Reorder the rows of states: from the user's order to packed order, or back."""
    return states if index is None else tuple(state.index_select(1, index) for state in states)
