"""Rows of equal length without options: the short way from torch's tensors to the kernels.

A small layer spends most of its time on the way there, on what follows from sizes alone. `Dense` works that out once;
`dense` keeps it for the next call of the same sizes, which then fills in addresses and nothing else.
"""

import functools
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from ...cells import CELLS
from ..layer import Layer, Weights
from ..precision import multiplied_in
from .abi import CELLS as NUMBERS
from .abi import LayerStruct
from .calls import Case, checked, kept_floats
from .kept import Kept, empty, empty_like
from .library import library, missing_bfloat16
from .second import differentiable_backward
from .store import Store

_FIELDS = {"ih": "w_ih", "hh": "w_hh", "b_ih": "b_ih", "b_hh": "b_hh", "hr": "w_hr"}


class Dense:
    """What follows from the sizes of a call. Its tensors must be plain float32 memory on the CPU and have these:

    x (T, B, I); then, in one list, the states, none for zeros or all of them, (D, B, P or H) each; then the weights
    of each direction, those that `parts` names.

    Args:
        name: of the cell.
        T, B, I, H, P, D: sizes, all at least 1.
        parts: fields of `Weights` among `Dense.PARTS`, in the order in which weights are given.
        threads: how many the kernels use.
        precision: what is allowed for the products, as `kernels.precision` says.
    """

    PARTS = frozenset(_FIELDS)  # extra vectors and layer normalisation go the general way

    def __init__(
        self,
        name: str,
        T: int,
        B: int,
        I: int,  # noqa: E741  (the field's letter)
        H: int,
        P: int,
        D: int,
        parts: tuple[str, ...],
        threads: int,
        precision: str,
    ) -> None:
        self.case = Case(CELLS[name], torch.full((T,), B, device="cpu"), D, threads)
        self._allowed = "float32" if missing_bfloat16() else precision
        self.N, self._outputs = T * B, (T, B, D * P)
        self._states = ((D, B, P), (D, B, H))[: len(self.case.cell.states)]
        self._parts, self._fields = parts, tuple(_FIELDS[part] for part in parts)
        structs = (LayerStruct * D)()
        for d, s in enumerate(structs):
            s.cell, s.reverse = NUMBERS[name], d
            s.T, s.B, s.N, s.I, s.H, s.P, s.rows = T, B, self.N, I, H, P, self.N
            s.batch_sizes = self.case.batch_sizes.data_ptr()
            s.x_stride, s.dx_stride, s.y_stride, s.dy_stride = I, I, D * P, D * P
        self._D, self._type, self._template = D, LayerStruct * D, bytes(structs)
        structs[0].w_hr = 1 if "hr" in parts else None  # there is one: more is not looked at
        self._kept = self.N * kept_floats(structs[0])

    def __call__(self, x: Tensor, others: Sequence[Tensor], stores: Sequence[Store] = ()) -> tuple[Tensor, ...]:
        """Run, differentiably: y (T, B, D * P) and the final states.

        Args:
            x: see the class.
            others: likewise.
            stores: one a direction, for packed weights, or none; not used where gradients are wanted, as such weights
                will have changed before the next call.
        """
        if _differentiates(x, others):
            return _Run.apply(self, x, *others)  # type: ignore[no-any-return, no-untyped-call]
        return self.forward(x, others, stores=stores)

    def multiplies_in(self, x: Tensor, others: Sequence[Tensor]) -> str:
        """In which precision the products of such a call are made."""
        return multiplied_in(self._allowed, _differentiates(x, others))

    def forward(
        self, x: Tensor, others: Sequence[Tensor], kept: list[Kept] | None = None, stores: Sequence[Store] = ()
    ) -> tuple[Tensor, ...]:
        """The same for numbers alone; what a backward needs goes into the list."""
        structs = self._filled(x, others)
        y, finals = empty(*self._outputs), [empty(*shape) for shape in self._states]
        at_y, at_finals = y.data_ptr(), [state.data_ptr() for state in finals]
        for d, s in enumerate(structs):
            s.y = at_y + 4 * s.P * d
            self._point(s, d, ("hn", "cn"), at_finals)
            if stores:
                s.store = stores[d].address
            if kept is not None:
                kept.append(Kept(self._kept))
                s.kept = kept[-1].address
        by = library(multiplied_in(self._allowed, kept is not None))
        checked(by.ostinato_forward(structs, len(structs), self.case.threads))
        return y, *finals

    def backward(
        self,
        x: Tensor,
        others: Sequence[Tensor],
        y: Tensor,
        kept: Sequence[Kept],
        gradients: Sequence[Tensor | None],
        wanted: Sequence[bool],
    ) -> list[Tensor | None]:
        """Gradients of x and the others where they are wanted, from those of the results; None stands for zeros."""
        gradients = [g if g is None else g.resolve_neg().contiguous() for g in gradients]
        # Of x, the states, the weights.
        results = [empty_like(t) if want else None for t, want in zip((x, *others), wanted, strict=True)]
        dx, first = results[0], 1 + len(others) - len(self._fields) * self._D
        dxs = [dx, *(None if dx is None else empty_like(dx) for _ in range(1, self._D))]
        structs = self._filled(x, others)
        at_y, at_dy, *at_finals = (None if t is None else t.data_ptr() for t in (y, *gradients))
        at_states = [None if t is None else t.data_ptr() for t in results[1:first]]
        into = iter(results[first:])
        for d, s in enumerate(structs):
            apart = 4 * s.P * d
            s.y, s.kept = (at_y or 0) + apart, kept[d].address
            s.dy = None if at_dy is None else at_dy + apart
            if (dx_of := dxs[d]) is not None:
                s.dx = dx_of.data_ptr()
            self._point(s, d, ("dhn", "dcn"), at_finals)
            self._point(s, d, ("dh0", "dc0"), at_states)
            for field, result in zip(self._fields, into, strict=False):
                if result is not None:
                    setattr(s, f"d{field}", result.data_ptr())
        checked(library(multiplied_in(self._allowed, True)).ostinato_backward(structs, len(structs), self.case.threads))
        for other in dxs[1:]:
            if dx is not None and other is not None:
                dx += other
        return results

    def layer(self, x: Tensor, others: Sequence[Tensor]) -> Layer:
        """The same call as the other backends are given one."""
        D, n = self._D, len(self._parts)
        states, weights = others[: len(others) - D * n], others[len(others) - D * n :]
        named: list[dict[str, Any]] = [
            dict(zip(self._parts, weights[d * n : (d + 1) * n], strict=True)) for d in range(D)
        ]
        return Layer(
            x.reshape(self.N, -1),
            self.case.batch_sizes,
            tuple(Weights(**each) for each in named),
            tuple(states) or tuple(x.new_zeros(shape) for shape in self._states),
        )

    def _filled(self, x: Tensor, others: Sequence[Tensor]) -> Any:
        """The structures, one a direction, with the addresses of what is given."""
        structs, at_x = self._type.from_buffer_copy(self._template), x.data_ptr()
        at = [t.data_ptr() for t in others]
        weights = len(at) - len(self._fields) * len(structs)
        each = iter(at[weights:])
        for d, s in enumerate(structs):
            s.x = at_x
            self._point(s, d, ("h0", "c0"), at[:weights])
            for field, address in zip(self._fields, each, strict=False):
                setattr(s, field, address)
        return structs

    def _point(self, struct: Any, d: int, fields: tuple[str, ...], states: Sequence[int | None]) -> None:
        """Put in a direction's addresses of (D, B, P or H) tensors that begin at these."""
        for field, at, (_, B, columns) in zip(fields, states, self._states, strict=False):
            if at is not None:
                setattr(struct, field, at + 4 * d * B * columns)


