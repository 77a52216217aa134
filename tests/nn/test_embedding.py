"""Embedding: torch's numbers, packed batches, ready vectors, whole words dropped."""

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import PackedSequence

from ostinato._core.errors import InputError, NotFiniteError, ShapeError
from ostinato.nn import Embedding, pack


def test_equals_torch() -> None:
    torch.manual_seed(0)
    ours = Embedding(7, 3, padding_idx=0)
    torch.manual_seed(0)
    theirs = torch.nn.Embedding(7, 3, padding_idx=0)
    ids = torch.tensor([[0, 1, 6], [2, 2, 0]])
    assert torch.equal(ours(ids), theirs(ids))
    ours(ids).square().sum().backward()
    theirs(ids).square().sum().backward()
    assert torch.equal(ours.weight.grad, theirs.weight.grad)
    assert ours.state_dict().keys() == theirs.state_dict().keys()
    assert repr(ours) == repr(theirs)


def test_lecture_count() -> None:
    assert sum(p.numel() for p in Embedding(10_000, 128, device="meta").parameters()) == 1_280_000


def test_packed() -> None:
    packed = pack([torch.tensor([1]), torch.tensor([2, 3])])
    layer = Embedding(5, 3)
    output = layer(packed)
    assert torch.equal(output.data, layer.weight[packed.data])
    assert output.sorted_indices is packed.sorted_indices


def test_from_vectors() -> None:
    vectors = np.arange(6.0).reshape(3, 2)
    frozen = Embedding.from_vectors(vectors, freeze=True)
    trained = Embedding.from_vectors(torch.from_numpy(vectors), padding_idx=0, dropout=0.5)
    assert frozen.weight.dtype == torch.float32
    assert not frozen.weight.requires_grad
    assert trained.weight.requires_grad
    assert trained.weight.dtype == torch.float64
    assert trained.padding_idx == 0
    assert trained.dropout == 0.5
    assert frozen(torch.tensor([2])).tolist() == [[4, 5]]
    vectors[:] = 0
    assert frozen(torch.tensor([2])).tolist() == [[4, 5]]
    assert trained.eval()(torch.tensor([2])).tolist() == [[4, 5]]


def test_whole_words_are_dropped_everywhere_at_once() -> None:
    torch.manual_seed(0)
    layer = Embedding.from_vectors(np.ones((50, 4)), dropout=0.4)
    ids = torch.arange(50).repeat(3)
    y = layer(ids).view(3, 50, 4)
    assert bool((y == y[:1, :, :1]).all())
    assert y.unique().tolist() == pytest.approx([0, 1 / 0.6])
    share = torch.stack([(layer(ids)[:50, 0] == 0).float().mean() for _ in range(200)]).mean()
    assert float(share) == pytest.approx(0.4, abs=0.02)
    assert bool((layer.eval()(ids) == 1).all())


def test_errors() -> None:
    layer = Embedding(5, 2)
    with pytest.raises(InputError, match=r"token 5; expected 0 to 4; use the vocabulary"):
        layer(torch.tensor([1, 5]))
    with pytest.raises(InputError, match="token -1; expected 0 to 4"):
        layer(torch.tensor([1, -1]))
    with pytest.raises(InputError, match=r"tokens are torch\.float32; expected int64"):
        layer(torch.tensor([1.0]))
    with pytest.raises(ShapeError, match=r"vectors of shape \(3,\); expected \(V, features\)"):
        Embedding.from_vectors([1.0, 2.0, 3.0])
    with pytest.raises(NotFiniteError, match="NaN or infinity in row 1"):
        Embedding.from_vectors([[1.0, 2.0], [np.nan, 0.0]])
    with pytest.raises(InputError, match=r"dropout=1.5"):
        Embedding(5, 2, dropout=1.5)


def test_from_vectors_of_words() -> None:
    vectors = {"cat": np.array([1.0, 2.0]), "dog": np.array([3.0, -4.0]), "unused": np.array([9.0, 9.0])}
    layer = Embedding.from_vectors(vectors, vocabulary={"<pad>": 0, "dog": 1, "heron": 2, "cat": 3}, padding_idx=0)
    assert layer.coverage == 0.5 and layer.weight.shape == (4, 2)
    assert layer.weight[[0, 1, 3]].tolist() == [[0, 0], [3, -4], [1, 2]]
    assert layer.weight[2].abs().sum() > 0 and layer.weight.requires_grad
    assert not Embedding.from_vectors(vectors, vocabulary=["dog", "cat"], freeze=True).weight.requires_grad
    with pytest.raises(InputError, match="none of the 1 words"):
        Embedding.from_vectors(vectors, vocabulary=["Cat"])
    with pytest.raises(InputError, match="need a vocabulary"):
        Embedding.from_vectors(vectors)
    with pytest.raises(InputError, match="need a vocabulary"):
        Embedding.from_vectors([[1.0]], vocabulary=["a"])
    with pytest.raises(ShapeError, match="shapes"):
        Embedding.from_vectors({"a": [1.0], "b": [1.0, 2.0]}, vocabulary=["a", "b"])


@pytest.mark.parametrize("count", [5, 4_000])  # of many tokens, each different one is looked up once
def test_scale(count: int) -> None:
    layer, ids = Embedding(6, 32, scale=3.0), torch.arange(count) % 6
    packed = layer(PackedSequence(ids, torch.tensor([count])))
    torch.testing.assert_close(packed.data, 3 * layer.weight[ids])
    torch.testing.assert_close(layer(ids), 3 * layer.weight[ids])
    assert "scale=3" in repr(layer)
