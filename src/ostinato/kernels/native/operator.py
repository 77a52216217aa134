"""The kernels as operations of a compiled graph: torch.compile and torch.export take a layer whole, step by step never.

Eagerly none of this runs: an operation costs more at each call than the autograd.Function of `function.py` does
(docs/decisions/0010). What the operations compute is the same code.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

import torch
from torch import Tensor

from ..._core.errors import BackendError
from ...cells import CELLS
from ..backend import demanded_around, record
from .calls import Case, backward, forward, kept_floats, sizes_alone, split

T = TypeVar("T")


@torch.library.custom_op(
    "ostinato::layer",
    mutates_args=(),
    schema="(Tensor[] tensors, bool[] given, Tensor batch_sizes, str cell, int directions, bool keep, float[] zoneout) "
    "-> Tensor[]",
)
def layer(
    tensors: Sequence[Tensor],
    given: Sequence[bool],
    batch_sizes: Tensor,
    cell: str,
    directions: int,
    keep: bool,
    zoneout: Sequence[float],
) -> list[Tensor]:
    """Run a layer.

    Args:
        tensors: those of `calls.Case` that are not None. x may have padding behind its tokens: it is not read.
        given: for each tensor of `calls.Case` whether it is there.
        batch_sizes: (T,), its end may be zeros.
        cell: name in `CELLS`.
        directions: D.
        keep: whether a backward will follow.
        zoneout: rates, one a state, or empty.

    Returns:
        the results of `calls.forward`, zeros where x has padding; and, if `keep`, the number of threads () int64 and
        what each direction kept.
    """
    case = _case(tensors, given, batch_sizes, cell, directions, torch.get_num_threads(), zoneout)
    results, kept = forward(case, _spread(tensors, given), keep)
    if (name := demanded_around()[0]) not in (None, "native"):
        raise BackendError(
            f"this graph was compiled for backend 'native', and {name!r} is demanded now; compile it again for that one"
        )
    record("native", tensors[0].shape[0] if case.tokens is None else case.tokens)
    if not keep:
        return list(results)
    return [*results, torch.tensor(case.threads), *(k.tensor().view(tensors[0].shape[0], -1) for k in kept)]


@layer.register_fake
def _(
    tensors: Sequence[Tensor],
    given: Sequence[bool],
    batch_sizes: Tensor,
    cell: str,
    directions: int,
    keep: bool,
    zoneout: Sequence[float],
) -> list[Tensor]:
    x, *states = tensors[: 1 + len(CELLS[cell].states)]
    results = [x.new_empty(x.shape[0], states[0].shape[2]) for _ in range(directions)]
    results += [state.new_empty(state.shape) for state in states]
    if not keep:
        return results
    per_token = kept_floats(sizes_alone(CELLS[cell], _spread(tensors, given)))
    kept = [x.new_empty(x.shape[0], per_token) for _ in range(directions)]
    return [*results, batch_sizes.new_empty(()), *kept]


@torch.library.custom_op(
    "ostinato::layer_backward",
    mutates_args=(),
    schema="(Tensor[] tensors, bool[] given, Tensor batch_sizes, str cell, Tensor[] outputs, Tensor threads, "
    "Tensor[] kept, Tensor?[] gradients, bool[] wanted, float[] zoneout) -> Tensor[]",
)
def layer_backward(
    tensors: Sequence[Tensor],
    given: Sequence[bool],
    batch_sizes: Tensor,
    cell: str,
    outputs: Sequence[Tensor],
    threads: Tensor,
    kept: Sequence[Tensor],
    gradients: Sequence[Tensor | None],
    wanted: Sequence[bool],
    zoneout: Sequence[float],
) -> list[Tensor]:
    """Compute the gradients of those `tensors` that are wanted, from what `layer` was given, returned and kept."""
    case = _case(tensors, given, batch_sizes, cell, len(outputs), int(threads), zoneout)
    addresses = [k.data_ptr() for k in kept]
    spread = [bool(want) for want in _spread(wanted, given)]
    found = backward(case, _spread(tensors, given), outputs, addresses, gradients, spread)
    return [gradient for gradient in found if gradient is not None]


@layer_backward.register_fake
def _(
    tensors: Sequence[Tensor],
    given: Sequence[bool],
    batch_sizes: Tensor,
    cell: str,
    outputs: Sequence[Tensor],
    threads: Tensor,
    kept: Sequence[Tensor],
    gradients: Sequence[Tensor | None],
    wanted: Sequence[bool],
    zoneout: Sequence[float],
) -> list[Tensor]:
    return [t.new_empty(t.shape) for t, want in zip(tensors, wanted, strict=True) if want]


def _spread(values: Sequence[T], given: Sequence[bool]) -> list[T | None]:
    """Put None where no tensor is given."""
    each = iter(values)
    return [next(each) if there else None for there in given]


def _case(
    tensors: Sequence[Tensor],
    given: Sequence[bool],
    batch_sizes: Tensor,
    cell: str,
    directions: int,
    threads: int,
    zoneout: Sequence[float],
) -> Case:
    """The call, checked: a graph is built from shapes, and the numbers are first seen here."""
    sizes = batch_sizes[batch_sizes > 0]
    case = Case(CELLS[cell], sizes, directions, threads, tuple(zoneout), int(sizes.sum()))
    padded = split(case, _spread(tensors, given))
    keep = tuple(k[:, : case.tokens] if isinstance(k, Tensor) else k for k in padded.zoneout or ())
    replace(padded, x=padded.x[: case.tokens], zoneout=keep or None).check(case.cell)
    return case


def _keep_for_backward(ctx: Any, inputs: tuple[Any, ...], output: list[Tensor]) -> None:
    tensors, given, batch_sizes, cell, directions, keep, ctx.zoneout = inputs
    if not keep:
        raise RuntimeError("ostinato::layer was called with keep=False; keep=True expected where a gradient is wanted")
    after = directions + len(CELLS[cell].states)  # where the number of threads stands
    ctx.cell, ctx.directions, ctx.given = cell, directions, given
    ctx.set_materialize_grads(False)
    ctx.save_for_backward(batch_sizes, *output[:directions], *output[after:], *tensors)


def _gradients(ctx: Any, gradients: list[Tensor | None]) -> tuple[list[Tensor | None] | None, ...]:
    D = ctx.directions
    batch_sizes, *rest = ctx.saved_tensors
    outputs, threads, kept, tensors = rest[:D], rest[D], rest[D + 1 : 2 * D + 1], rest[2 * D + 1 :]
    wanted = list(ctx.needs_input_grad[0])
    of_results = gradients[: D + len(CELLS[ctx.cell].states)]
    found = iter(
        layer_backward(
            tensors, ctx.given, batch_sizes, ctx.cell, outputs, threads, kept, of_results, wanted, ctx.zoneout
        )
    )
    none: list[Tensor | None] | None = (
        None if ctx.zoneout else []
    )  # torch takes an empty list for one of tensors, and wants one back
    return [next(found) if want else None for want in wanted], None, None, None, None, None, none


layer.register_autograd(_gradients, setup_context=_keep_for_backward)
