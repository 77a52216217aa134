"""The classifier's network against the same thing written with torch's own layers, in float64."""

import pytest
import torch
from torch import Tensor, nn

from ostinato.nn import pack
from ostinato.tasks import ClassifierNetwork


def _by_hand(network: ClassifierNetwork, row: Tensor) -> Tensor:
    """One row at a time, torch's LSTM, pooling spelled out."""
    ours = network.recurrent
    lstm = nn.LSTM(ours.input_size, ours.hidden_size, ours.num_layers, bidirectional=True, dtype=torch.float64)
    lstm.load_state_dict(ours.state_dict())
    x = row if network.embedding is None else network.embedding.weight[row]
    y, (h, _) = lstm(x)
    weight = (y @ network.pooling.query).softmax(0)
    pooled = torch.cat([y.mean(0), h[-2], h[-1], y.max(0).values, (y * weight[:, None]).sum(0)])
    return network.linear.weight @ pooled + network.linear.bias


@pytest.mark.parametrize("tokens", [True, False])
@pytest.mark.parametrize("num_layers", [1, 2])
def test_against_torch(tokens: bool, num_layers: int) -> None:
    torch.manual_seed(0)
    network = ClassifierNetwork(
        outputs=3,
        vocabulary=11 if tokens else 0,
        channels=4,
        embedding_size=5,
        cell="lstm",
        hidden_size=7,
        num_layers=num_layers,
        bidirectional=True,
        pooling=("mean", "last", "max", "attention"),
        dropout=0.5,
        word_dropout=0.5,
    ).double()
    nn.init.normal_(network.pooling.query)
    network.eval()
    lengths = [3, 1, 8, 5, 8]
    rows = [torch.randint(11, (T,)) if tokens else torch.randn(T, 4, dtype=torch.float64) for T in lengths]
    packed = pack(rows)
    expected = torch.stack([_by_hand(network, row) for row in rows])[packed.sorted_indices]
    torch.testing.assert_close(network(packed), expected, rtol=1e-12, atol=1e-12)


def test_words_are_dropped_in_training_alone() -> None:
    network = ClassifierNetwork(
        outputs=1, vocabulary=4, embedding_size=2, word_dropout=0.25, unknown=3, cell="gru", hidden_size=2
    )
    tokens = torch.zeros(10_000, dtype=torch.int64)
    dropped = network._drop_words(tokens)
    assert set(dropped.tolist()) == {0, 3}
    assert abs((dropped == 3).float().mean().item() - 0.25) < 0.02
    assert network.eval()._drop_words(tokens) is tokens


def test_embedding_can_be_frozen() -> None:
    network = ClassifierNetwork(outputs=1, vocabulary=4, freeze_embedding=True, cell="gru", hidden_size=2)
    network(pack([torch.tensor([1, 2])])).sum().backward()
    assert network.embedding is not None and network.embedding.weight.grad is None
    assert network.linear.weight.grad is not None
