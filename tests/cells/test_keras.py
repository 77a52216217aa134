"""Our cells with converted weights against Keras' own outputs (tests/golden/make_keras.py wrote them, in float64)."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from ostinato.cells import CELLS
from ostinato.cells.convert import from_keras, to_keras
from ostinato.kernels import BACKENDS, Layer, Weights
from ostinato.testing import rel_l2

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parents[1] / "golden" / "keras.json").read_text(encoding="utf-8"))
VERSIONS = GOLDEN.pop("versions")


def _tensor(values: Any) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


@pytest.mark.parametrize("name", GOLDEN)
def test_outputs_and_states(name: str) -> None:
    golden = GOLDEN[name]
    parameters = from_keras(name, [_tensor(w) for w in golden["weights"]])
    x = _tensor(golden["x"]).transpose(0, 1)  # (T, B, I)
    T, B, _ = x.shape
    weights = Weights(
        parameters["weight_ih"], parameters["weight_hh"], parameters["bias_ih"], parameters.get("bias_hh")
    )
    states = tuple(_tensor(s)[None] for s in golden["states"])
    layer = Layer(x.flatten(0, 1), torch.full((T,), B), (weights,), states)
    cell = CELLS[name]
    able = [backend for backend in BACKENDS.values() if backend.why_not(cell, layer) is None]
    assert able
    for backend in able:
        (output,), final = backend.forward(cell, layer)
        assert rel_l2(output.view(T, B, -1).transpose(0, 1), _tensor(golden["output"])) < 1e-12
        for ours, theirs in zip(final, golden["final"], strict=True):
            assert rel_l2(ours[0], _tensor(theirs)) < 1e-12


@pytest.mark.parametrize("name", GOLDEN)
def test_round_trip(name: str) -> None:
    theirs = [_tensor(w) for w in GOLDEN[name]["weights"]]
    back = to_keras(name, from_keras(name, theirs))
    assert all(torch.equal(a, b) for a, b in zip(back, theirs, strict=True))
    assert len(back) == len(theirs)