def _differentiates(x: Tensor, others: Sequence[Tensor]) -> bool:
    """Whether a gradient may be asked for."""
    return torch.is_grad_enabled() and (x.requires_grad or any(t.requires_grad for t in others))


class _Run(torch.autograd.Function):
    """Arguments: a `Dense` and its tensors. Results: y, the final states."""

    @staticmethod
    def forward(ctx: Any, dense: Dense, x: Tensor, *others: Tensor) -> tuple[Tensor, ...]:
        ctx.dense, ctx.kept = dense, []
        results = dense.forward(x, others, ctx.kept)
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(x, *others, results[0])
        return results

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor | None) -> tuple[Tensor | None, ...]:
        dense, wanted = ctx.dense, ctx.needs_input_grad[1:]
        x, *others, y = ctx.saved_tensors
        if not torch.is_grad_enabled():
            return None, *dense.backward(x, others, y, ctx.kept, gradients, wanted)
        # create_graph: somebody will differentiate this again
        dy, *finals = gradients
        D = dense.case.directions
        of_outputs = [None] * D if dy is None else [g.reshape(dense.N, -1) for g in dy.chunk(D, dim=-1)]
        layer = dense.layer(x, others)
        return None, *differentiable_backward(dense.case, layer, [x, *others], (*of_outputs, *finals), wanted)


@functools.lru_cache(maxsize=1024)
def dense(*sizes: Any) -> Dense:
    """The `Dense` of these arguments: made once, unless a thousand others came between."""
    return Dense(*sizes)
