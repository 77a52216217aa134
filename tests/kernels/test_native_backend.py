"""The native backend against the contract of all backends, the reference in float64, and its own promises."""

import gc
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import torch

from ostinato.cells import CELLS
from ostinato.kernels.native import Native, missing
from ostinato.kernels.native.library import library
from ostinato.kernels.reference import Reference
from ostinato.testing import Case, make_layer, rel_l2
from ostinato.testing.cases import map_tensors, named_tensors
from ostinato.testing.check_backend import _compare, check_backend
from ostinato.testing.mutants import mutants

pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))
NATIVE = Native()


RAGGED = Case(9, 6, 5, 19, (9, 7, 7, 3, 2, 1), bidirectional=True)


@pytest.mark.parametrize("name", CELLS)
def test_contract(name: str) -> None:
    assert check_backend(NATIVE, [CELLS[name]], torch.float32) >= 20


# Beyond one block of steps, one tile of rows, one strip of columns; and as many units as take longer blocks.
LARGE = {
    "blocks": Case(60, 9, 20, 40, tuple(range(60, 6, -6)), bidirectional=True),
    "rows": Case(3, 300, 6, 24),
    "wide": Case(4, 5, 130, 300, (4, 4, 3, 3, 1)),
    "narrow_deep": Case(200, 2, 1, 2),
    # Fewer rows than threads: several share a row's units.
    "one_row": Case(20, 1, 20, 200),
    "few_rows": Case(7, 2, 10, 150, (7, 3), bidirectional=True),
}


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("size", LARGE)
@pytest.mark.parametrize("name", CELLS)
def test_sizes_beyond_one_block(name: str, size: str, threads: int, threaded: type[Native]) -> None:
    layer = make_layer(CELLS[name], LARGE[size], torch.float32, grad=True)
    with torch.no_grad():
        for w in layer.weights:
            w.hh.mul_(0.5)  # 200 steps without a bounded activation would leave float32 otherwise
    assert _compare(threaded(threads), CELLS[name], layer, size)


@pytest.mark.parametrize("name", CELLS)
def test_random_shapes(name: str) -> None:
    generator = torch.Generator().manual_seed(3)

    def draw(low: int, high: int) -> int:
        return int(torch.randint(low, high + 1, (), generator=generator))

    for seed in range(12):
        lengths = tuple(sorted((draw(1, 12) for _ in range(draw(1, 20))), reverse=True))
        case = Case(lengths[0], len(lengths), draw(1, 40), draw(1, 70), lengths, bidirectional=draw(0, 1) == 1)
        layer = make_layer(CELLS[name], case, torch.float32, seed=seed, grad=True)
        assert _compare(NATIVE, CELLS[name], layer, str(case))


@pytest.mark.parametrize("name", CELLS)
def test_mutants_are_rejected(name: str) -> None:
    """Every cell that is wrong in one place differs from the kernel by far more than rounding."""
    layer = make_layer(CELLS[name], RAGGED, torch.float32)
    outputs, states = NATIVE.forward(CELLS[name], layer)
    exact = map_tensors(layer, torch.Tensor.double)
    for change, equations in mutants(CELLS[name].equations):
        if change == "F.norm(c) -> c":
            continue  # without layer normalisation that is no change
        try:
            others, other_states = Reference().forward(replace(CELLS[name], equations=equations), exact)
        except (RuntimeError, AttributeError, TypeError):
            continue  # the mutant does not even run
        worst = max(rel_l2(a, b) for a, b in zip((*outputs, *states), (*others, *other_states), strict=True))
        assert worst > 1e-3, change


@pytest.mark.parametrize("isa", ["baseline", "avx2"])
def test_lower_instruction_sets(isa: str) -> None:
    """Each in a process of its own, as the choice is made once."""
    script = (
        "import sys, torch\n"
        "from ostinato.kernels.native import Native, instruction_set\n"
        "from ostinato.testing.check_backend import check_backend\n"
        "if instruction_set() != sys.argv[1]: sys.exit(3)\n"
        "assert check_backend(Native(), None, torch.float32) > 100\n"
    )
    environment = {**os.environ, "OSTINATO_CPU_ISA": isa}
    result = subprocess.run([sys.executable, "-c", script, isa], env=environment, capture_output=True, text=True)
    if result.returncode == 3:
        pytest.skip(f"no library for {isa} here")
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("name", CELLS)
def test_nan_reaches_its_row_and_no_other(name: str) -> None:
    layer = make_layer(CELLS[name], Case(4, 3, 3, 5), torch.float32)
    layer.x[3 + 1, 2] = torch.nan  # step 1, row 1
    outputs, states = NATIVE.forward(CELLS[name], layer)
    y = outputs[0].view(4, 3, 5)
    assert y[1:, 1].isnan().all()
    assert states[0][0, 1].isnan().all()
    assert not y[:, [0, 2]].isnan().any()
    assert not y[0].isnan().any()


@pytest.mark.parametrize("name", CELLS)
def test_nan_in_a_weight_comes_out(name: str) -> None:
    layer = make_layer(CELLS[name], Case(2, 3, 3, 5), torch.float32)
    layer.weights[0].hh[2, 1] = torch.nan
    assert NATIVE.forward(CELLS[name], layer)[0][0].isnan().any()


