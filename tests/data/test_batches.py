"""Batches: packing against torch's, every row once, the same in every run."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence

from ostinato._core.errors import InputError, ShapeError
from ostinato.data import Batch, Batches

lengths_lists = st.lists(st.integers(1, 20), min_size=1, max_size=40)


def tokens(lengths: list[int]) -> list[np.ndarray]:
    return [np.random.default_rng(row).integers(0, 99, length) for row, length in enumerate(lengths)]


def numbers(lengths: list[int], width: int = 3) -> list[np.ndarray]:
    return [np.random.default_rng(row).normal(size=(length, width)) for row, length in enumerate(lengths)]


def same(one: Batch, two: Batch) -> bool:
    return (
        torch.equal(one.inputs.data, two.inputs.data)
        and torch.equal(one.inputs.batch_sizes, two.inputs.batch_sizes)
        and torch.equal(one.index, two.index)
    )


@settings(deadline=None)
@given(
    make=st.sampled_from([tokens, numbers]),
    lengths=lengths_lists,
    batch_size=st.integers(1, 9),
    max_tokens=st.none() | st.integers(1, 60),
    shuffle=st.booleans(),
    bucket=st.booleans(),
    epoch=st.integers(0, 3),
)
def test_packs_as_torch_does(make, lengths, batch_size, max_tokens, shuffle, bucket, epoch) -> None:
    rows = make(lengths)
    targets = torch.arange(len(rows)) * 10
    batches = Batches(
        rows, targets, targets / 2, batch_size=batch_size, max_tokens=max_tokens, shuffle=shuffle, bucket=bucket, seed=7
    )
    seen = []
    drawn = list(batches.epoch(epoch))
    assert len(drawn) == batches.count(epoch)
    for batch in drawn:
        index = batch.index.tolist()
        wanted = pack_sequence([torch.from_numpy(rows[row]) for row in index])  # raises unless longest first
        torch.testing.assert_close(batch.inputs.data, wanted.data.to(batch.inputs.data.dtype), rtol=0, atol=0)
        assert torch.equal(batch.inputs.batch_sizes, wanted.batch_sizes)
        assert batch.inputs.sorted_indices is None
        assert batch.targets.tolist() == [row * 10 for row in index]
        assert batch.weights.tolist() == [row * 5 for row in index]
        assert batch.tokens == sum(lengths[row] for row in index)
        assert len(batch) <= batch_size if max_tokens is None else batch.tokens <= max_tokens or len(batch) == 1
        seen += index
    assert sorted(seen) == list(range(len(rows)))


def test_dtypes() -> None:
    (batch,) = Batches([np.array([1, 2], np.int32)])
    assert batch.inputs.data.dtype == torch.int64
    (batch,) = Batches([np.ones((2, 3))])
    assert batch.inputs.data.dtype == torch.float32
    (batch,) = Batches([torch.ones(2, 3, dtype=torch.float64)])
    assert batch.inputs.data.dtype == torch.float32
    assert (batch.targets, batch.weights) == (None, None)


def test_rows_stay_what_they_were() -> None:
    rows = tokens([3, 1, 2])
    (batch,) = Batches(rows)
    padded, lengths = pad_packed_sequence(batch.inputs, batch_first=True)
    for row, length, original in zip(padded, lengths, batch.index, strict=True):
        assert row[:length].tolist() == rows[original].tolist()


@settings(max_examples=30, deadline=None)
@given(lengths_lists, st.none() | st.integers(5, 60), st.integers(0, 2), st.integers(0, 2))
def test_same_seed_same_batches_and_resume(lengths, max_tokens, seed, epoch) -> None:
    one, two = (Batches(tokens(lengths), batch_size=3, max_tokens=max_tokens, seed=seed) for _ in range(2))
    list(one.epoch(epoch + 1))  # an epoch does not depend on those before
    all_of_it = list(one.epoch(epoch))
    for start in range(len(all_of_it) + 2):
        rest = list(two.epoch(epoch, start))
        assert len(rest) == max(0, len(all_of_it) - start)
        assert all(same(a, b) for a, b in zip(all_of_it[start:], rest, strict=True))


def test_other_seed_or_epoch_other_batches() -> None:
    rows = tokens([5] * 100)
    order = [
        torch.cat([batch.index for batch in Batches(rows, seed=seed).epoch(epoch)]).tolist()
        for seed, epoch in [(0, 0), (0, 1), (1, 0)]
    ]
    assert order[0] != order[1] != order[2] != order[0]


def test_buckets_hold_similar_lengths() -> None:
    lengths = np.random.default_rng(0).integers(1, 500, 3200).tolist()
    rows = tokens(lengths)

    def waste(**options) -> float:  # what padding would cost
        return sum(len(b) * len(b.inputs.batch_sizes) for b in Batches(rows, **options)) / sum(lengths)

    assert waste() < 1.05
    assert waste(max_tokens=8000) < 1.1
    assert waste(bucket=False) > 1.5


def test_company_changes_between_epochs() -> None:
    rows = tokens(np.random.default_rng(0).integers(1, 500, 3200).tolist())
    batches = Batches(rows)
    first, second = ({frozenset(batch.index.tolist()) for batch in batches.epoch(epoch)} for epoch in (0, 1))
    assert len(first & second) < 5


def test_without_shuffling() -> None:
    rows = tokens([2, 5, 3, 4])
    in_order = [batch.index.tolist() for batch in Batches(rows, batch_size=2, shuffle=False, bucket=False)]
    assert in_order == [[1, 0], [3, 2]]
    sorted_ones = [batch.index.tolist() for batch in Batches(rows, batch_size=2, shuffle=False)]
    assert sorted_ones == [[2, 0], [1, 3]]


def test_to_device() -> None:
    (batch,) = Batches([np.ones((2, 3))], [1], [1.0])
    moved = batch.to("meta")
    assert moved.inputs.data.device.type == moved.targets.device.type == moved.weights.device.type == "meta"
    assert moved.inputs.batch_sizes.device.type == moved.index.device.type == "cpu"


def test_one_long_row_among_short_ones_costs_its_tokens_only() -> None:
    rows = [np.zeros(2_000_000, np.int64), *(np.zeros(1, np.int64) for _ in range(1000))]
    (batch,) = Batches(rows, batch_size=2000)  # B x T would be 16 GB
    assert batch.tokens == 2_001_000


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Batches([]), InputError, "0 rows"),
        (lambda: Batches([[1], []]), ShapeError, "row 1: 0 steps"),
        (lambda: Batches([[1], [0.5]]), InputError, "row 1: dtype float64"),
        (lambda: Batches([[[1.0]], [[1.0, 2.0]]]), ShapeError, "row 1: 2 inputs a step: expected 1"),
        (lambda: Batches([[1], [2]], [1]), ShapeError, r"targets of shape \(1,\): expected 2 rows"),
        (lambda: Batches([[1]], [1], 1.0), ShapeError, r"weights of shape \(\)"),
        (lambda: Batches([[1]], batch_size=0), InputError, "batch_size 0"),
        (lambda: Batches([[1]], max_tokens=0), InputError, "max_tokens 0"),
        (lambda: list(Batches([[1]]).epoch(-1)), InputError, "epoch -1"),
        (lambda: list(Batches([[1]]).epoch(0, -2)), InputError, "start -2"),
    ],
)
def test_errors(make, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()
