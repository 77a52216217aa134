"""Letters of DNA and RNA as numbers, ambiguity codes included."""

import numpy as np
from numpy.typing import NDArray

from ostinato._core.errors import InputError

BASES = "ACGT"
# IUPAC code -> the bases it may stand for (Cornish-Bowden 1985, "Nomenclature for incompletely specified bases in
# nucleic acid sequences"); U is RNA's T, a gap is like an unknown base
CODES = {
    **{base: base for base in BASES},
    "U": "T",
    "R": "AG",
    "Y": "CT",
    "S": "CG",
    "W": "AT",
    "K": "GT",
    "M": "AC",
    "B": "CGT",
    "D": "AGT",
    "H": "ACT",
    "V": "ACG",
    "N": "ACGT",
    "-": "ACGT",
}

_NONE = -1.0
_TABLE = np.full((256, len(BASES)), _NONE, np.float32)
for _code, _bases in CODES.items():
    for _letter in {_code, _code.lower()}:
        _TABLE[ord(_letter)] = [(base in _bases) / len(_bases) for base in BASES]


def base_shares(sequence: str, place: str = "the sequence") -> NDArray[np.float32]:
    """Turn letters into the shares of the bases A, C, G and T that they stand for (one-hot where there is no doubt).

    Args:
        sequence: T letters of `CODES`, capital or small.
        place: what messages call it.

    Returns:
        (T, 4) float32; each row sums to 1.

    Raises:
        InputError: no letter, or one that is no code; names it and its place.

    Example:
        >>> base_shares("AR").tolist()
        [[1.0, 0.0, 0.0, 0.0], [0.5, 0.0, 0.5, 0.0]]
    """
    if not sequence:
        raise InputError(f"{place} is empty, expected letters of DNA; drop the row")
    codes = np.frombuffer(sequence.encode("latin-1", errors="replace"), np.uint8)
    shares = _TABLE[codes]
    unknown = np.flatnonzero(shares[:, 0] == _NONE)
    if unknown.size:
        step = int(unknown[0])
        raise InputError(
            f"{place} has {sequence[step]!r} at letter {step + 1}, expected A, C, G, T, U or an ambiguity code "
            f"({' '.join(code for code in CODES if code not in 'ACGTU')}); write N for an unknown base"
        )
    return shares
