"""What the native kernels refuse: memory they cannot read, and whoever wants to look inside."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.autograd import forward_ad

from ostinato import kernels, nn
from ostinato._core.errors import InputError
from ostinato.cells import CELLS
from ostinato.kernels import Layer
from ostinato.kernels.native import Native, library, missing
from ostinato.testing import Case, make_layer, rel_l2

CELL = CELLS["lstm_peephole"]
LAYER = make_layer(CELL, Case(3, 2, 4, 5, (3, 2), bidirectional=True), torch.float32)


def _changed(part: str, change: Any) -> Layer:
    """LAYER with one tensor changed: of the layer, or of its second direction."""
    if part == "x":
        return replace(LAYER, x=change(LAYER.x))
    if part == "states":
        return replace(LAYER, states=(LAYER.states[0], change(LAYER.states[1])))
    w = LAYER.weights[1]
    if part == "extra":
        return replace(
            LAYER, weights=(LAYER.weights[0], replace(w, extra={**w.extra, "w_co": change(w.extra["w_co"])}))
        )
    return replace(LAYER, weights=(LAYER.weights[0], replace(w, **{part: change(getattr(w, part))})))


@pytest.mark.parametrize("part", ["x", "states", "ih", "hh", "b_ih", "b_hh", "extra"])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda v: v.to("meta"), "a tensor on meta given"),
        (torch.Tensor.double, "torch.float64 given"),
        (torch.Tensor.to_sparse, "a torch.sparse_coo tensor given"),
    ],
)
def test_every_tensor_is_looked_at(part: str, change: Any, words: str) -> None:
    assert words in str(Native().why_not(CELL, _changed(part, change)))


def test_nothing_to_refuse() -> None:
    assert Native().why_not(CELL, LAYER) == missing()


@pytest.mark.parametrize("machine", ["x86_64", "arm64"])
@pytest.mark.parametrize("cap", ["avx3", "neon", "avx2"])
def test_instruction_set_of_another_kind(cap: str, machine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library.platform, "machine", lambda: machine)
    monkeypatch.setenv("OSTINATO_CPU_ISA", cap)
    allowed = {"x86_64": ("baseline", "avx2", "avx512"), "arm64": ("neon",)}[machine]
    if cap in allowed:
        assert set(library._able()) <= set(allowed[: allowed.index(cap) + 1])
        return
    with pytest.raises(InputError, match=f"OSTINATO_CPU_ISA is {cap!r}; one of {', '.join(allowed)} expected"):
        library._able()


def _layers() -> tuple[nn.LSTM, torch.nn.LSTM, Tensor]:
    torch.manual_seed(0)
    ours, theirs = nn.LSTM(3, 4), torch.nn.LSTM(3, 4)
    theirs.load_state_dict(ours.state_dict())
    return ours, theirs, torch.randn(5, 2, 3)


def test_functional_gradient_equals_torch() -> None:
    ours, theirs, x = _layers()

    def loss(weights: dict[str, Tensor], layer: torch.nn.Module) -> Tensor:
        return torch.func.functional_call(layer, weights, (x,))[0].square().sum()

    with kernels.ran() as names:
        got = torch.func.grad(loss)(dict(ours.named_parameters()), ours)
    assert names == ["torch"]
    wanted = torch.func.grad(loss)(dict(theirs.named_parameters()), theirs)
    assert max(rel_l2(got[name], wanted[name]) for name in wanted) < 1e-5


def test_forward_mode_is_right() -> None:
    """By the reference: torch's own kernels have no forward mode, and say so."""
    ours, _, x = _layers()
    tangent = torch.randn_like(x)
    with kernels.use("reference"), forward_ad.dual_level():
        found = forward_ad.unpack_dual(ours(forward_ad.make_dual(x, tangent))[0]).tangent
    step = 1e-3
    with torch.no_grad():
        wanted = (ours(x + step * tangent)[0] - ours(x - step * tangent)[0]) / (2 * step)
    assert rel_l2(found, wanted) < 1e-3


def test_forward_mode_is_never_zero_in_silence() -> None:
    ours, _, x = _layers()
    with torch.no_grad(), forward_ad.dual_level():  # no autograd.Function stands in the way
        dual = forward_ad.make_dual(x, torch.ones_like(x))
        try:
            found = forward_ad.unpack_dual(ours(dual)[0]).tangent
        except (NotImplementedError, RuntimeError):
            return
    assert found is not None
    assert bool(found.any())


@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning", "ignore:.*torch.jit:DeprecationWarning")
def test_trace_follows_its_input() -> None:
    ours, _, x = _layers()
    traced = torch.jit.trace(ours, (x,), check_trace=False)
    torch.testing.assert_close(traced(2 * x)[0], ours(2 * x)[0])


@pytest.mark.filterwarnings("ignore")  # torch says where it breaks its graph
def test_compiled_code_runs() -> None:
    ours, _, x = _layers()
    compiled = torch.compile(ours, backend="eager")
    torch.testing.assert_close(compiled(x), ours(x))
    compiled(x)[0].sum().backward()
    assert ours.weight_ih_l0.grad is not None
