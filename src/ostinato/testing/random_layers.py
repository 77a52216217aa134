"""Layers of random shape with random options: what no table of cases thinks of."""

from dataclasses import replace
from random import Random

import torch
from torch import Tensor

from ..cells import CELLS, Cell
from ..kernels import Layer, Weights, norm_shapes
from ..kernels.zoneout import drawn
from .cases import Case, make_layer

# Where tiles of rows, vectors of units and blocks of tokens begin and end.
_EDGES = (1, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65)


def random_layer(seed: int, dtype: torch.dtype = torch.float32) -> tuple[Cell, Layer, str]:
    """Draw a cell, a layer for it and a description of both.

    Every part may be there or not: ragged rows, a second direction, a projection, a mask, zoneout (as a rate or drawn),
    layer normalisation, tokens from a table, gaps in memory, each bias, initial states other than zero, and whether the
    tensors need gradients. Weights are as wide as torch's fresh ones, so that float32 can follow float64 over 40 steps.

    When to use: to try a backend on many layers; the seed of one that fails draws it again.

    Args:
        seed: any number; the same seed, the same layer.
        dtype: of its numbers, which are drawn in float64 and rounded.

    Example:
        >>> random_layer(0)[2] == random_layer(0)[2]
        True
    """
    random = Random(f"layer {seed}")
    cell = random.choice(list(CELLS.values()))
    lengths = _lengths(random)
    projected = cell.projects and random.random() < 0.3
    case = Case(
        T=lengths[0],
        B=len(lengths),
        I=_size(random),
        H=_size(random, 2),
        lengths=lengths,
        bidirectional=random.random() < 0.4,
        proj_size=_size(random) if projected else 0,
        strided=random.random() < 0.1,
    )
    layer = make_layer(cell, case, dtype, seed=seed)
    said = [f"T={case.T} B={case.B} I={case.I} H={case.H} P={case.proj_size or case.H} D={case.D}"]
    said.append("ragged" if lengths[-1] < lengths[0] else "even")
    biases = random.choice(["two biases", "two biases", "b_ih alone", "b_hh alone", "no bias"])
    said.append(biases)
    weights = tuple(_weights(w, case, biases) for w in layer.weights)
    if random.random() < 0.3:
        layer = replace(layer, states=tuple(torch.zeros_like(state) for state in layer.states))
        said.append("zero states")
    generator = torch.Generator().manual_seed(seed)
    if random.random() < 0.2:
        layer = _table(layer, random, generator)
        said.append(f"table of {len(layer.x)}")
    elif random.random() < 0.25 and case.H >= 4 and case.I >= 2:
        weights = tuple(replace(w, norm=_norm(cell, case.H, dtype, generator)) for w in weights)
        said.append("norm")
    layer = replace(layer, weights=weights)
    if random.random() < 0.25:
        kept = torch.rand(layer.states[0].shape, generator=generator) > 0.3
        layer = replace(layer, recurrent_mask=kept.to(dtype) / 0.7)
        said.append("mask")
    if random.random() < 0.25:
        layer = replace(layer, zoneout=tuple(round(random.random(), 2) for _ in cell.states))
        said.append(f"zoneout {layer.zoneout}")
        if random.random() < 0.5:
            with torch.random.fork_rng([]):
                torch.manual_seed(seed)
                layer = replace(drawn(replace(layer, training=True)), training=False)
            said.append("drawn")
    layer = _asked(layer, random, said)
    return cell, layer, f"cell {cell.name!r}, {', '.join(said)}"


def _lengths(random: Random) -> tuple[int, ...]:
    T, B = random.choice([1, 2, 3, 5, 8, 13, 40]), random.choice([1, 1, 2, 3, 4, 5, 7, 8, 13, 17, 33])
    if random.random() < 0.4:
        return (T,) * B
    return tuple(sorted((random.randint(1, T) for _ in range(B)), reverse=True))


def _size(random: Random, wider: int = 1) -> int:
    """An edge, or any number, and now and then a large one."""
    kind = random.random()
    if kind < 0.5:
        return random.choice(_EDGES)
    return random.randint(1, 70) if kind < 0.95 else random.randint(71, 160 * wider)


def _weights(w: Weights, case: Case, biases: str) -> Weights:
    """Recurrent weights as spread as torch's, input weights so that no gate is shut, and those biases."""
    return replace(
        w,
        ih=w.ih * min(1.0, (case.H / case.I) ** 0.5),
        hh=w.hh * 3**-0.5,
        b_ih=w.b_ih if biases in ("two biases", "b_ih alone") else None,
        b_hh=w.b_hh if biases in ("two biases", "b_hh alone") else None,
    )


def _table(layer: Layer, random: Random, generator: torch.Generator) -> Layer:
    """Few rows, so that each is projected once, or many; some of them no token."""
    N = len(layer.x)
    rows = random.choice([1, 2, max(1, N // 8), N, N + 3])
    index = torch.randint(rows, (N,), generator=generator)
    x = torch.randn(rows, layer.x.shape[1], generator=generator, dtype=torch.float64).to(layer.x.dtype)
    return replace(layer, x=x, index=index)


def _norm(cell: Cell, H: int, dtype: torch.dtype, generator: torch.Generator) -> dict[str, Tensor]:
    def draw(shape: tuple[int, ...]) -> Tensor:
        return torch.randn(shape, generator=generator, dtype=torch.float64).to(dtype)

    return {name: draw(shape) for name, shape in norm_shapes(cell, H).items()}


def _asked(layer: Layer, random: Random, said: list[str]) -> Layer:
    """Let all tensors need gradients, or the weights alone, or all but them."""
    kind = random.choice(["all", "all", "all", "weights", "inputs"])
    if kind != "weights":
        for tensor in (layer.x, *layer.states):
            tensor.requires_grad_()
    if kind != "inputs":
        for w in layer.weights:
            own = (w.ih, w.hh, w.b_ih, w.b_hh, w.hr, *w.extra.values(), *(w.norm or {}).values())
            for tensor in (t for t in own if t is not None):
                tensor.requires_grad_()
    said.append(f"gradients of {kind}")
    return layer
