"""Every one-place mutant of every cell is rejected, twice: by the contract and by the independent formulation alone."""

from dataclasses import replace

import pytest
import torch

from ostinato.cells import CELLS, REAL, Cell
from ostinato.kernels.reference import Reference
from ostinato.testing import Case, check_cell, make_layer, mutants, rel_l2

# How many there are today: fewer means that `mutants` has lost a kind of change.
COUNTS = {
    "rnn_tanh": 6,
    "rnn_relu": 7,
    "rnn_identity": 4,
    "lstm": 94,
    "lstm_peephole": 124,
    "gru": 62,
    "gru_reset_before": 62,
    "gru_simple": 39,
}


@pytest.mark.parametrize("cell", CELLS.values(), ids=lambda cell: cell.name)
def test_contract_rejects_every_mutant(cell: Cell) -> None:
    count = 0
    for change, mutant in mutants(cell.equations):
        count += 1
        with pytest.raises(AssertionError):
            check_cell(replace(cell, equations=mutant))
            pytest.fail(f"accepted: {change}", pytrace=False)  # pytest's Failed is no AssertionError
    assert count == COUNTS[cell.name]


@pytest.mark.parametrize("cell", CELLS.values(), ids=lambda cell: cell.name)
def test_weakest_mutant_is_far_from_rounding(cell: Cell) -> None:
    """From random states each mutant moves outputs or states by far more than float32 rounds (5e-7)."""
    functions = replace(REAL, norm=lambda v: 0.5 * v + 0.25)
    layer = make_layer(cell, Case(3, 16, 4, 16), seed=11)
    outputs, states = Reference(functions).forward(cell, layer)
    right = torch.cat([v.flatten() for v in (*outputs, *states)])
    distances = []
    for change, mutant in mutants(cell.equations):
        outputs, states = Reference(functions).forward(replace(cell, equations=mutant), layer)
        distances.append((rel_l2(torch.cat([v.flatten() for v in (*outputs, *states)]), right), change))
    weakest, change = min(distances)
    print(f"{cell.name}: {len(distances)} mutants, the weakest ({change}) at {weakest:.2g}")  # noqa: T201
    assert len(distances) == COUNTS[cell.name]
    assert weakest > 1e-2