@pytest.mark.parametrize("value", [torch.inf, -torch.inf, 1e30, -1e30])
@pytest.mark.parametrize("name", ["lstm", "gru", "rnn_tanh"])
def test_saturates_as_torch(name: str, value: float) -> None:
    layer = make_layer(CELLS[name], Case(2, 3, 1, 17), torch.float32, grad=True)
    exact = map_tensors(layer, lambda v: v.detach().double().requires_grad_())
    gradients = []
    for backend, its in ((NATIVE, layer), (Reference(), exact)):
        with torch.no_grad():
            its.x[4] = value
        outputs, _ = backend.forward(CELLS[name], its)
        gradients.append([outputs[0], *torch.autograd.grad(outputs[0].sum(), [its.x, its.weights[0].hh])])
    for got, wanted in zip(*gradients, strict=True):
        assert torch.allclose(got.double(), wanted, atol=1e-5, equal_nan=True)


def test_threads_agree(threaded: type[Native]) -> None:
    case = Case(40, 8, 16, 32, (40, 33, 20, 20, 9, 4, 2, 1))
    results = []
    for threads in (1, 2, 5):
        layer = make_layer(CELLS["lstm"], case, torch.float32, grad=True)
        outputs, _ = threaded(threads).forward(CELLS["lstm"], layer)
        results.append([outputs[0], *torch.autograd.grad(outputs[0].sum(), named_tensors(layer).values())])
    for other in results[1:]:
        for a, b in zip(results[0], other, strict=True):
            assert rel_l2(a, b) < 1e-6


def test_python_threads_at_once() -> None:
    layer = make_layer(CELLS["gru"], RAGGED, torch.float32, grad=True)
    wanted = NATIVE.forward(CELLS["gru"], layer)[0][0].detach()

    def once(_: int) -> bool:
        outputs, _states = NATIVE.forward(CELLS["gru"], layer)
        torch.autograd.grad(outputs[0].sum(), layer.x)
        return torch.equal(outputs[0], wanted)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(once, range(200)))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_after_fork() -> None:
    """In a process of its own: the parent's threads do not exist in the child, and it must not wait for them."""
    script = (
        "import os, sys, torch\n"
        "torch.set_num_threads(2)\n"
        "from ostinato.cells import CELLS\n"
        "from ostinato.kernels.native import Native\n"
        "from ostinato.testing import Case, make_layer\n"
        "def run():\n"
        "    layer = make_layer(CELLS['lstm'], Case(9, 6, 5, 40), torch.float32, grad=True)\n"
        "    outputs, _ = Native().forward(CELLS['lstm'], layer)\n"
        "    return torch.autograd.grad(outputs[0].sum(), layer.x)[0]\n"
        "before = run()\n"
        "child = os.fork()\n"
        "if child == 0: os._exit(0 if torch.equal(run(), before) else 1)\n"
        "sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    result = subprocess.run([sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr


def test_backward_twice() -> None:
    layer = make_layer(CELLS["lstm"], RAGGED, torch.float32, grad=True)
    loss = NATIVE.forward(CELLS["lstm"], layer)[0][0].square().sum()
    first = torch.autograd.grad(loss, layer.weights[0].hh, retain_graph=True)[0]
    assert torch.equal(first, torch.autograd.grad(loss, layer.weights[0].hh)[0])


@pytest.mark.parametrize("name", ["lstm", "lstm_peephole", "gru", "gru_reset_before", "rnn_tanh"])
def test_second_derivative(name: str) -> None:
    results = []
    for backend in (NATIVE, Reference()):
        layer = make_layer(CELLS[name], RAGGED, torch.float32, grad=True)
        outputs, _ = backend.forward(CELLS[name], layer)
        (first,) = torch.autograd.grad(torch.cat(outputs).square().sum(), layer.x, create_graph=True)
        results.append(torch.autograd.grad(first.square().sum(), layer.weights[0].hh)[0])
    assert rel_l2(results[0], results[1]) < 1e-5


def test_only_what_is_wanted() -> None:
    """Frozen weights and an input without gradient: the others are the same, bit for bit."""
    layer = make_layer(CELLS["lstm"], RAGGED, torch.float32, grad=True)
    whole = torch.autograd.grad(NATIVE.forward(CELLS["lstm"], layer)[0][0].sum(), layer.weights[0].hh)[0]
    frozen = map_tensors(layer, torch.Tensor.detach)
    frozen.weights[0].hh.requires_grad_()
    outputs, _ = NATIVE.forward(CELLS["lstm"], frozen)
    assert torch.equal(torch.autograd.grad(outputs[0].sum(), frozen.weights[0].hh)[0], whole)


def test_gradient_of_the_last_state_alone() -> None:
    got = []
    for backend in (NATIVE, Reference()):
        layer = make_layer(CELLS["lstm"], RAGGED, torch.float32, grad=True)
        _, (_, c) = backend.forward(CELLS["lstm"], layer)
        got.append(torch.autograd.grad(c.sum(), layer.x)[0])
    assert rel_l2(got[0], got[1]) < 1e-5


def test_memory_is_given_back() -> None:
    layer = make_layer(CELLS["lstm"], RAGGED, torch.float32, grad=True)

    def once(backward: bool) -> None:
        outputs, _ = NATIVE.forward(CELLS["lstm"], layer)
        if backward:
            outputs[0].sum().backward()

    once(True)
    gc.collect()
    library().ostinato_pool_trim()
    assert library().ostinato_pool_bytes() == 0
    once(True)
    gc.collect()
    held = library().ostinato_pool_bytes()
    for k in range(20):
        once(k % 2 == 0)
    gc.collect()
    assert 0 < library().ostinato_pool_bytes() <= held


def test_refuses_other_numbers() -> None:
    layer = make_layer(CELLS["lstm"], RAGGED)
    assert "float64 given" in str(NATIVE.why_not(CELLS["lstm"], layer))
