"""The C interface as ctypes sees it: the same fields in the same order as `kernels.h`."""

import ctypes
from ctypes import c_double, c_int64, c_void_p

ABI = 6
"""OSTINATO_ABI of the header that this file was written after."""

CELLS = {
    "rnn_tanh": 0,
    "rnn_relu": 1,
    "rnn_identity": 2,
    "lstm": 3,
    "gru": 4,
    "gru_reset_before": 5,
    "gru_simple": 6,
    "lstm_peephole": 7,
}
"""`enum ostinato_cell`, by the names of our cells."""


NORMS = tuple(f"norm_{of}_{kind}" for of in ("ih", "hh", "c") for kind in ("weight", "bias"))
"""Gains and shifts of layer normalisation, in the header's order; behind `norm_` their names in `norm_shapes`."""


class LayerStruct(ctypes.Structure):
    """`struct ostinato_layer`: one direction of a layer. The header says what each field is."""

    _fields_ = [
        *((name, c_int64) for name in ("cell", "reverse", "T", "B", "N", "I", "H")),
        *((name, c_void_p) for name in ("batch_sizes", "x")),
        ("x_stride", c_int64),
        *((name, c_void_p) for name in ("w_ih", "w_hh", "b_ih", "b_hh", "extra", "h0", "c0", "y")),
        ("y_stride", c_int64),
        *((name, c_void_p) for name in ("hn", "cn", "kept", "dy")),
        ("dy_stride", c_int64),
        *((name, c_void_p) for name in ("dhn", "dcn", "dx")),
        ("dx_stride", c_int64),
        *((name, c_void_p) for name in ("dw_ih", "dw_hh", "db_ih", "db_hh", "dextra", "dh0", "dc0")),
        ("index", c_void_p),
        ("rows", c_int64),
        # Options.
        ("P", c_int64),
        *((name, c_void_p) for name in ("w_hr", "recurrent_mask", "zoneout_h", "zoneout_c")),
        *((name, c_double) for name in ("zoneout_rate_h", "zoneout_rate_c")),
        ("dw_hr", c_void_p),
        # Layer normalisation.
        *((name, c_void_p) for name in NORMS),
        *((f"d{name}", c_void_p) for name in NORMS),
        ("store", c_void_p),
    ]


def declare(library: ctypes.CDLL) -> None:
    """Tell ctypes the arguments and results of the functions."""
    layers = ctypes.POINTER(LayerStruct)
    for name, result, arguments in (
        ("isa", ctypes.c_char_p, []),
        ("use_openmp", None, [c_void_p, c_void_p, c_void_p]),
        ("kept_floats", c_int64, [layers]),
        ("forward", ctypes.c_int, [layers, c_int64, c_int64]),
        ("backward", ctypes.c_int, [layers, c_int64, c_int64]),
        ("store", c_void_p, []),
        ("store_free", None, [c_void_p]),
        ("pack", c_void_p, [layers]),
        ("pack_free", None, [c_void_p]),
        ("step", ctypes.c_int, [c_void_p, c_int64, c_void_p, c_void_p, c_void_p]),
        ("burn", ctypes.c_double, [c_int64]),
        ("acquire", c_void_p, [c_int64]),
        ("release", None, [c_void_p]),
        ("pool_bytes", c_int64, []),
        ("pool_trim", None, []),
    ):
        function = getattr(library, f"ostinato_{name}")
        function.restype, function.argtypes = result, arguments
