"""Packing is torch's, and the index arithmetic is right for every ragged batch."""

import hypothesis
import hypothesis.strategies as st
import pytest
import torch
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence, pad_packed_sequence

from ostinato._core.errors import InputError, ShapeError
from ostinato.nn import packed as p

ragged = st.lists(st.integers(1, 6), min_size=1, max_size=7)
quick = hypothesis.settings(max_examples=40, deadline=None)


def _sequences(lengths: list[int]) -> list[torch.Tensor]:
    return [torch.randn(n, 2) for n in lengths]


def _same(ours: PackedSequence, theirs: PackedSequence) -> None:
    assert torch.equal(ours.batch_sizes, theirs.batch_sizes)
    for a, b in zip(p.unpack(ours), p.unpack(theirs), strict=True):
        assert torch.equal(a, b)


@quick
@hypothesis.given(ragged)
def test_pack_equals_torch(lengths: list[int]) -> None:
    sequences = _sequences(lengths)
    ours, theirs = p.pack(sequences), pack_sequence(sequences, enforce_sorted=False)
    _same(ours, theirs)
    padded, length = pad_packed_sequence(ours, batch_first=True)
    assert length.tolist() == lengths
    for row, sequence in zip(padded, sequences, strict=True):
        assert torch.equal(row[: len(sequence)], sequence)


@quick
@hypothesis.given(ragged, st.booleans(), st.integers(0, 2))
def test_pack_padded_equals_torch_and_comes_back(lengths: list[int], batch_first: bool, more: int) -> None:
    T = max(lengths) + more
    x = torch.randn(len(lengths), T, 2)
    for row, n in enumerate(lengths):
        x[row, n:] = torch.nan  # never read
    given = x if batch_first else x.transpose(0, 1)
    ours = p.pack_padded(given, lengths, batch_first)
    _same(ours, pack_padded_sequence(given, torch.tensor(lengths), batch_first, enforce_sorted=False))
    back, length = p.unpack_padded(ours, batch_first, total_length=T, padding_value=torch.nan)
    assert length.tolist() == lengths
    assert torch.equal(back.nan_to_num(7.0), given.nan_to_num(7.0))
    default, _ = p.unpack_padded(ours, batch_first)
    theirs, _ = pad_packed_sequence(ours, batch_first)
    assert torch.equal(default, theirs)


@quick
@hypothesis.given(ragged)
def test_unpack_inverts_pack(lengths: list[int]) -> None:
    sequences = _sequences(lengths)
    for a, b in zip(p.unpack(p.pack(sequences)), sequences, strict=True):
        assert torch.equal(a, b)


@quick
@hypothesis.given(ragged)
def test_indices_agree_with_a_loop(lengths: list[int]) -> None:
    lengths = sorted(lengths, reverse=True)
    pairs = [(t, b) for t in range(lengths[0]) for b in range(len(lengths)) if t < lengths[b]]
    batch_sizes = p.batch_sizes_of(torch.tensor(lengths))
    assert p.lengths(batch_sizes).tolist() == lengths
    assert p.steps(batch_sizes).tolist() == [t for t, _ in pairs]
    assert p.rows(batch_sizes).tolist() == [b for _, b in pairs]
    turned = [pairs.index((lengths[b] - 1 - t, b)) for t, b in pairs]
    assert p.reverse_index(batch_sizes).tolist() == turned


def test_pack_dense_is_a_view() -> None:
    x = torch.randn(4, 3, 2)
    packed = p.pack_dense(x)
    assert packed.data.data_ptr() == x.data_ptr()
    assert packed.batch_sizes.tolist() == [3, 3, 3, 3]
    assert torch.equal(p.pack_dense(x.transpose(0, 1), batch_first=True).data, packed.data)


def test_gradient_goes_to_real_tokens_alone() -> None:
    x = torch.randn(2, 3, 1, requires_grad=True)
    p.pack_padded(x, [1, 3], batch_first=True).data.sum().backward()
    assert x.grad is not None
    assert x.grad[..., 0].tolist() == [[1, 0, 0], [1, 1, 1]]


def test_tokens_of_numbers_and_words_keep_their_dtype() -> None:
    assert p.pack([torch.tensor([3, 4])]).data.dtype == torch.int64
    assert p.unpack_padded(p.pack([torch.tensor([3, 4])]))[0].dtype == torch.int64


@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        ([2, 0], r"row 1 has length 0; expected at least 1 and at most 3.*drop"),
        ([2, 4], r"row 1 has length 4; .*at most 3, the steps of the input"),
        ([-1, 1], r"row 0 has length -1"),
        ([1], r"got 1 lengths; expected 2"),
        ([1.0, 2.0], r"expected one integer a row"),
        ([[1, 2]], r"expected one integer a row"),
        ([True, True], r"expected one integer a row"),
    ],
)
def test_wrong_lengths(lengths: list[int], message: str) -> None:
    with pytest.raises(InputError, match=message):
        p.pack_padded(torch.zeros(3, 2, 1), lengths)


def test_wrong_sequences() -> None:
    with pytest.raises(InputError, match="got no sequences"):
        p.pack([])
    with pytest.raises(InputError, match="row 1 has length 0"):
        p.pack([torch.zeros(1, 2), torch.zeros(0, 2)])
    with pytest.raises(ShapeError, match=r"sequence 1 has shape \(1, 3\); expected \(T, 2\)"):
        p.pack([torch.zeros(1, 2), torch.zeros(1, 3)])
    with pytest.raises(InputError, match="total_length=1; expected at least 2"):
        p.unpack_padded(p.pack([torch.zeros(2)]), total_length=1)
