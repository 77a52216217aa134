"""Embedding and recurrent layer together: tokens that are equal are looked up and projected once."""

import copy
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from ostinato._core.errors import InputError
from ostinato.kernels import ran, use
from ostinato.kernels.native import missing
from ostinato.nn import GRU, LSTM, Embedding, LockedDropout, Recurrent, apply, pack
from ostinato.nn.distinct import PackedRows, distinct
from ostinato.tasks.network import ClassifierNetwork
from ostinato.testing import rel_l2

native_only = pytest.mark.skipif(missing() is not None, reason=str(missing()))
V, I = 60, 96  # noqa: E741  (the field's letter)


def batch(words: int = V, lengths: tuple[int, ...] = (120, 90, 90, 40, 7, 1)) -> PackedSequence:
    generator = torch.Generator().manual_seed(1)
    return pack([torch.randint(0, words, (n,), generator=generator) for n in lengths])


def together(embedding: Embedding, layer: torch.nn.Module, ids: PackedSequence) -> tuple[list[Tensor], list[Tensor]]:
    """Outputs and states; gradients of the table and of the weights."""
    output, states = layer(embedding(ids))
    results = [output.data, *(states if isinstance(states, tuple) else (states,))]
    loss = sum((v * torch.arange(v.numel()).reshape(v.shape).sin()).sum() for v in results)
    return results, list(torch.autograd.grad(loss, [*embedding.parameters(), *layer.parameters()]))


def in_torch(kind: str, ids: PackedSequence, embedding: Embedding, layer: torch.nn.Module) -> tuple[list[Tensor], ...]:
    """The same by torch's modules in float64, from the same weights."""
    table = torch.nn.Embedding(*embedding.weight.shape, padding_idx=embedding.padding_idx).double()
    table.load_state_dict(embedding.state_dict())
    options = {"num_layers": layer.num_layers, "bidirectional": layer.bidirectional}
    other = getattr(torch.nn, kind)(layer.input_size, layer.hidden_size, **options).double()
    other.load_state_dict(layer.state_dict())

    def looked_up(batch: PackedSequence) -> PackedSequence:
        return apply(table, batch)

    output, states = other(looked_up(ids))
    results = [output.data, *(states if isinstance(states, tuple) else (states,))]
    loss = sum((v * torch.arange(v.numel()).reshape(v.shape).sin()).sum() for v in results)
    return results, list(torch.autograd.grad(loss, [*table.parameters(), *other.parameters()]))


@native_only
@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
@pytest.mark.parametrize(
    ("lengths", "words"),
    [((120, 90, 90, 40, 7, 1), V), ((300,), V), ((150, 150), 1), ((1,) * 300, 5)],
    ids=["ragged", "one row", "all equal", "one step"],
)
@pytest.mark.parametrize(("layers", "both"), [(1, False), (1, True), (2, True)])
def test_equals_torch(kind: str, lengths: tuple[int, ...], words: int, layers: int, both: bool) -> None:
    from ostinato import nn

    torch.manual_seed(2)
    ids = batch(words, lengths)
    embedding = Embedding(V, I, padding_idx=0)
    layer = getattr(nn, kind)(I, 24, layers, bidirectional=both)
    wanted = in_torch(kind, ids, embedding, layer)
    with ran() as names:
        got = together(embedding, layer, ids)
    assert names == ["native"] * layers
    assert names[0].projected == len(ids.data.unique())  # once a word
    assert [name.projected for name in names[1:]] == [len(ids.data)] * (layers - 1)
    for limit, ours, theirs in zip((2e-6, 1e-5), got, wanted, strict=True):
        for a, b in zip(ours, theirs, strict=True):
            assert rel_l2(a, b) < limit
    assert not got[1][0][0].any()  # padding_idx takes no gradient


def test_where_it_does_not_pay_each_token_is_looked_up() -> None:
    ids = pack([torch.arange(200), torch.arange(200, 300)])
    assert type(Embedding(300, I)(ids)) is PackedSequence  # all different
    assert type(Embedding(V, 8)(batch())) is PackedSequence  # a product with so few inputs is cheap
    assert type(Embedding(V, I)(batch(V, (100,)))) is PackedSequence  # few tokens
    narrow = Embedding(V, 24)
    assert type(narrow(batch())) is PackedRows  # forward and backward
    with torch.no_grad():
        assert type(narrow(batch())) is PackedSequence


@native_only
def test_dropped_words_are_the_same_words() -> None:
    ids = batch()
    layer, embedding = LSTM(I, 8), Embedding(V, I, dropout=0.5)
    got = []
    for ids_given in (ids, apply(lambda data: data[:, None], ids)):  # (N, 1) is looked up token by token
        torch.manual_seed(3)
        packed = embedding(ids_given)
        assert isinstance(packed, PackedRows) == (ids_given is ids)
        vectors = apply(lambda data: data.flatten(1), packed) if ids_given is not ids else packed
        got.append(layer(vectors)[0].data)
    assert rel_l2(got[0], got[1]) < 2e-6
    assert (embedding(ids).rows == 0).all(1).any()


