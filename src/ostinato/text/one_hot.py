"""Ids to indicator vectors."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ostinato._core.errors import InputError


def one_hot(ids: ArrayLike, size: int) -> NDArray[np.float32]:
    """Turn ids into rows of zeros with a single one.

    Use it to feed symbols to a recurrent layer without an embedding, as a small alphabet (DNA, letters) allows.

    Args:
        ids: integers of any shape, each from 0 up to `size` - 1.
        size: length V of a vector, usually the size of the vocabulary.

    Returns:
        float32 array of shape (*ids.shape, V).

    Raises:
        InputError: an id is outside the range, or is no integer; names the first such value.

    Example:
        >>> one_hot([2, 0], 3)
        array([[0., 0., 1.],
               [1., 0., 0.]], dtype=float32)
    """
    numbers = np.asarray(ids)
    if size < 1:
        raise InputError(f"size {size}: expected at least 1; pass the size of the vocabulary")
    if numbers.size == 0:
        return np.zeros((*numbers.shape, size), np.float32)
    if numbers.dtype.kind not in "iu":
        raise InputError(f"ids of dtype {numbers.dtype}: expected integers; convert them with .astype(int)")
    outside = numbers[(numbers < 0) | (numbers >= size)]
    if outside.size:
        raise InputError(f"id {outside.flat[0]}: expected 0 to {size - 1}; pass a larger size or other ids")
    vectors = np.zeros((numbers.size, size), np.float32)
    vectors[np.arange(numbers.size), numbers.ravel()] = 1
    return vectors.reshape(*numbers.shape, size)
