"""The native trainer as ctypes sees it: the same fields in the same order as `vectors.h`."""

import ctypes
from ctypes import c_double, c_int64, c_uint64, c_void_p
from typing import Any

import numpy as np
import numpy.typing as npt

from ostinato._core.errors import BackendError
from ostinato.kernels.native.library import library, missing

ABI = 2
"""OSTINATO_VECTORS_ABI of the header that this file was written after."""

LANES = 16  # floats of the widest vector: rows are padded to a multiple


class WordsStruct(ctypes.Structure):
    """`struct ostinato_words`. The header says what each field is."""

    _fields_ = [
        ("stride", c_int64),
        *((name, c_void_p) for name in ("inputs", "outputs", "codes")),
        *((name, c_int64) for name in ("total", "first", "last", "piece")),
        ("keep", c_void_p),
        *((name, c_int64) for name in ("left", "right", "reduced", "nearby", "mean", "whole", "V", "negatives")),
        *((name, c_void_p) for name in ("threshold", "alias", "path_begin", "path_nodes", "path_labels")),
        *((name, c_void_p) for name in ("gram_begin", "grams")),
        *((name, c_double) for name in ("lr_first", "lr_last")),
        ("seed", c_uint64),
        ("loss", c_double),
        *((name, c_int64) for name in ("pairs", "words")),
    ]


class GloveStruct(ctypes.Structure):
    """`struct ostinato_glove`. The header says what each field is."""

    _fields_ = [
        ("stride", c_int64),
        *((name, c_void_p) for name in ("words", "contexts", "word_biases", "context_biases")),
        *((f"{name}_seen", c_void_p) for name in ("words", "contexts", "word_biases", "context_biases")),
        ("pairs", c_void_p),
        *((name, c_int64) for name in ("first", "last", "piece")),
        *((name, c_double) for name in ("x_max", "alpha", "lr", "loss")),
    ]


def trainer() -> ctypes.CDLL:
    """Return the library with the trainer's functions declared.

    Raises:
        BackendError: there is no native library, and why.
    """
    if (reason := missing()) is not None:
        raise BackendError(f"{reason}; learning word vectors needs it, except method='svd'")
    loaded = library()
    if (abi := loaded.ostinato_vectors_abi()) != ABI:
        raise BackendError(f"the native library has word vectors' interface {abi}; {ABI} expected: reinstall")
    loaded.ostinato_words_train.argtypes = [ctypes.POINTER(WordsStruct), c_int64]
    loaded.ostinato_glove_train.argtypes = [ctypes.POINTER(GloveStruct), c_int64]
    loaded.ostinato_words_draw.argtypes = [ctypes.POINTER(WordsStruct), c_int64, c_void_p]
    loaded.ostinato_words_draw.restype = None
    return loaded


def checked(code: int) -> None:
    """Raise what a function of the trainer reports.

    Raises:
        MemoryError: memory ran out.
    """
    if code:
        raise MemoryError("the native trainer ran out of memory: take fewer dimensions or words")


def point(struct: ctypes.Structure, **arrays: npt.NDArray[Any] | None) -> None:
    """Set pointers to arrays, which must outlive the structure's use."""
    for name, array in arrays.items():
        setattr(struct, name, None if array is None else array.ctypes.data)


def padded(E: int) -> int:
    """Return the floats from one row to the next."""
    return -(-E // LANES) * LANES


def table(rows: int, E: int) -> npt.NDArray[np.float32]:
    """Make zeros (rows, S) at an address that 64 divides, S the padded E."""
    S = padded(E)
    raw = np.zeros(rows * S + LANES, dtype=np.float32)
    start = -raw.ctypes.data // 4 % LANES
    return raw[start : start + rows * S].reshape(rows, S)
