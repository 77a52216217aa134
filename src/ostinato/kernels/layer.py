"""What a backend is given: one layer, one or two directions, its tokens packed and time-major."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import accumulate

import torch
from torch import Tensor

from .._core.errors import ShapeError
from ..cells import Cell


@dataclass(frozen=True, eq=False)
class Weights:
    """The parameters of one direction, stacked in the cell's gate order.

    Args:
        ih: (G*H, I) input weights.
        hh: (G*H, P) recurrent weights; P is H where nothing is projected.
        b_ih: (G*H,) bias beside the input product, or None.
        b_hh: (G*H,) bias beside the recurrent product, or None. One bias alone ("single") is `b_ih`.
        hr: (P, H) projection of the output, or None.
        extra: the vectors that `cell.extra` names, (H,) each.
        norm: layer normalisation, keys and shapes as `norm_shapes` says, or None.
    """

    ih: Tensor
    hh: Tensor
    b_ih: Tensor | None = None
    b_hh: Tensor | None = None
    hr: Tensor | None = None
    extra: dict[str, Tensor] = field(default_factory=dict)
    norm: dict[str, Tensor] | None = None


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer to be run: packed tokens, parameters, initial states and options.

    Args:
        x: (N, I) tokens, all rows' first steps, then all rows' second ones, ... (`PackedSequence.data`).
        batch_sizes: (T,) int64 on the CPU, rows alive at each step, never increasing.
        weights: one `Weights` a direction; the second one runs from each row's last token to its first.
        states: initial states, one (D, B, P or H) tensor a state of the cell: the output's has P columns.
        recurrent_mask: (D, B, P) that multiplies h before the recurrent product, the same at all steps, already scaled
            by 1 / (1 - p) (Gal & Ghahramani 2016, arXiv:1512.05287); or None.
        zoneout: for each state the probability that an element keeps its old value (Krueger et al. 2017,
            arXiv:1606.01305), or how much of it each token keeps, (D, N, P or H); or None. In training elements are
            drawn with that probability (`zoneout.drawn`), otherwise the expectation is taken.
        training: whether zoneout draws.
        index: (N,) int64 beside `x`, where tokens are rows of a smaller table: `x` is then (U, I) and token n is row
            `index[n]` of it, so that its input product may be made once a row; or None, where token n is row n.
        precision: "bfloat16" allows products in it where no gradient is asked for, "mixed" always (`precision()`).
    """

    x: Tensor
    batch_sizes: Tensor
    weights: tuple[Weights, ...]
    states: tuple[Tensor, ...]
    recurrent_mask: Tensor | None = None
    zoneout: tuple[float | Tensor, ...] | None = None
    training: bool = False
    index: Tensor | None = None
    precision: str = "float32"

    def gathered(self) -> "Layer":
        """The same layer with a row of `x` for every token."""
        return self if self.index is None else replace(self, x=self.x.index_select(0, self.index), index=None)

    def spans(self) -> Iterator[tuple[int, int]]:
        """Yield for each step where its tokens begin in `x` and how many there are."""
        sizes: list[int] = self.batch_sizes.tolist()
        return zip(accumulate(sizes, initial=0), sizes, strict=False)

    def check(self, cell: Cell) -> None:
        """Refuse tensors that do not fit together, before a backend reads memory that is not there.

        Raises:
            ShapeError: tensor, shape given, shape expected.
        """
        if len(self.states) != len(cell.states):
            raise ShapeError(
                f"{len(self.states)} states given; cell {cell.name!r} has {len(cell.states)}: {cell.states}"
            )
        D, B = len(self.weights), self.states[0].shape[1]
        G, I = len(cell.gates), self.x.shape[-1]  # noqa: E741  (the field's letter)
        first = self.weights[0]
        H, P = first.ih.shape[0] // G, first.hh.shape[-1]
        if self.batch_sizes.dtype != torch.int64 or not self.batch_sizes.is_cpu or self.batch_sizes.dim() != 1:
            raise ShapeError(
                f"batch_sizes are {self.batch_sizes.dtype} {tuple(self.batch_sizes.shape)} on "
                f"{self.batch_sizes.device}; int64 (T,) on the CPU expected: convert them"
            )
        sizes: list[int] = self.batch_sizes.tolist()
        if sizes != sorted(sizes, reverse=True):
            raise ShapeError(f"batch_sizes are {sizes}; a row cannot come back: sort the rows by length, longest first")
        if sizes and sizes[0] > B:
            raise ShapeError(
                f"batch_sizes begin with {sizes[0]}; at most {B} rows, the number of initial states, expected"
            )
        if self.index is None:
            _fit("x", self.x, (sum(sizes), I))
        else:
            self._check_index(self.index, sum(sizes))
        for name, state in zip(cell.states, self.states, strict=True):
            _fit(f"state {name}", state, (D, B, P if name == cell.states[0] else H))
        for w in self.weights:
            _fit("weights ih", w.ih, (G * H, I))
            _fit("weights hh", w.hh, (G * H, P))
            for name, bias in (("b_ih", w.b_ih), ("b_hh", w.b_hh)):
                if bias is not None:
                    _fit(f"weights {name}", bias, (G * H,))
            if w.hr is not None:
                _fit("weights hr", w.hr, (P, H))
            elif P != H:
                raise ShapeError(f"weights hh have {P} columns; {H} expected, or projection weights hr ({P}, {H})")
            for name in cell.extra:
                if name not in w.extra:
                    raise ShapeError(f"weights extra have {sorted(w.extra)}; cell {cell.name!r} needs {name!r} ({H},)")
                _fit(f"weights extra {name}", w.extra[name], (H,))
            if w.norm is not None:
                for name, shape in norm_shapes(cell, H).items():
                    if name not in w.norm:
                        raise ShapeError(f"weights norm has {sorted(w.norm)}; {name!r} {shape} expected")
                    _fit(f"weights norm {name}", w.norm[name], shape)
        if self.recurrent_mask is not None:
            _fit("recurrent_mask", self.recurrent_mask, (D, B, P))
        if self.zoneout is not None and len(self.zoneout) != len(cell.states):
            raise ShapeError(f"{len(self.zoneout)} zoneout rates given; cell {cell.name!r} has states {cell.states}")
        for name, keep, state in zip(cell.states, self.zoneout or (), self.states, strict=False):
            if isinstance(keep, Tensor):
                _fit(f"zoneout of {name}", keep, (D, sum(sizes), state.shape[2]))

    def _check_index(self, index: Tensor, N: int) -> None:
        _fit("index", index, (N,))
        if index.dtype != torch.int64 or index.device != self.x.device or self.x.dim() != 2:
            raise ShapeError(
                f"index is {index.dtype} on {index.device}, x {tuple(self.x.shape)} on {self.x.device}; int64 (N,) "
                "beside x (U, I) expected: convert them"
            )
        if N == 0:
            return
        low, high = (int(end) for end in index.aminmax())
        if low < 0 or high >= len(self.x):
            raise ShapeError(f"index has {low} to {high}; 0 to {len(self.x) - 1}, rows of x, expected")


