"""The CRF against enumeration of all tag sequences, in float64; and what is forbidden stays impossible."""

from itertools import pairwise, product

import pytest
import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from ostinato._core.errors import InputError, ShapeError
from ostinato.nn import CRF, pack, unpack

C, LENGTHS = 3, (2, 4, 1, 4)


def _crf(masked: bool = False) -> CRF:
    allowed = torch.tensor([[1, 0, 1], [1, 1, 0], [0, 1, 1]]) if masked else None
    crf = CRF(C, allowed, [1, 1, 0] if masked else None, [0, 1, 1] if masked else None).double()
    for parameter in crf.parameters():
        torch.nn.init.normal_(parameter)
    return crf


def _rows() -> list[Tensor]:
    return [torch.randn(length, C, dtype=torch.float64) for length in LENGTHS]


def _score(crf: CRF, row: Tensor, tags: tuple[int, ...]) -> Tensor:
    """The definition, written out."""
    transitions, start, end = crf._scores()
    score = start[tags[0]] + end[tags[-1]]
    for step, tag in enumerate(tags):
        score = score + row[step, tag]
    for before, now in pairwise(tags):
        score = score + transitions[before, now]
    return score


def _all(crf: CRF, row: Tensor) -> dict[tuple[int, ...], Tensor]:
    return {tags: _score(crf, row, tags) for tags in product(range(C), repeat=len(row))}


@pytest.mark.parametrize("masked", [False, True])
def test_log_partition_is_the_sum_over_all_sequences(masked: bool) -> None:
    crf, rows = _crf(masked), _rows()
    packed = pack(rows)
    expected = torch.stack([torch.logsumexp(torch.stack(list(_all(crf, row).values())), 0) for row in rows])
    assert packed.sorted_indices is not None
    torch.testing.assert_close(crf.log_partition(packed), expected[packed.sorted_indices], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("masked", [False, True])
def test_log_likelihood_is_the_sequences_share(masked: bool) -> None:
    crf, rows = _crf(masked), _rows()
    chosen = [max(_all(crf, row), key=lambda tags: tags[::-1]) for row in rows]
    if masked:  # one that the masks allow
        chosen = [max((s.item(), tags) for tags, s in _all(crf, row).items())[1] for row in rows]
    packed, tags = pack(rows), pack([torch.tensor(t) for t in chosen])
    expected = [
        _score(crf, row, t) - torch.logsumexp(torch.stack(list(_all(crf, row).values())), 0)
        for row, t in zip(rows, chosen, strict=True)
    ]
    found = crf(packed, tags.data)
    assert packed.sorted_indices is not None
    torch.testing.assert_close(found, torch.stack(expected)[packed.sorted_indices], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("masked", [False, True])
def test_decode_is_the_best_sequence(masked: bool) -> None:
    crf, rows = _crf(masked), _rows()
    expected = [max(_all(crf, row).items(), key=lambda item: item[1].item())[0] for row in rows]
    assert [tuple(row.tolist()) for row in unpack(crf.decode(pack(rows)))] == expected


@pytest.mark.parametrize("masked", [False, True])
def test_marginals_are_sums_over_sequences(masked: bool) -> None:
    crf, rows = _crf(masked), _rows()
    for row, found in zip(rows, unpack(crf.marginals(pack(rows))), strict=True):
        expected = torch.zeros(len(row), C, dtype=torch.float64)
        scores = _all(crf, row)
        chances = torch.stack(list(scores.values())).softmax(0)
        for tags, chance in zip(scores, chances, strict=True):
            expected[torch.arange(len(row)), list(tags)] += chance.detach()
        torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-12)
        torch.testing.assert_close(found.sum(1), torch.ones(len(row), dtype=torch.float64))


def test_gradient() -> None:
    crf, packed = _crf(), pack(_rows())
    tags = torch.randint(C, (len(packed.data),))

    def loss(data: Tensor, *_: Tensor) -> Tensor:
        return crf(PackedSequence(data, packed.batch_sizes), tags).sum()

    assert torch.autograd.gradcheck(loss, (packed.data.requires_grad_(), *crf.parameters()))


def test_the_forbidden_is_never_decoded_and_has_no_probability() -> None:
    crf = CRF(2, allowed=[[True, False], [True, True]], allowed_start=[True, False])
    rows = [torch.tensor([[0.0, 50.0]] * 4)]  # everything speaks for tag 1, which only tag 1 may come before
    assert crf.decode(pack(rows)).data.tolist() == [0, 0, 0, 0]
    assert crf.marginals(pack(rows)).data[:, 1].tolist() == [0.0] * 4
    assert crf(pack(rows), torch.ones(4, dtype=torch.int64)).item() < -1e11


def test_a_tag_that_cannot_be_reached_gives_no_nan() -> None:
    crf = CRF(2, allowed=[[True, False], [False, False]], allowed_start=[True, False])
    loss = crf(pack([torch.randn(5, 2)]), torch.zeros(5, dtype=torch.int64)).sum()
    loss.backward()
    assert loss.item() == 0.0
    assert all(bool(p.grad.isfinite().all()) for p in crf.parameters() if p.grad is not None)


def test_batch_mates_do_not_matter() -> None:
    crf, rows = _crf(), _rows()
    together = unpack(crf.marginals(pack(rows)))
    for row, found in zip(rows, together, strict=True):
        torch.testing.assert_close(crf.marginals(pack([row])).data, found, rtol=1e-12, atol=1e-12)


def test_long_sequences_stay_finite() -> None:
    packed = pack([torch.randn(2000, 5) * 20])
    crf = CRF(5)
    assert bool(crf.marginals(packed).data.isfinite().all())
    assert bool(crf(packed, crf.decode(packed).data).isfinite().all())


def test_wrong_shapes() -> None:
    crf = CRF(3)
    with pytest.raises(ShapeError, match=r"expected \(N, 3\)"):
        crf.decode(pack([torch.zeros(2, 4)]))
    with pytest.raises(ShapeError, match=r"expected \(2,\), one a token"):
        crf(pack([torch.zeros(2, 3)]), torch.zeros(3, dtype=torch.int64))
    with pytest.raises(ShapeError, match="mask of transitions"):
        CRF(3, allowed=[[True]])
    with pytest.raises(InputError, match="mask of end allows nothing"):
        CRF(2, allowed_end=[False, False])
