"""From tensors to pointers: fills `struct ostinato_layer` and calls the library."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ...cells import Cell
from ..layer import Layer, Weights
from .abi import CELLS, NORMS, LayerStruct
from .kept import Kept, empty
from .library import library

_CONSTANTS = ("recurrent_mask", "zoneout_h", "zoneout_c")  # tensors of all directions, (D, ·, ·), without gradients
_WEIGHTS = ("w_ih", "w_hh", "b_ih", "b_hh", "extra", "w_hr", *NORMS)  # the tensors of a direction, in this order


@dataclass(frozen=True, eq=False)
class Case:
    """What a call is besides its tensors.

    Its tensors, `tensors` below, are those that `tensors_of` lists, None where absent.
    """

    cell: Cell
    batch_sizes: Tensor
    directions: int
    threads: int
    zoneout: tuple[float, ...] = ()  # rates; of a state whose draws are among the tensors any number
    tokens: int | None = None  # N, where x has more: the rest is padding, answered with zeros
    index: Tensor | None = None  # as the layer's


def forward(
    case: Case, tensors: list[Tensor | None], keep: bool, precision: str = "float32"
) -> tuple[tuple[Tensor, ...], list[Kept]]:
    """Run a layer.

    Args:
        case: what is run.
        tensors: see `Case`.
        keep: whether a backward will follow.
        precision: of the products.

    Returns:
        results: (N, P) outputs of each direction, then the final states (D, B, P or H).
        kept: what `backward` needs, one a direction; empty if not `keep`.
    """
    tensors = _contiguous(tensors)
    structs = fill(case, tensors)
    N, P = (_present(tensors[0]) if case.index is None else case.index).shape[0], structs[0].P
    outputs = [empty(N, P) for _ in range(case.directions)]
    finals = [torch.empty_like(state) for state in _states(case, tensors)]
    kept = []
    for d, struct in enumerate(structs):
        struct.y, struct.y_stride = outputs[d].data_ptr(), P
        struct.hn, struct.cn = _addresses(finals, d)
        if keep:
            kept.append(Kept(N * kept_floats(struct)))
            struct.kept = kept[-1].address
    checked(library(precision).ostinato_forward(structs, case.directions, case.threads))
    for output in outputs:
        _clear_padding(case, output)
    return (*outputs, *finals), kept


def backward(
    case: Case,
    tensors: list[Tensor | None],
    outputs: Sequence[Tensor],
    kept: Sequence[int],
    gradients: Sequence[Tensor | None],
    wanted: Sequence[bool],
    precision: str = "float32",
) -> list[Tensor | None]:
    """Compute the gradients of a run.

    Args:
        case: what was run.
        tensors: what `forward` was given.
        outputs: its outputs, one a direction.
        kept: addresses of what it kept; that stays as it is, so that a backward may run twice.
        gradients: with respect to its results; None for zeros.
        wanted: which of `tensors` need a gradient.
        precision: of the products; what is kept may come from a forward in the other one.

    Returns:
        one gradient a tensor, None where none is wanted.
    """
    tensors, gradients = _contiguous(tensors), _contiguous(gradients)
    structs = fill(case, tensors)
    P = structs[0].P
    D, S = case.directions, len(case.cell.states)
    results = [empty(*t.shape) if t is not None and want else None for t, want in zip(tensors, wanted, strict=True)]
    dx = results[0]
    # Each direction writes its own gradient of x; they are added afterwards.
    dxs = [dx, *(None if dx is None else empty(*dx.shape) for _ in range(1, D))]
    for d, struct in enumerate(structs):
        struct.y, struct.y_stride, struct.kept = outputs[d].data_ptr(), P, kept[d]
        struct.dy, struct.dy_stride = _address(gradients[d]), P
        struct.dhn, struct.dcn = _addresses(gradients[D:], d)
        struct.dx, struct.dx_stride = _address(dxs[d]), struct.I
        struct.dh0, struct.dc0 = _addresses(results[1 : 1 + S], d)
        for name, tensor in zip(_WEIGHTS, results[_first(case, d) :], strict=False):
            if tensor is not None:
                setattr(struct, f"d{name}", tensor.data_ptr())
    checked(library(precision).ostinato_backward(structs, D, case.threads))
    for other in dxs[1:]:
        if dx is not None and other is not None:
            dx += other
    if dx is not None:
        _clear_padding(case, dx)
    return results


def split(case: Case, tensors: list[Tensor | None]) -> Layer:
    """Put the tensors of a call back into a layer."""
    weights = []
    for d in range(case.directions):
        ih, hh, b_ih, b_hh, extra, hr, *norms = tensors[_first(case, d) : _first(case, d) + len(_WEIGHTS)]
        named = {} if extra is None else dict(zip(case.cell.extra, extra, strict=True))
        norm = {name.removeprefix("norm_"): t for name, t in zip(NORMS, norms, strict=True) if t is not None}
        weights.append(Weights(_present(ih), _present(hh), b_ih, b_hh, hr, named, norm or None))
    x, states = _present(tensors[0]), tuple(_states(case, tensors))
    mask, *draws = _constants(case, tensors)
    zoneout = tuple(rate if keep is None else keep for rate, keep in zip(case.zoneout, draws, strict=False))
    return Layer(x, case.batch_sizes, tuple(weights), states, mask, zoneout or None, index=case.index)


def tensors_of(cell: Cell, layer: Layer) -> list[Tensor | None]:
    """List the tensors of a call: x, the states, those of `_CONSTANTS`, then for each direction those of `_WEIGHTS`."""
    draws = [keep if isinstance(keep, Tensor) else None for keep in (*(layer.zoneout or ()), None, None)][:2]
    return [layer.x, *layer.states, layer.recurrent_mask, *draws, *(t for w in layer.weights for t in _flat(cell, w))]


def rates_of(layer: Layer) -> tuple[float, ...]:
    """Zoneout as `Case` has it."""
    return tuple(0.0 if isinstance(keep, Tensor) else float(keep) for keep in layer.zoneout or ())


def _flat(cell: Cell, w: Weights) -> tuple[Tensor | None, ...]:
    extra = torch.stack([w.extra[name] for name in cell.extra]) if cell.extra else None
    norm = w.norm or {}
    return w.ih, w.hh, w.b_ih, w.b_hh, extra, w.hr, *(norm.get(name.removeprefix("norm_")) for name in NORMS)


def fill(case: Case, tensors: Sequence[Tensor | None]) -> Any:
    """Make the structures, one a direction, inputs filled in, from contiguous tensors that must outlive them."""
    x, states = _present(tensors[0]), _states(case, tensors)
    rows, I = x.shape  # noqa: E741  (the field's letter)
    B, P = states[0].shape[1:]
    H = _present(tensors[_first(case, 0)]).shape[0] // len(case.cell.gates)
    N = (rows if case.tokens is None else case.tokens) if case.index is None else case.index.shape[0]
    structs = (LayerStruct * case.directions)()
    for d, s in enumerate(structs):
        s.cell, s.reverse = CELLS[case.cell.name], d
        s.T, s.B, s.N = case.batch_sizes.shape[0], B, N
        s.I, s.H, s.P = I, H, P
        s.batch_sizes, s.x, s.x_stride = case.batch_sizes.data_ptr(), x.data_ptr(), I
        s.index, s.rows = _address(case.index), rows
        s.h0, s.c0 = _addresses(states, d)
        for name, constant in zip(_CONSTANTS, _constants(case, tensors), strict=True):
            if constant is not None:
                setattr(s, name, _addresses([constant], d)[0])
        if case.zoneout:
            s.zoneout_rate_h, s.zoneout_rate_c = (*case.zoneout, 0.0)[:2]
        for name, tensor in zip(_WEIGHTS, tensors[_first(case, d) :], strict=False):
            if tensor is not None:  # a structure is made of zeros
                setattr(s, name, tensor.data_ptr())
    return structs


def sizes_alone(cell: Cell, tensors: Sequence[Tensor | None]) -> LayerStruct:
    """Make a structure that `kept_floats` can be asked about, from tensors that may have shapes and nothing else."""
    case = Case(cell, torch.empty(0, dtype=torch.int64), 1, 1)
    x, h = _present(tensors[0]), _present(tensors[1])
    w_ih, *others = tensors[_first(case, 0) : _first(case, 1)]
    struct = LayerStruct(cell=CELLS[cell.name], T=1, B=1, N=1, I=x.shape[1], P=h.shape[2])
    struct.H = _present(w_ih).shape[0] // len(cell.gates)
    for name, tensor in zip(_WEIGHTS[1:], others, strict=True):
        setattr(struct, name, None if tensor is None else 1)  # there is one: more is not looked at
    return struct


def kept_floats(struct: LayerStruct) -> int:
    """Floats that a forward keeps for each token."""
    return int(library().ostinato_kept_floats(struct)) // int(struct.N)


def checked(code: int) -> None:
    """Raise what a function of the library reports.

    Raises:
        MemoryError: memory ran out.
        RuntimeError: the library does not know the cell, so it is not the one that this binding was written for.
    """
    if code == 1:
        raise MemoryError("the native kernels ran out of memory: take smaller batches")
    if code:
        raise RuntimeError(f"the native kernels returned {code}; 0 expected: reinstall, library and binding differ")


def _clear_padding(case: Case, tokens: Tensor) -> None:
    if case.tokens is not None:
        tokens[case.tokens :] = 0


def _first(case: Case, d: int) -> int:
    """Where the tensors of a direction begin."""
    return 1 + len(case.cell.states) + len(_CONSTANTS) + d * len(_WEIGHTS)


def _constants(case: Case, tensors: Sequence[Tensor | None]) -> Sequence[Tensor | None]:
    return tensors[1 + len(case.cell.states) : _first(case, 0)]


def _states(case: Case, tensors: Sequence[Tensor | None]) -> list[Tensor]:
    return [_present(state) for state in tensors[1 : 1 + len(case.cell.states)]]


def _present(tensor: Tensor | None) -> Tensor:
    if tensor is None:
        raise RuntimeError("a tensor that every call has is None: a fault of this package")
    return tensor


def _contiguous(tensors: Sequence[Tensor | None]) -> list[Tensor | None]:
    return [t if t is None or t.is_contiguous() else t.contiguous() for t in tensors]


def _address(tensor: Tensor | None) -> int | None:
    return None if tensor is None else tensor.data_ptr()


def _addresses(states: Sequence[Tensor | None], d: int) -> tuple[int | None, int | None]:
    """Addresses of one direction's h and c in (D, ·, ·) tensors; None where there is none."""
    both = [None if s is None else s.data_ptr() + 4 * d * s.shape[1] * s.shape[2] for s in states]
    return both[0], both[1] if len(both) > 1 else None
