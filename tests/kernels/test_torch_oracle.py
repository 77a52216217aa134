"""All backends against torch.nn.RNN, LSTM and GRU with the same weights: outputs, states, gradients, every case."""

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from ostinato.cells import CELLS
from ostinato.kernels import BACKENDS
from ostinato.testing import CASES, Case, make_layer, rel_l2
from ostinato.testing.cases import map_tensors, named_tensors

KINDS: dict[str, Any] = {
    "rnn_tanh": torch.nn.RNN,
    "rnn_relu": lambda *a, **k: torch.nn.RNN(*a, nonlinearity="relu", **k),
    "lstm": torch.nn.LSTM,
    "gru": torch.nn.GRU,
}
SMALL = {name: case for name, case in CASES.items() if not case.bench}


def _torch(name: str, case: Case, layer: Any) -> tuple[list[Tensor], dict[str, Tensor]]:
    """The oracle's outputs and states, and the tensors to differentiate by, under our names."""
    options = {"proj_size": case.proj_size} if case.proj_size else {}
    module = KINDS[name](case.I, case.H, bidirectional=case.bidirectional, dtype=layer.x.dtype, **options)
    tensors = {"x": layer.x.detach().requires_grad_()}
    tensors |= {f"state {k}": s.detach().requires_grad_() for k, s in enumerate(layer.states)}
    with torch.no_grad():
        for d, (w, suffix) in enumerate(zip(layer.weights, ("", "_reverse"), strict=False)):
            theirs = {"ih": "weight_ih", "hh": "weight_hh", "b_ih": "bias_ih", "b_hh": "bias_hh", "hr": "weight_hr"}
            for ours, key in theirs.items():
                parameter = getattr(module, f"{key}_l0{suffix}", None)
                value = getattr(w, ours)
                if parameter is not None:
                    parameter.copy_(torch.zeros_like(parameter) if value is None else value)
                if value is not None:
                    tensors[f"{ours} of direction {d}"] = parameter
    hx = tuple(tensors[f"state {k}"] for k in range(len(layer.states)))
    output, states = module(PackedSequence(tensors["x"], layer.batch_sizes), hx if len(hx) > 1 else hx[0])
    return [output.data, *(states if isinstance(states, tuple) else (states,))], tensors


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("name", "case"),
    [(name, case) for name in KINDS for case in SMALL if name == "lstm" or not SMALL[case].proj_size],
)
@pytest.mark.parametrize(
    ("dtype", "limit", "gradient_limit"), [(torch.float64, 1e-12, 1e-12), (torch.float32, 2e-6, 1e-5)]
)
def test_equals_torch(
    backend: str, name: str, case: str, dtype: torch.dtype, limit: float, gradient_limit: float
) -> None:
    shape, cell = SMALL[case], CELLS[name]
    layer = make_layer(cell, shape, dtype, grad=True)
    if (reason := BACKENDS[backend].why_not(cell, layer)) is not None:
        pytest.skip(reason)
    # The oracle is always float64, on the same numbers.
    wanted, their_tensors = _torch(name, shape, map_tensors(layer, lambda v: v.detach().double()))
    outputs, states = BACKENDS[backend].forward(cell, layer)
    got = [torch.cat(outputs, -1), *states]
    for ours, theirs in zip(got, wanted, strict=True):
        assert rel_l2(ours, theirs) <= limit

    upstream = [torch.randn(v.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64) for v in wanted]
    own = named_tensors(layer)
    assert own.keys() == their_tensors.keys()
    gradients = torch.autograd.grad(got, list(own.values()), [v.to(dtype) for v in upstream])
    their_gradients = dict(
        zip(their_tensors, torch.autograd.grad(wanted, list(their_tensors.values()), upstream), strict=True)
    )
    for key, gradient in zip(own, gradients, strict=True):
        assert rel_l2(gradient, their_gradients[key]) <= gradient_limit, key
