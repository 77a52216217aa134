"""Streams: every token once, in order, the state carried where the text goes on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato._core.errors import InputError
from ostinato.data import Streams


@given(st.integers(1, 60), st.integers(1, 9), st.integers(1, 12), st.booleans(), st.integers(0, 3))
def test_every_token_is_a_target_once(count: int, streams: int, length: int, vary: bool, epoch: int) -> None:
    text = np.arange(10, 10 + count)
    rows: dict[int, list[tuple[int, int]]] = {}
    begun = 0
    for piece in Streams(text, before=2, streams=streams, length=length, vary=vary).epoch(epoch):
        begun += piece.begins
        assert piece.begins == (not rows)
        inputs, targets = piece.inputs.data.tolist(), piece.targets.tolist()
        at = 0
        for alive in piece.inputs.batch_sizes.tolist():
            for row in range(alive):
                rows.setdefault(row, []).append((inputs[at + row], targets[at + row]))
            at += alive
        assert at == len(targets) and len(piece.index) == piece.inputs.batch_sizes[0]
    joined = [pair for row in sorted(rows) for pair in rows[row]]
    assert [target for _, target in joined] == text.tolist()
    assert [read for read, _ in joined] == [2, *text[:-1]]
    assert begun == 1


def test_later_pieces_are_those_of_the_whole_epoch() -> None:
    streams = Streams(np.arange(999), before=2, streams=3, length=20, vary=True, seed=4)
    whole = [piece.targets.tolist() for piece in streams.epoch(2)]
    assert [piece.targets.tolist() for piece in streams.epoch(2, 5)] == whole[5:]
    assert whole != [piece.targets.tolist() for piece in streams.epoch(3)]
    assert len({len(targets) for targets in whole}) > 3


def test_the_rate_follows_the_length() -> None:
    for piece in Streams(np.arange(500), before=2, streams=2, length=40, vary=True):
        assert piece.lr_scale == len(piece.inputs.batch_sizes) / 40
    assert {piece.lr_scale for piece in Streams(np.arange(500), before=2, streams=2, length=40)} == {1.0}


def test_wrong() -> None:
    with pytest.raises(InputError, match="0 tokens"):
        Streams(np.array([], dtype=np.int64), before=2)
    with pytest.raises(InputError, match="streams=0, expected"):
        Streams(np.arange(3), before=2, streams=0)
