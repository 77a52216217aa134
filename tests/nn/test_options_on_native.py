"""The options of a layer run on our own kernels, by themselves, in training as in evaluation."""

from typing import Any

import pytest
import torch

from ostinato import kernels, nn
from ostinato.cells import CELLS
from ostinato.kernels.native import missing
from ostinato.testing import rel_l2

pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))
OPTIONS: list[dict[str, Any]] = [
    {"proj_size": 3},
    {"zoneout": 0.1},
    {"zoneout": (0.0, 0.5)},
    {"recurrent_dropout": 0.3},
    {"layer_norm": True},
    {"layer_norm": True, "zoneout": 0.2, "recurrent_dropout": 0.2, "proj_size": 2},
    {"weight_drop": 0.5, "zoneout": 0.2, "recurrent_dropout": 0.2, "proj_size": 2, "truncate": 3},
]


@pytest.fixture(autouse=True)
def _nothing_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OSTINATO_BACKEND", raising=False)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: "+".join(options))
def test_lstm(options: dict[str, Any], training: bool) -> None:
    """The same numbers as the reference's after the same seed, masks and draws among them, and the same gradients."""
    torch.manual_seed(0)
    layer = nn.LSTM(4, 7, 2, bidirectional=True, **options).train(training)
    x, results, names = torch.randn(6, 3, 4), [], []
    for backend in ("native", "reference"):
        torch.manual_seed(1)
        layer.zero_grad()
        with kernels.ran() as ran:
            if backend == "native":
                output, _ = layer(x, lengths=[6, 2, 4])
            else:
                with kernels.use(backend):
                    output, _ = layer(x, lengths=[6, 2, 4])
        output.square().sum().backward()
        results.append([output.detach(), *(p.grad for p in layer.parameters())])
        names.append(set(ran))
    assert names == [{"native"}, {"reference"}]
    for ours, theirs in zip(*results, strict=True):
        assert rel_l2(ours, theirs) < (1e-4 if "layer_norm" in options else 1e-5)  # two float32 results


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell(cell: str) -> None:
    layer = nn.Recurrent(cell, 4, 7, zoneout=0.1, recurrent_dropout=0.1, layer_norm=True)
    with kernels.ran() as ran:
        layer(torch.randn(6, 3, 4))[0].sum().backward()
        layer.eval()(torch.randn(6, 3, 4))
    assert ran == ["native", "native"]
