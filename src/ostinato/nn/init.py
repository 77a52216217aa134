"""What the parameters of a recurrent layer start from."""

import math
from collections.abc import Callable, Iterable

import torch
from torch import Tensor
from torch.nn import init

from ostinato.cells import Cell
from ostinato.nn.options import Options
from ostinato.nn.parameters import Slot


@torch.no_grad()
def initialise(parameters: Iterable[tuple[Slot, Tensor]], cell: Cell, H: int, options: Options) -> None:
    """Draw every parameter of a layer.

        "torch"        U(-1/√H, 1/√H) for all, drawn in torch's order: the same seed gives the same values as torch
        "orthogonal"   recurrent matrices orthogonal a gate (Saxe et al. 2014, arXiv:1312.6120), input matrices Glorot
                       uniform a gate (Glorot and Bengio 2010), biases and extra vectors 0

    Layer normalisation starts at gain 1 and shift 0 with either. `forget_bias` sets the forget gate's whole bias,
    and the second vector, if there is one, to 0 (Gers et al. 2000; Jozefowicz et al. 2015 recommend 1).

    Args:
        parameters: the parameters with what they are, in the order of drawing.
        cell: the cell.
        H: hidden units.
        options: the layer's options; `init` and `forget_bias` are read.
    """
    fill: Callable[[Slot, Tensor, int], None] = _orthogonal if options.init == "orthogonal" else _uniform
    for slot, tensor in parameters:
        if slot.part.startswith("norm."):
            init.ones_(tensor) if slot.part.endswith("weight") else init.zeros_(tensor)
        else:
            fill(slot, tensor, H)
        if options.forget_bias is not None and slot.part in ("b_ih", "b_hh"):
            forget = cell.gates.index("f")
            tensor[forget * H : (forget + 1) * H] = options.forget_bias if slot.part == "b_ih" else 0.0


def _uniform(slot: Slot, tensor: Tensor, H: int) -> None:
    bound = 1 / math.sqrt(H)
    init.uniform_(tensor, -bound, bound)


def _orthogonal(slot: Slot, tensor: Tensor, H: int) -> None:
    if slot.part == "ih":
        for gate in tensor.split(H):
            init.xavier_uniform_(gate)
    elif slot.part == "hh":
        for gate in tensor.split(H):
            init.orthogonal_(gate)
    elif slot.part == "hr":
        init.orthogonal_(tensor)
    else:
        init.zeros_(tensor)
