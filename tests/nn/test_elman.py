"""The lectures' network computes the lectures' numbers."""

import pytest
import torch

from ostinato._core.errors import ShapeError
from ostinato.nn import ElmanNetwork, pack

X = torch.tensor([[0.1, 0.4], [0.7, 0.9]], dtype=torch.float64)


@pytest.fixture
def lecture() -> ElmanNetwork:
    network = ElmanNetwork(2, 1, dtype=torch.float64)
    with torch.no_grad():
        network.w.copy_(torch.tensor([[0.7, 0.3]]))
        network.u.fill_(0.4)
        network.w0.fill_(0.4)
        network.beta.fill_(1)
        network.beta0.zero_()
    return network


def test_worked_example(lecture: ElmanNetwork) -> None:
    O = lecture(X).detach().flatten()  # noqa: E741
    assert O.tolist() == pytest.approx([0.5299, 0.8791], abs=5e-5)
    assert float(torch.atanh(O[1])) == pytest.approx(1.3720, abs=5e-5)
    assert [abs(0.3 - float(O[0])), abs(0.5 - float(O[1]))] == pytest.approx([0.2299, 0.3791], abs=5e-5)


def test_loss_reads_the_last_output_alone(lecture: ElmanNetwork) -> None:
    assert lecture.loss(X[:1], [0.3]).item() == pytest.approx(0.2299**2, abs=1e-4)
    loss = lecture.loss(X, [0.5])
    assert loss.item() == pytest.approx(0.3791**2, abs=1e-4)
    loss.backward()
    assert lecture.beta0.grad is not None
    assert float(lecture.beta0.grad) == pytest.approx(2 * 0.3791, abs=1e-4)


def test_equals_the_formula_by_hand() -> None:
    torch.manual_seed(0)
    network = ElmanNetwork(3, 4, 2, nonlinearity="relu", dtype=torch.float64)
    x = torch.randn(5, 3, dtype=torch.float64)
    A, outputs = torch.zeros(4, dtype=torch.float64), []
    for step in x:
        A = torch.relu(network.w0 + network.w @ step + network.u @ A)
        outputs.append(network.beta0 + network.beta @ A)
    torch.testing.assert_close(network(x), torch.stack(outputs), rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(network.last(x), outputs[-1], rtol=1e-12, atol=1e-12)


def test_ragged_rows_sum_and_mean() -> None:
    network = ElmanNetwork(2, 3, batch_first=True)
    rows, y = [torch.randn(2, 2), torch.randn(4, 2)], [1.0, 2.0]
    padded = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
    each = [network.loss(row, [target]) for row, target in zip(rows, y, strict=True)]
    torch.testing.assert_close(network.loss(padded, y, lengths=[2, 4]), each[0] + each[1])
    torch.testing.assert_close(network.loss(pack(rows), y, reduction="mean"), (each[0] + each[1]) / 2)
    assert network(pack(rows)).data.shape == (6, 1)


def test_learns_the_running_sum() -> None:
    torch.manual_seed(0)
    network = ElmanNetwork(1, 4, nonlinearity="identity")
    optimiser = torch.optim.Adam(network.parameters(), 0.02)
    x = torch.randn(6, 64, 1)
    for _ in range(300):
        optimiser.zero_grad()
        loss = network.loss(x, x.sum(0), reduction="mean")
        loss.backward()
        optimiser.step()
    assert loss.item() < 1e-2


def test_wrong_targets() -> None:
    with pytest.raises(ShapeError, match=r"target has shape \(3,\); expected \(2, 1\)"):
        ElmanNetwork(1, 2).loss(torch.zeros(4, 2, 1), [1.0, 2.0, 3.0])
