"""The short way through recurrent layers, for the call that most programs make: a full batch, and no option that acts.

Whatever else is given goes the general way, which also has the words for what is wrong.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ostinato.cells import CELLS
from ostinato.kernels.backend import demanded_around, record
from ostinato.kernels.native import missing
from ostinato.kernels.native.backend import watcher
from ostinato.kernels.native.dense import Dense, dense
from ostinato.kernels.native.store import Store
from ostinato.kernels.precision import precision_around
from ostinato.nn.boundary import States

if TYPE_CHECKING:
    from ostinato.nn.recurrent import Recurrent

_TYPES = (Tensor, torch.nn.Parameter)  # a subclass may mean something else by its memory


def straight(module: "Recurrent", input: object, hx: Tensor | Sequence[Tensor] | None) -> tuple[Tensor, States] | None:
    """Run a module's layers on the native kernels.

    Args:
        module: whose layers.
        input: what its `forward` was given, without lengths.
        hx: likewise.

    Returns:
        outputs in the form of the input, and the states (L*D, B, ·); None where this is no call of that kind, or the
        kernels cannot run it, or another backend is demanded. Then nothing was done.
    """
    if torch.compiler.is_compiling() or not isinstance(input, Tensor) or input.dim() != 3 or not _goes(module):
        return None
    T, B, I = input.transpose(0, 1).shape if module.batch_first else input.shape  # noqa: E741  (the field's letter)
    L, D, H, P = module.num_layers, module.num_directions, module.hidden_size, module._state_size(0)
    if T == 0 or B == 0 or module.input_size != I or not _plain(input):
        return None
    states = _states(module, hx, ((L * D, B, P), (L * D, B, H)))
    groups = list(_weights(module))
    if states is None or None in groups:
        return None
    data = input.transpose(0, 1) if module.batch_first else input
    finals, stores = [], module._stores or _made(module)
    precision = module.options.precision or precision_around()
    for k in range(L):
        here = slice(k * D, (k + 1) * D)
        own = [*(state[here] for state in states), *(w for group in groups[here] for w in group or ())]
        run = dense(module.cell.name, T, B, data.shape[2], H, P, D, module._parts, torch.get_num_threads(), precision)
        given = data if data.is_contiguous() else data.contiguous()
        data, *final = run(given, own, stores[here])
        record("native", T * B, run.multiplies_in(given, own))
        finals.append(final)
    ends = tuple(finals[0]) if L == 1 else tuple(torch.cat(each) for each in zip(*finals, strict=True))
    return data.transpose(0, 1) if module.batch_first else data, ends


def _made(module: "Recurrent") -> list[Store]:
    module._stores = [Store() for _ in module._slots]
    return module._stores


def _goes(module: "Recurrent") -> bool:
    """Whether neither the module nor what surrounds the call wants anything else."""
    options = module.options
    if options.acts(module.training) or not Dense.PARTS.issuperset(module._parts):
        return False
    if options.merge != "concat" or (module.training and module.dropout > 0 and module.num_layers > 1):
        return False
    if options.backend not in (None, "native") or demanded_around()[0] not in (None, "native"):
        return False
    known = CELLS.get(module.cell.name)
    return (known is module.cell or known == module.cell) and watcher() is None and missing() is None


def _plain(tensor: Tensor) -> bool:
    """Whether the kernels can read its memory, once it is contiguous."""
    return (
        type(tensor) in _TYPES
        and tensor.dtype is torch.float32
        and tensor.is_cpu
        and tensor.layout is torch.strided
        and not tensor.is_neg()
    )


def _states(
    module: "Recurrent", hx: Tensor | Sequence[Tensor] | None, shapes: tuple[tuple[int, ...], ...]
) -> Sequence[Tensor] | None:
    """The initial states, none where they are zeros; None where they do not fit."""
    if hx is None:
        return ()
    states = (hx,) if isinstance(hx, Tensor) else hx
    count = len(module.cell.states)
    if isinstance(hx, Tensor) != (count == 1) or len(states) != count:
        return None
    fits = all(_plain(s) and s.shape == shape and s.is_contiguous() for s, shape in zip(states, shapes, strict=False))
    return states if fits else None


def _weights(module: "Recurrent") -> Iterator[list[Tensor] | None]:
    """The parameters of each layer and direction; None where one does not fit, or is computed from others."""
    parameters = module._parameters
    for group in module._slots:
        found: list[Tensor] = []
        for slot in group:
            w = parameters.get(slot.name)
            if w is None or not _plain(w) or w.shape != slot.shape or not w.is_contiguous():
                yield None
                break
            found.append(w)
        else:
            yield found
