"""Arrays and lists of every usual form become rows; a wrong one is named."""

import numpy as np
import pytest
import torch

from ostinato._core.errors import InputError, NotFiniteError, ShapeError
from ostinato.data import as_rows, as_sequences, as_tokens, pad

CUBE = np.arange(24.0).reshape(2, 3, 4)


@pytest.mark.parametrize(
    "values",
    [
        CUBE,
        CUBE.astype(np.float32),
        CUBE.astype(np.int16),
        torch.from_numpy(CUBE),
        list(CUBE),
        CUBE.tolist(),
        tuple(CUBE),
    ],
)
def test_three_dimensions(values) -> None:
    rows = as_sequences(values)
    assert [row.dtype for row in rows] == [np.float32] * 2
    np.testing.assert_array_equal(np.stack(rows), CUBE.astype(np.float32))


def test_scalars() -> None:
    for values in ([[1, 2, 3], [4.5]], [np.array([1, 2, 3]), torch.tensor([4.5])]):
        assert [row.tolist() for row in as_sequences(values)] == [[[1], [2], [3]], [[4.5]]]
    assert [row.shape for row in as_sequences(np.ones((2, 5)))] == [(5, 1), (5, 1)]


def test_object_arrays_of_unequal_rows() -> None:
    values = np.empty(2, object)
    values[:] = [np.ones((2, 3)), np.ones((1, 3))]
    assert [row.shape for row in as_sequences(values)] == [(2, 3), (1, 3)]


def test_pad_and_back() -> None:
    rows = [np.random.default_rng(row).normal(size=(row + 1, 2)).astype(np.float32) for row in range(4)]
    array, lengths = pad(rows, value=np.nan)
    assert array.shape == (4, 4, 2)
    for one, two in zip(as_sequences(array, lengths=lengths), rows, strict=True):
        np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(
        array, torch.nn.utils.rnn.pad_sequence([torch.from_numpy(row) for row in rows], True, float("nan")).numpy()
    )
    assert pad([[1, 2], [3]], side="start")[0].tolist() == [[1, 2], [0, 3]]


def test_tokens() -> None:
    (row,) = as_tokens([np.array([1, 2], np.uint8)])
    assert row.dtype == np.int64
    assert as_rows(np.array([[1, 2]]))[0].shape == (2,)
    assert as_rows(np.array([[1.0, 2]]))[0].shape == (2, 1)


NAN = float("nan")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: as_sequences([]), InputError, "0 rows"),
        (lambda: as_sequences(np.zeros((0, 3, 2))), InputError, "0 rows"),
        (lambda: as_sequences(np.zeros((2, 0, 2))), ShapeError, "row 0: 0 steps"),
        (lambda: as_sequences([[1.0], []]), ShapeError, "row 1: 0 steps"),
        (lambda: as_sequences(np.zeros(3)), ShapeError, r"array of shape \(3,\): expected \(B, T, I\)"),
        (lambda: as_sequences([[1.0], 2.0]), ShapeError, r"row 1: shape \(\)"),
        (lambda: as_sequences([np.ones((2, 3)), np.ones((2, 4))]), ShapeError, "row 1: 4 inputs a step: expected 3"),
        (lambda: as_sequences([np.ones((2, 3))], width=2), ShapeError, "row 0: 3 inputs a step: expected 2"),
        (lambda: as_sequences([[[1, 2], [3]]]), ShapeError, "row 0: steps of unequal width"),
        (lambda: as_sequences([[[1, 2]], [[1, 2], [3, NAN]]]), NotFiniteError, "row 1, step 1, input 1: nan"),
        (lambda: as_sequences([[1, float("-inf")]]), NotFiniteError, "row 0, step 1, input 0: -inf"),
        (lambda: as_sequences([[1e39]]), NotFiniteError, "row 0, step 0, input 0: inf"),
        (lambda: as_sequences([["a"]]), InputError, "row 0: dtype <U1: expected real numbers"),
        (lambda: as_sequences(["text"]), InputError, "row 0: text 'text': expected numbers"),
        (lambda: as_sequences("text"), InputError, "a single text 'text'"),
        (lambda: as_sequences([[None, 1.0]]), InputError, "row 0: dtype object"),
        (lambda: as_sequences([[1j]]), InputError, "row 0: dtype complex128"),
        (lambda: as_sequences(CUBE, lengths=[3, 4]), InputError, "row 1: length 4: expected 1 to 3"),
        (lambda: as_sequences(CUBE, lengths=[3, 0]), InputError, "row 1: length 0"),
        (lambda: as_sequences(CUBE, lengths=[3]), ShapeError, r"lengths of shape \(1,\)"),
        (lambda: as_tokens([[1], [0.5]]), InputError, "row 1: dtype float64: expected integer"),
        (lambda: as_tokens([[1], [2, -1]]), InputError, "row 1, step 1: id -1: expected 0 or more"),
        (lambda: as_tokens([[1], [2, 5]], size=5), InputError, "row 1, step 1: id 5: expected 0 to 4"),
        (lambda: as_tokens([[1], []]), ShapeError, "row 1: 0 steps"),
        (lambda: as_tokens([[[1]]]), ShapeError, r"row 0: shape \(1, 1\)"),
        (lambda: pad([[1]], side="left"), InputError, "side 'left'"),
    ],
)
def test_errors(call, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message) as raised:
        call()
    assert "\n" not in str(raised.value)
