"""The held-out part: classes in proportion, each kept for training, the same for the same seed."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato.tasks.held_out import hold_out


@settings(deadline=None)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=200), st.floats(0, 0.95), st.integers(0, 2**31))
def test_split(codes: list[int], fraction: float, seed: int) -> None:
    y = np.asarray(codes)
    train, held = hold_out(y, fraction, seed)
    assert sorted([*train, *held]) == list(range(len(y)))
    assert set(y[train]) == set(y)  # no class is lost to training
    assert len(held) <= round(len(y) * fraction)
    for code in set(codes):
        share = np.sum(y == code) * fraction
        assert np.sum(y[held] == code) <= share + 1 + fraction * len(set(codes))
    again = hold_out(y, fraction, seed)
    assert np.array_equal(again[0], train) and np.array_equal(again[1], held)


def test_proportions_and_draws() -> None:
    y = np.repeat([0, 1, 2], [900, 90, 10])
    train, held = hold_out(y, 0.1, 0)
    assert np.bincount(y[held]).tolist() == [90, 9, 1] and len(train) == 900
    assert not np.array_equal(held, hold_out(y, 0.1, 1)[1])
    counts = sum(np.isin(np.arange(1000), hold_out(y, 0.1, seed)[1]) for seed in range(300))
    assert counts.min() > 5 and counts.max() < 65  # each row about 30 times


def test_indicator() -> None:
    y = np.array([[0, 1], [1, 0]] * 20)
    assert y[hold_out(y, 0.1, 0)[1]].sum(axis=0).tolist() == [2, 2]
