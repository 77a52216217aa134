"""Layers whose tokens are rows of a smaller table: every backend runs them, the native one on each row once."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from ostinato._core.errors import ShapeError
from ostinato.cells import CELLS
from ostinato.kernels import BACKENDS, Layer, ran
from ostinato.kernels.native import Native, missing
from ostinato.kernels.reference import Reference
from ostinato.testing import Case, make_layer, rel_l2
from ostinato.testing.cases import map_tensors, named_tensors

native_only = pytest.mark.skipif(missing() is not None, reason=str(missing()))
RAGGED = Case(9, 6, 5, 19, (9, 7, 7, 3, 2, 1), bidirectional=True)


class Always(Native):
    """The native backend on each row once, whether it pays or not, on as many threads as asked."""

    def __init__(self, threads: int = 1) -> None:
        self.threads = threads

    def projects_once(self, cell: object, layer: Layer) -> bool:
        return True

    def run(self, name: str, layer: Layer) -> list[Tensor]:
        before = torch.get_num_threads()
        torch.set_num_threads(self.threads)
        try:
            return results(self, name, layer)
        finally:
            torch.set_num_threads(before)


def results(backend: object, name: str, layer: Layer) -> list[Tensor]:
    """Outputs, states and all gradients."""
    outputs, states = backend.forward(CELLS[name], layer)  # type: ignore[attr-defined]
    got = [*outputs, *states]
    generator = torch.Generator().manual_seed(8)
    upstream = [torch.randn(v.shape, generator=generator, dtype=torch.float64).to(v.dtype) for v in got]
    return [*got, *torch.autograd.grad(got, list(named_tensors(layer).values()), upstream)]


def layer_of(name: str, case: Case, index: Tensor, U: int) -> Layer:
    layer = make_layer(CELLS[name], case, torch.float32, seed=4, grad=True)
    x = torch.randn(U, case.I, generator=torch.Generator().manual_seed(5)).requires_grad_()
    return replace(layer, x=x, index=index)


def compare(name: str, layer: Layer, threads: int = 1) -> None:
    exact = map_tensors(layer, lambda v: v.detach().double().requires_grad_())
    wanted = results(Reference(), name, exact)
    with ran() as names:
        got = Always(threads).run(name, layer)
    assert names == ["native"]
    assert names[0].projected == len(layer.x) != len(layer.index)  # type: ignore[arg-type]
    for k, (a, b) in enumerate(zip(got, wanted, strict=True)):
        assert rel_l2(a, b) < 1e-5, k


INDEXES = {
    "few": lambda N: torch.arange(N) ** 2 % 7,
    "all_equal": lambda N: torch.zeros(N, dtype=torch.int64),
    "all_distinct_reversed": lambda N: torch.arange(N).flip(0),
    "most_rows_unused": lambda N: torch.arange(N) % 3 * 50 + 7,
}


@native_only
@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("kind", INDEXES)
@pytest.mark.parametrize("name", CELLS)
def test_rows_once(name: str, kind: str, threads: int) -> None:
    N = sum(RAGGED.lengths)
    compare(name, layer_of(name, RAGGED, INDEXES[kind](N), 200), threads)


@native_only
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    "case",
    [
        Case(60, 9, 20, 40, tuple(range(60, 6, -6)), bidirectional=True),
        Case(3, 300, 6, 24),
        Case(40, 1, 33, 65),
        Case(20, 4, 130, 260),
        Case(1, 3, 1, 1),
    ],
    ids=str,
)
@pytest.mark.parametrize("name", ["lstm", "gru", "gru_reset_before", "rnn_tanh"])
def test_sizes(name: str, case: Case, threads: int) -> None:
    N = int(case.batch_sizes().sum())
    index = torch.randint(0, 300, (N,), generator=torch.Generator().manual_seed(6)) ** 2 // 300
    compare(name, layer_of(name, case, index, 301), threads)


@native_only
@pytest.mark.parametrize("isa", ["baseline", "avx2"])
def test_lower_instruction_sets(isa: str) -> None:
    """Each in a process of its own, as the choice is made once."""
    script = (
        "import sys, torch\n"
        "from ostinato.cells import CELLS\n"
        "from ostinato.kernels.native import instruction_set\n"
        "sys.path.insert(0, sys.argv[2])\n"
        "from test_distinct import INDEXES, RAGGED, compare, layer_of\n"
        "if instruction_set() != sys.argv[1]: sys.exit(3)\n"
        "for name in CELLS:\n"
        "    compare(name, layer_of(name, RAGGED, INDEXES['few'](sum(RAGGED.lengths)), 12), 2)\n"
    )
    environment = {**os.environ, "OSTINATO_CPU_ISA": isa}
    command = [sys.executable, "-c", script, isa, str(Path(__file__).parent)]
    result = subprocess.run(command, env=environment, capture_output=True, text=True)
    if result.returncode == 3:
        pytest.skip(f"no library for {isa} here")
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_backend_takes_an_index(backend: str) -> None:
    layer = layer_of("gru", RAGGED, INDEXES["few"](sum(RAGGED.lengths)), 7)
    if BACKENDS[backend].why_not(CELLS["gru"], layer) is not None:
        pytest.skip("not here")
    whole = replace(layer, x=layer.x[layer.index], index=None)
    for a, b in zip(results(BACKENDS[backend], "gru", layer)[:3], results(Reference(), "gru", whole)[:3], strict=True):
        assert rel_l2(a, b) < 2e-6


@native_only
def test_a_row_of_nan_that_no_token_is_does_no_harm() -> None:
    layer = layer_of("lstm", RAGGED, INDEXES["few"](sum(RAGGED.lengths)), 30)
    with torch.no_grad():
        layer.x[20] = torch.nan
    for result in Always().run("lstm", layer):
        assert not result.isnan().any()


@native_only
def test_twice_differentiable() -> None:
    got = []
    for backend in (Always(), Reference()):
        layer = layer_of("lstm", RAGGED, INDEXES["few"](sum(RAGGED.lengths)), 7)
        outputs, _ = backend.forward(CELLS["lstm"], layer)
        (first,) = torch.autograd.grad(torch.cat(outputs).square().sum(), layer.x, create_graph=True)
        got.append(torch.autograd.grad(first.square().sum(), layer.weights[0].hh)[0])
    assert rel_l2(got[0], got[1]) < 1e-5


@native_only
def test_it_is_done_where_it_pays() -> None:
    case = Case(20, 4, 128, 8)
    for U, rows in ((5, 5), (75, 80)):
        layer = layer_of("lstm", case, torch.arange(80) % U, U)
        with ran() as names:
            Native().forward(CELLS["lstm"], layer)
        assert names[0].projected == rows


@pytest.mark.parametrize(
    ("index", "words"),
    [
        (torch.full((29,), 7), "0 to 6"),
        (torch.full((29,), -1), "index has -1"),
        (torch.zeros(28, dtype=torch.int64), r"\(29,\)"),
        (torch.zeros(29, dtype=torch.int32), "int64"),
    ],
)
def test_wrong_index(index: Tensor, words: str) -> None:
    with pytest.raises(ShapeError, match=words):
        Reference().forward(CELLS["lstm"], layer_of("lstm", RAGGED, index, 7))
