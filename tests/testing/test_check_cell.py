"""check_cell rejects a wrong backward and a poor description (wrong equations: tests/cells/test_mutants.py)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ostinato.cells import CELLS, Cell
from ostinato.testing import check_cell, mutants
from ostinato.testing.oracles import ORACLES

LSTM = CELLS["lstm"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"source": " "}, "source is empty"),
        ({"states": ("c", "h")}, "first one must be 'h'"),
        ({"gates": ("i", "f", "g", "g")}, "no name twice"),
        ({"norm_groups": (("i", "f"), ("o", "g"))}, "norm_groups"),
        ({"norm_state": "d"}, "norm_state"),
    ],
)
def test_description(change: dict[str, Any], message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        check_cell(replace(LSTM, **change))


def _wrong(cell: Cell, group: str, name: str, by: Callable[[Any], Any]) -> Cell:
    def backward(*arguments: Any) -> Any:
        right = cell.backward(*arguments)
        namespace = getattr(right, group)
        setattr(namespace, name, by(getattr(namespace, name)))
        return right

    return replace(cell, backward=backward)


@pytest.mark.parametrize("cell", CELLS.values(), ids=lambda cell: cell.name)
def test_each_gradient_matters(cell: Cell) -> None:
    places = [("wx", gate) for gate in cell.gates] + [("wh", gate) for gate in cell.gates]
    places += [("s", name) for name in cell.states] + [("p", name) for name in cell.extra]
    places += [("v", gate) for gate in cell.gates] if cell.stepwise else []
    for group, name in places:
        with pytest.raises(AssertionError, match=r"backward|through time"):
            check_cell(_wrong(cell, group, name, lambda v: 1.001 * v + 1e-3))
            pytest.fail(f"a wrong {group}.{name} was accepted", pytrace=False)


def test_every_cell_has_an_oracle() -> None:
    assert list(ORACLES) == list(CELLS)


def test_mutants_are_different_texts() -> None:
    changes = [change for change, _ in mutants(LSTM.equations)]
    assert "f * s.c + i * g -> f * s.c - i * g" in changes
    assert "F.sigmoid(wx.o + wh.o) -> F.tanh(wx.o + wh.o)" in changes
    assert "wx.i -> wx.f" in changes
    assert "h -> c" in changes
