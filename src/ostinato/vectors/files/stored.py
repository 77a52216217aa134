"""Our own file: safetensors, so that the vectors are mapped into memory and not read until they are looked at.

Tensors: `vectors` (V, E) float32; `words`, the UTF-8 bytes of all words one after another; `ends` (V,) int64, where
each word ends in them; `counts` (V,) int64 where they are known; where parts of words have vectors, `parts`
(buckets, E) float32 and `part_sizes` (2,) int64, the letters of the shortest and the longest.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

from ostinato._core.errors import DataError
from ostinato.vectors.files.replacing import replacing
from ostinato.vectors.files.table import Table
from ostinato.vectors.subwords import Parts

_TYPES = {"F32": np.float32, "I64": np.int64, "U8": np.uint8}
_HEADER = 100_000_000  # bytes, safetensors' own limit


def begins(start: bytes) -> bool:
    """Say whether a file begins as safetensors does: the header's length, then JSON."""
    return len(start) > 9 and start[8:9] == b"{" and 2 <= int.from_bytes(start[:8], "little") < _HEADER


def read(path: Path, limit: int | None, errors: str) -> Table:
    """Map a file into memory; see `KeyedVectors.load`."""
    tensors = _mapped(path)
    try:
        vectors, ends, letters = tensors["vectors"], tensors["ends"], tensors["words"]
    except KeyError as missing:
        raise DataError(f"{path}: no tensor {missing}; vectors, words and ends are needed; convert the file") from None
    if vectors.ndim != 2 or len(vectors) != len(ends) or (len(ends) and ends[-1] != len(letters)):
        raise DataError(
            f"{path}: {len(ends)} words, {len(letters)} letters and vectors of shape {vectors.shape}; one vector a "
            "word is needed; write it again"
        )
    ends, counts = ends[:limit], tensors.get("counts")
    text, begun, words = letters[: ends[-1] if len(ends) else 0].tobytes(), 0, []
    for end in ends.tolist():
        words.append(text[begun:end].decode())
        begun = end
    parts, sizes = tensors.get("parts"), tensors.get("part_sizes")
    known = None
    if parts is not None and sizes is not None:
        if parts.ndim != 2 or parts.shape[1:] != vectors.shape[1:] or not len(parts) or sizes.shape != (2,):
            raise DataError(
                f"{path}: parts of shape {parts.shape}; {vectors.shape[1]} dimensions needed; write it again"
            )
        known = Parts(int(sizes[0]), int(sizes[1]), parts)
    return Table(words, vectors[: len(words)], None if counts is None else counts[: len(words)], known)


def write(path: Path, table: Table) -> None:
    """Write the file; see `KeyedVectors.save`."""
    encoded = [word.encode() for word in table.words]
    tensors: dict[str, Any] = {
        "vectors": np.ascontiguousarray(table.vectors),
        "words": np.frombuffer(b"".join(encoded), dtype=np.uint8),
        "ends": np.cumsum([len(word) for word in encoded], dtype=np.int64),
    }
    if table.counts is not None:
        tensors["counts"] = np.asarray(table.counts, dtype=np.int64)
    if table.parts is not None:
        tensors["parts"] = np.ascontiguousarray(table.parts.vectors)
        tensors["part_sizes"] = np.array([table.parts.shortest, table.parts.longest], dtype=np.int64)
    with replacing(path) as file:
        file.write(save(tensors, {"format": "ostinato word vectors", "format_version": "1"}))


def _mapped(path: Path) -> dict[str, Any]:
    """The tensors of a file, none of them read."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(length) if length < _HEADER else b"")
        return {
            name: np.memmap(
                path,
                dtype=_TYPES[entry["dtype"]],
                mode="r",
                offset=8 + length + entry["data_offsets"][0],
                shape=tuple(entry["shape"]),
            )
            if 0 not in entry["shape"]
            else np.zeros(entry["shape"], dtype=_TYPES[entry["dtype"]])
            for name, entry in header.items()
            if name != "__metadata__"
        }
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}; check the path and its rights") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path}: damaged or cut short ({error}); a whole file is needed; copy it again") from None
