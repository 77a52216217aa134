"""Tensors that do not fit together are refused before a kernel reads memory that is not there."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from ostinato._core.errors import ShapeError
from ostinato.cells import CELLS
from ostinato.kernels import BACKENDS, Layer
from ostinato.testing import Case, make_layer
from ostinato.testing.check_backend import OPTIONS

CELL = CELLS["lstm_peephole"]
LAYER = OPTIONS["norm"](CELL, make_layer(CELL, Case(3, 2, 4, 5, (3, 2), bidirectional=True)))


def _weights(**changes: Any) -> Layer:
    return replace(LAYER, weights=(LAYER.weights[0], replace(LAYER.weights[1], **changes)))


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (replace(LAYER, x=LAYER.x[1:]), r"x has shape \(4, 4\); \(5, 4\) expected"),
        (replace(LAYER, states=LAYER.states[:1]), r"1 states given; cell 'lstm_peephole' has 2: \('h', 'c'\)"),
        (replace(LAYER, states=(LAYER.states[0], LAYER.states[1][:, :1])), r"state c has shape \(2, 1, 5\)"),
        (replace(LAYER, states=tuple(s[:1] for s in LAYER.states)), r"state h has shape \(1, 2, 5\)"),
        (_weights(ih=torch.zeros(20, 3)), r"weights ih has shape \(20, 3\); \(20, 4\) expected"),
        (_weights(hh=torch.zeros(20, 4)), r"weights hh has shape"),
        (_weights(b_hh=torch.zeros(5)), r"weights b_hh has shape \(5,\); \(20,\) expected"),
        (_weights(hr=torch.zeros(2, 5)), r"weights hr has shape \(2, 5\); \(5, 5\) expected"),
        (_weights(extra={}), r"needs 'w_ci' \(5,\)"),
        (_weights(extra={**LAYER.weights[1].extra, "w_co": torch.zeros(1)}), r"weights extra w_co has shape \(1,\)"),
        (_weights(norm={}), r"weights norm has \[\]; 'ih_weight' \(20,\) expected"),
        (replace(LAYER, recurrent_mask=torch.ones(2, 5)), r"recurrent_mask has shape \(2, 5\); \(2, 2, 5\) expected"),
        (replace(LAYER, zoneout=(0.1,)), r"1 zoneout rates given"),
        (replace(LAYER, batch_sizes=torch.tensor([1, 2, 2])), r"batch_sizes are \[1, 2, 2\]"),
        (replace(LAYER, batch_sizes=LAYER.batch_sizes.int()), r"batch_sizes are torch.int32 \(3,\) on cpu; int64"),
        (replace(LAYER, batch_sizes=LAYER.batch_sizes.to("meta")), r"batch_sizes are torch.int64 \(3,\) on meta"),
        (replace(LAYER, batch_sizes=LAYER.batch_sizes[:, None]), r"batch_sizes are torch.int64 \(3, 1\) on cpu"),
        (replace(LAYER, batch_sizes=torch.tensor([3, 2])), r"batch_sizes begin with 3; at most 2 rows"),
    ],
)
def test_refused(layer: Layer, message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        BACKENDS["reference"].forward(CELL, layer)


def test_columns_without_projection() -> None:
    cell = CELLS["lstm"]
    layer = make_layer(cell, Case(2, 2, 2, 4, proj_size=3))
    without = replace(layer, weights=tuple(replace(w, hr=None) for w in layer.weights))
    with pytest.raises(ShapeError, match=r"weights hh have 3 columns; 4 expected, or projection weights hr \(3, 4\)"):
        BACKENDS["reference"].forward(cell, without)
