"""check_backend passes our backends and rejects broken ones, one fault at a time."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from ostinato.cells import CELLS, Cell
from ostinato.kernels import BACKENDS, Backend, Layer
from ostinato.kernels.native import missing
from ostinato.kernels.reference import Reference
from ostinato.testing import check_backend

# Layers accepted today; a smaller number means that a backend has begun to refuse what it ran.
ACCEPTED = {"native": 120, "torch": 65, "reference": 154}
F32, F64 = torch.float32, torch.float64


@pytest.mark.parametrize(
    ("name", "dtype"), [("native", F32), ("torch", F32), ("torch", F64), ("reference", F32), ("reference", F64)]
)
def test_our_backends(name: str, dtype: torch.dtype) -> None:
    if name == "native" and (reason := missing()) is not None:
        pytest.skip(reason)
    assert check_backend(BACKENDS[name], dtype=dtype) >= ACCEPTED[name]


Result = tuple[list[Tensor], tuple[Tensor, ...]]


class Broken(Reference):
    """The reference with one fault."""

    name = "broken"

    def __init__(
        self, fault: Callable[[Layer, Result], Result], before: Callable[[Layer], Layer] = lambda v: v
    ) -> None:
        super().__init__()
        self.fault, self.before = fault, before

    def _forward(self, cell: Cell, layer: Layer) -> Result:
        return self.fault(layer, super()._forward(cell, self.before(layer)))


def _same(layer: Layer, result: Result) -> Result:
    return result


def _last_of_prefix(layer: Layer, result: Result) -> Result:
    """The last state of all rows taken at the last step, as if none had ended before."""
    outputs, states = result
    b = int(layer.batch_sizes[-1])
    h = states[0].clone()
    h[0, :b] = outputs[0][-b:]
    h[0, b:] = 0
    return outputs, (h, *states[1:])


FAULTS = {
    "outputs off by 1e-5": Broken(lambda layer, r: ([v * (1 + 1e-5) for v in r[0]], r[1])),
    "states detached": Broken(lambda layer, r: (r[0], tuple(v.detach() + 0 * r[0][0].sum() for v in r[1]))),
    "initial state ignored": Broken(_same, lambda v: replace(v, states=tuple(0 * s for s in v.states))),
    "directions swapped": Broken(lambda layer, r: (r[0][::-1], r[1])),
    "ended rows lost": Broken(_last_of_prefix),
    "one bias lost": Broken(_same, lambda v: replace(v, weights=tuple(replace(w, b_hh=None) for w in v.weights))),
    "mask ignored": Broken(_same, lambda v: replace(v, recurrent_mask=None)),
    "zoneout ignored": Broken(_same, lambda v: replace(v, zoneout=None)),
    "norm ignored": Broken(_same, lambda v: replace(v, weights=tuple(replace(w, norm=None) for w in v.weights))),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_broken_backends(fault: str) -> None:
    with pytest.raises((AssertionError, RuntimeError), match=r"broken|One of the differentiated"):
        check_backend(FAULTS[fault], cells=[CELLS["lstm"]])


def test_a_backend_that_refuses_everything() -> None:
    class Lazy(Reference):
        name = "lazy"

        def why_not(self, cell: Cell, layer: Layer) -> str | None:
            return "not today"

    lazy: Backend = Lazy()
    with pytest.raises(AssertionError, match="'lazy' refused every layer"):
        check_backend(lazy)
