"""How a cell is run. `choose(cell, layer).forward(cell, layer)` is the whole interface.

Backends, best first: `native` (our C++, float32 on the CPU), `torch` (ATen, oneDNN, cuDNN: for the cells torch has) and
`reference` (every cell and option).

To add one (for another accelerator, say): write one file with a subclass of `Backend` that gives `name`, `why_not` (the
reason in words, or None) and `_forward` (through a `torch.autograd.Function` where autograd cannot see inside), and add
one line to `BACKENDS` in `choice.py`, before the backends it beats. What it cannot do belongs in `why_not`, never in an
`except`. `testing.check_backend` then covers it: it runs every case that `why_not` accepts.
"""

from .backend import Backend, ran
from .choice import BACKENDS, choose, explain, use
from .layer import Layer, Weights, norm_shapes
from .native.distinct import projecting_once_pays
from .precision import precision

__all__ = [
    "BACKENDS",
    "Backend",
    "Layer",
    "Weights",
    "choose",
    "explain",
    "norm_shapes",
    "precision",
    "projecting_once_pays",
    "ran",
    "use",
]