@pytest.mark.parametrize(("p", "training"), [(0.0, False), (0.0, True), (0.5, False), (0.5, True)])
def test_dropout_between_takes_every_token(p: float, training: bool) -> None:
    packed = Embedding(V, I)(batch())
    dropped = LockedDropout(p).train(training)(packed)
    assert isinstance(dropped, PackedRows) == (p == 0 or not training)
    if p > 0 and training:
        assert bool(((dropped.data == 0) | (dropped.data == 2 * packed.data)).all())


def test_gradient_of_equal_tokens_in_another_backend() -> None:
    ids, embedding, layer = batch(), Embedding(V, I), GRU(I, 8)
    with use("reference"), ran() as names:
        _, gradients = together(embedding, layer, ids)
    assert names == ["reference"]
    assert names[0].projected == len(ids.data)
    with use("torch"):
        for a, b in zip(gradients, together(embedding, layer, ids)[1], strict=True):
            assert rel_l2(a, b) < 1e-5


def test_sparse_gradient() -> None:
    ids, embedding = batch(), Embedding(V, I, sparse=True)
    embedding(ids).data.sum().backward()
    counts = torch.bincount(ids.data, minlength=V).float()
    gradient = embedding.weight.grad
    assert gradient is not None
    assert gradient.is_sparse
    assert torch.equal(gradient.to_dense(), counts[:, None].expand(V, I))


def test_options_that_count_tokens_look_each_up() -> None:
    assert type(Embedding(V, I, scale_grad_by_freq=True)(batch())) is PackedSequence


def test_renormalises_as_torch() -> None:
    ids, embedding = batch(), Embedding(V, I, max_norm=1.0)
    theirs = torch.nn.Embedding(V, I, max_norm=1.0)
    theirs.load_state_dict(embedding.state_dict())
    assert torch.equal(embedding(ids).data, theirs(ids.data))
    assert torch.equal(embedding.weight, theirs.weight)


@pytest.mark.parametrize("token", [-1, V])
def test_unknown_token(token: int) -> None:
    ids = batch()
    ids.data[5] = token
    with pytest.raises(InputError, match=f"token {token}"):
        Embedding(V, I)(ids)


def test_truncated_and_int32() -> None:
    embedding, layer = Embedding(V, I), Recurrent("lstm", I, 8, truncate=5)
    whole = Recurrent("lstm", I, 8)
    whole.load_state_dict(layer.state_dict())
    ids = batch()
    a, _ = layer(embedding(apply(Tensor.int, ids)))
    assert rel_l2(a.data, whole(embedding(ids))[0].data) < 2e-6


def test_is_a_packed_sequence_to_everybody() -> None:
    ids, embedding = batch(), Embedding(V, I)
    packed, plain = embedding(ids), apply(embedding, ids)
    assert isinstance(packed, PackedRows)
    assert not isinstance(plain, PackedRows)
    for a, b in zip(packed, plain, strict=True):
        assert torch.equal(a, b)
    assert torch.equal(packed[0], plain.data)
    assert torch.equal(pad_packed_sequence(packed)[0], pad_packed_sequence(plain)[0])
    theirs = torch.nn.LSTM(I, 4)
    assert torch.equal(theirs(packed)[0].data, theirs(plain)[0].data)
    assert packed.double().data.dtype == torch.float64
    assert torch.equal(packed.to("cpu").data, plain.data)
    with torch.no_grad():
        packed = embedding(ids)
    assert torch.equal(pickle.loads(pickle.dumps(packed)).data, plain.data)
    assert torch.equal(copy.deepcopy(packed).data, plain.data)


@native_only
def test_text_classifier_projects_each_word_once() -> None:
    network = ClassifierNetwork(
        outputs=2, vocabulary=V, embedding_size=I, cell="lstm", hidden_size=8, embedding_dropout=0.3, word_dropout=0.2
    )
    with ran() as names:
        network(batch())
    assert names[0].projected <= V < len(batch().data)


@given(st.lists(st.integers(-3, 40), min_size=1, max_size=60), st.integers(1, 40))
def test_distinct_is_unique(ids: list[int], size: int) -> None:
    found = distinct(torch.tensor(ids), size)
    if min(ids) < 0 or max(ids) >= size:
        assert found is None
    else:
        assert found is not None
        for got, wanted in zip(found, np.unique(ids, return_inverse=True), strict=True):
            assert got.tolist() == wanted.tolist()
