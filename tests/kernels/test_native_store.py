"""Packed weights are kept between predictions, and never taken for others."""

import copy
import itertools
import pickle
import threading
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from ostinato import kernels, nn
from ostinato.kernels.native import missing

pytestmark = pytest.mark.skipif(missing() is not None, reason=f"no native library: {missing()}")


def predicted(module: nn.Recurrent, x: Tensor) -> Tensor:
    with torch.no_grad():
        return module(x)[0]


def expected(module: nn.Recurrent, x: Tensor) -> Tensor:
    with torch.no_grad(), kernels.use("reference"):
        return module(x)[0]


def one_number(weight: Tensor) -> None:
    weight.numpy().flat[-1] += 0.5  # torch does not see it


def one_bit(weight: Tensor) -> None:
    weight.view(torch.int32).numpy().flat[0] ^= 1 << 22  # of the mantissa, the greatest


def two_signs(weight: Tensor) -> None:
    flat = weight.numpy().reshape(-1)
    flat[1] *= -1
    flat[129 if len(flat) > 129 else 3] *= -1


def all_signs(weight: Tensor) -> None:
    weight.data.mul_(-1)


def two_places(weight: Tensor) -> None:
    flat = weight.numpy().reshape(-1)
    flat[0], flat[-1] = float(flat[-1]), float(flat[0])


CHANGES = (one_number, one_bit, two_signs, all_signs, two_places)


@pytest.mark.parametrize(("change", "settings"), list(itertools.product(CHANGES, ({}, {"proj_size": 5}))))
def test_changed_weights_are_seen(change: Callable[[Tensor], None], settings: dict[str, int]) -> None:
    module = nn.LSTM(6, 20, 2, **settings)
    x = torch.randn(3, 4, 6)
    for name, parameter in module.named_parameters():
        before = predicted(module, x)
        change(parameter.detach())
        after = predicted(module, x)
        torch.testing.assert_close(after, expected(module, x), rtol=1e-4, atol=1e-5, msg=lambda m, n=name: f"{n}: {m}")
        assert not torch.equal(before, after), name


def test_weights_that_move() -> None:
    """Other memory with other numbers, and the old memory with the numbers of another layer."""
    module, other, x = nn.GRU(6, 20), nn.GRU(6, 20), torch.randn(3, 4, 6)
    predicted(module, x)
    module.weight_hh_l0.data = other.weight_hh_l0.data
    torch.testing.assert_close(predicted(module, x), expected(module, x), rtol=1e-4, atol=1e-5)
    module.load_state_dict(other.state_dict())
    assert torch.equal(predicted(module, x), predicted(other, x))


def test_training_between_predictions() -> None:
    module, x = nn.LSTM(6, 20, bidirectional=True), torch.randn(3, 4, 6)
    optimizer = torch.optim.Adam(module.parameters(), lr=0.1)
    for _ in range(3):
        module(x)[0].square().sum().backward()
        optimizer.step()
        torch.testing.assert_close(predicted(module, x), expected(module, x), rtol=1e-4, atol=1e-5)


def test_copies_begin_empty() -> None:
    module, x = nn.LSTM(6, 20), torch.randn(3, 4, 6)
    y = predicted(module, x)
    for twin in (copy.deepcopy(module), pickle.loads(pickle.dumps(module)), copy.copy(module)):
        assert torch.equal(predicted(twin, x), y)
    other = copy.deepcopy(module)
    assert other._stores[0].address != module._stores[0].address


def test_several_threads_predict_with_one_layer_while_another_changes_it() -> None:
    """Whoever predicts gets the numbers of old weights or of new ones, and memory stays whole."""
    module, x = nn.LSTM(6, 20), torch.randn(3, 4, 6)
    weights = [{name: p.clone() for name, p in nn.LSTM(6, 20).state_dict().items()} for _ in range(2)]
    possible = []
    for each in weights:
        module.load_state_dict(each)
        possible.append(expected(module, x))
    wrong: list[Tensor] = []
    gate = threading.Lock()  # weights are not changed while somebody reads them: that would be the user's own race

    def predict() -> None:
        for _ in range(200):
            with gate:
                y = predicted(module, x)
            if not any(torch.allclose(y, one, rtol=1e-4, atol=1e-5) for one in possible):
                wrong.append(y)

    def reload() -> None:
        for k in range(100):
            with gate:
                module.load_state_dict(weights[k % 2])

    together = [threading.Thread(target=predict) for _ in range(3)] + [threading.Thread(target=reload)]
    for thread in together:
        thread.start()
    for thread in together:
        thread.join()
    assert not wrong


def test_several_threads_at_once() -> None:
    module, x = nn.GRU(6, 20, bidirectional=True), torch.randn(3, 4, 6)
    y, results = expected(module, x), []

    def predict() -> None:
        results.extend(predicted(module, x) for _ in range(100))

    threads = [threading.Thread(target=predict) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 400
    assert all(torch.allclose(result, y, rtol=1e-4, atol=1e-5) for result in results)