def norm_shapes(cell: Cell, H: int) -> dict[str, tuple[int, ...]]:
    """Name the layer normalisation parameters of a cell and their shapes.

    Gains (`*_weight`, start at 1) and shifts (`*_bias`, start at 0) of the input product, the recurrent product and,
    where the cell normalises a state before its output (LSTM: c), of that state.

    Source: Ba, Kiros & Hinton 2016 (arXiv:1607.06450), eq. 20-22 and the supplement's GRU.

    Example:
        >>> from ostinato.cells import CELLS
        >>> norm_shapes(CELLS["gru"], 4)
        {'ih_weight': (12,), 'ih_bias': (12,), 'hh_weight': (12,), 'hh_bias': (12,)}
    """
    GH = len(cell.gates) * H
    shapes: dict[str, tuple[int, ...]] = {"ih_weight": (GH,), "ih_bias": (GH,), "hh_weight": (GH,), "hh_bias": (GH,)}
    if cell.norm_state is not None:
        shapes |= {f"{cell.norm_state}_weight": (H,), f"{cell.norm_state}_bias": (H,)}
    return shapes


def _fit(name: str, tensor: Tensor, shape: tuple[int, ...]) -> None:
    if tuple(tensor.shape) != shape:
        raise ShapeError(f"{name} has shape {tuple(tensor.shape)}; {shape} expected: make the layer's tensors agree")
