"""One table of named shapes for forward, backward, benchmarks and the support page: add a row, and all see it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ..cells import Cell
from ..kernels import Layer, Weights


@dataclass(frozen=True)
class Case:
    """One shape.

    Args:
        T: steps of the longest row.
        B: rows.
        I: inputs.
        H: hidden units.
        lengths: steps of each row, descending; empty: all T.
        num_layers: layers (a backend runs one at a time; modules and benchmarks read this).
        bidirectional: whether there is a second direction.
        proj_size: P of a projected output; 0: none.
        strided: whether the input is a view with gaps in memory.
        single_bias: whether there is one bias instead of torch's two.
        bench: whether the row is for benchmarks and too big for tests.
    """

    T: int
    B: int
    I: int  # noqa: E741  (the field's letter)
    H: int
    lengths: tuple[int, ...] = ()
    num_layers: int = 1
    bidirectional: bool = False
    proj_size: int = 0
    strided: bool = False
    single_bias: bool = False
    bench: bool = False

    @property
    def D(self) -> int:
        """Directions."""
        return 2 if self.bidirectional else 1

    def batch_sizes(self) -> Tensor:
        """Rows alive at each step, (T,) int64."""
        lengths = torch.tensor(self.lengths or (self.T,) * self.B)
        return (lengths[:, None] > torch.arange(self.T)).sum(0)


CASES: dict[str, Case] = {
    "plain": Case(T=5, B=3, I=4, H=6),
    "one_step": Case(T=1, B=3, I=4, H=5),
    "one_row": Case(T=6, B=1, I=3, H=5),
    "one_unit": Case(T=4, B=3, I=2, H=1),
    "one_input": Case(T=4, B=2, I=1, H=3),
    "all_one": Case(T=1, B=1, I=1, H=1),
    "odd_units": Case(T=4, B=5, I=7, H=17),
    "ragged": Case(T=7, B=5, I=3, H=4, lengths=(7, 5, 5, 2, 1)),
    "ragged_steps": Case(T=4, B=4, I=3, H=4, lengths=(4, 3, 2, 1)),
    "both_directions": Case(T=5, B=3, I=4, H=6, bidirectional=True),
    "both_ragged": Case(T=7, B=4, I=3, H=5, lengths=(7, 4, 4, 1), bidirectional=True),
    "deep": Case(T=5, B=3, I=4, H=6, lengths=(5, 4, 1), num_layers=3, bidirectional=True),
    "projected": Case(T=5, B=3, I=4, H=6, lengths=(5, 3, 3), bidirectional=True, proj_size=2),
    "strided": Case(T=5, B=3, I=4, H=6, lengths=(5, 4, 2), strided=True),
    "single_bias": Case(T=5, B=3, I=4, H=6, lengths=(5, 4, 2), bidirectional=True, single_bias=True),
    "wider_than_vector": Case(T=3, B=9, I=33, H=65, lengths=(3, 3, 3, 2, 2, 2, 1, 1, 1)),
    # Benchmarks: the shapes on which the kernels were first measured, and one ragged batch of reviews.
    "imdb": Case(T=500, B=32, I=128, H=128, bench=True),
    "imdb_ragged": Case(T=500, B=32, I=128, H=128, lengths=tuple(500 - 15 * k for k in range(32)), bench=True),
    "small": Case(T=200, B=32, I=32, H=32, bench=True),
    "ner": Case(T=30, B=32, I=100, H=200, bidirectional=True, bench=True),
    "lm-650": Case(T=35, B=20, I=650, H=650, num_layers=2, bench=True),
    "wide": Case(T=100, B=64, I=512, H=512, bench=True),
    "forecast": Case(T=24, B=64, I=3, H=12, bench=True),
    "one": Case(T=500, B=1, I=128, H=128, bench=True),
}


def small_cases() -> Iterator[tuple[str, Case]]:
    """Yield name and case of each row that is small enough for a test."""
    return ((name, case) for name, case in CASES.items() if not case.bench)


def make_layer(
    cell: Cell, case: Case, dtype: torch.dtype = torch.float64, device: str = "cpu", seed: int = 0, grad: bool = False
) -> Layer:
    """Draw a layer of the case's shape: inputs, weights, biases and initial states, none of them zero.

    The numbers are drawn in float64 and rounded, so the float32 layer of a seed is the float64 one rounded.

    Args:
        cell: gives gates, states and extra vectors.
        case: the shape; its `num_layers` is not for this.
        dtype: of all tensors but `batch_sizes`.
        device: of all tensors but `batch_sizes`.
        seed: of the draw.
        grad: whether all tensors require gradients.
    """
    generator = torch.Generator().manual_seed(seed)
    P = case.proj_size or case.H
    G, H, scale = len(cell.gates), case.H, case.H**-0.5

    def draw(*shape: int, by: float = 1.0) -> Tensor:
        numbers = torch.randn(*shape, generator=generator, dtype=torch.float64) * by
        return numbers.to(device, dtype).requires_grad_(grad)

    batch_sizes = case.batch_sizes()
    N = int(batch_sizes.sum())
    x = draw(N, 2 * case.I)[:, ::2] if case.strided else draw(N, case.I)
    weights = tuple(
        Weights(
            ih=draw(G * H, case.I, by=scale),
            hh=draw(G * H, P, by=scale),
            b_ih=draw(G * H, by=scale),
            b_hh=None if case.single_bias else draw(G * H, by=scale),
            hr=draw(P, H, by=scale) if case.proj_size else None,
            extra={name: draw(H, by=scale) for name in cell.extra},
        )
        for _ in range(case.D)
    )
    states = tuple(draw(case.D, case.B, P if name == cell.states[0] else H) for name in cell.states)
    return Layer(x=x, batch_sizes=batch_sizes, weights=weights, states=states)


def named_tensors(layer: Layer) -> dict[str, Tensor]:
    """Name every floating-point tensor of a layer: x, the states, each direction's parameters."""
    tensors = {"x": layer.x} | {f"state {k}": state for k, state in enumerate(layer.states)}
    for d, w in enumerate(layer.weights):
        own = {"ih": w.ih, "hh": w.hh, "b_ih": w.b_ih, "b_hh": w.b_hh, "hr": w.hr, **w.extra, **(w.norm or {})}
        tensors |= {f"{name} of direction {d}": tensor for name, tensor in own.items() if tensor is not None}
    return tensors


def map_tensors(layer: Layer, f: Callable[[Tensor], Tensor]) -> Layer:
    """Apply `f` to every floating-point tensor of a layer: to cast it, detach it, or put other numbers in place."""

    def maybe(tensor: Tensor | None) -> Tensor | None:
        return None if tensor is None else f(tensor)

    weights = tuple(
        Weights(
            ih=f(w.ih),
            hh=f(w.hh),
            b_ih=maybe(w.b_ih),
            b_hh=maybe(w.b_hh),
            hr=maybe(w.hr),
            extra={name: f(tensor) for name, tensor in w.extra.items()},
            norm=None if w.norm is None else {name: f(tensor) for name, tensor in w.norm.items()},
        )
        for w in layer.weights
    )
    return replace(
        layer,
        x=f(layer.x),
        weights=weights,
        states=tuple(f(state) for state in layer.states),
        recurrent_mask=maybe(layer.recurrent_mask),
        zoneout=layer.zoneout and tuple(f(keep) if isinstance(keep, Tensor) else keep for keep in layer.zoneout),
    )
