"""Steps one by one against the same steps in one call."""

import pytest
import torch

from ostinato._core.errors import BackendError, ShapeError
from ostinato.cells import CELLS
from ostinato.kernels.native import Native, missing
from ostinato.kernels.native.stepper import Stepper
from ostinato.testing import Case, make_layer, rel_l2

pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))


@pytest.mark.parametrize("B", [1, 3])
@pytest.mark.parametrize("name", CELLS)
def test_same_as_the_whole(name: str, B: int) -> None:
    layer = make_layer(CELLS[name], Case(5, B, 3, 17), torch.float32)
    outputs, finals = Native().forward(CELLS[name], layer)
    step = Stepper(CELLS[name], layer.weights[0])
    states = [state[0].clone() for state in layer.states]
    for t in range(5):
        step(layer.x[t * B : (t + 1) * B], *states)
        assert rel_l2(states[0], outputs[0][t * B : (t + 1) * B]) < 1e-6
    for state, final in zip(states, finals, strict=True):
        assert rel_l2(state, final[0]) < 1e-6


def test_refuses_what_does_not_fit() -> None:
    layer = make_layer(CELLS["gru"], Case(1, 1, 3, 4), torch.float32)
    step = Stepper(CELLS["gru"], layer.weights[0])
    with pytest.raises(ShapeError, match=r"x is torch.float32 \(1, 2\)"):
        step(torch.zeros(1, 2), torch.zeros(1, 4))
    with pytest.raises(ShapeError, match=r"x is torch.float32 \(1, 3\) on meta"):
        step(torch.zeros(1, 3, device="meta"), torch.zeros(1, 4))
    with pytest.raises(ShapeError, match=r"a state is .* on meta"):
        step(torch.zeros(1, 3), torch.zeros(1, 4, device="meta"))
    with pytest.raises(ShapeError, match="a state is"):
        step(torch.zeros(1, 3), torch.zeros(2, 4))
    with pytest.raises(ShapeError, match="0 states given; 1 expected"):
        step(torch.zeros(1, 3))
    with pytest.raises(BackendError, match="float64 given"):
        Stepper(CELLS["gru"], make_layer(CELLS["gru"], Case(1, 1, 3, 4)).weights[0])
