"""A checkpoint: a folder with one JSON file and one safetensors file, replaced whole or not at all.

`checkpoint.json` names its tensor file and that file's SHA-256. A new checkpoint writes its tensors under a new name,
flushes them to the disk, and then replaces `checkpoint.json` in one rename: whenever the machine stops, the folder
holds the old checkpoint or the new one. (A folder that is not empty cannot be replaced in one step; a file can.)
"""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

from ostinato._core.errors import InputError, ModelFileError
from ostinato.train.whole import write_whole

FORMAT_VERSION = 1
_NAME = "checkpoint.json"


def prepare(folder: Path) -> None:
    """Make the folder and see that it can be written, before hours of training are spent.

    Raises:
        InputError: it cannot; names the folder and the system's reason.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise InputError(
            f"checkpoint={str(folder)!r} cannot be written ({error.strerror}); expected a folder; choose another"
        ) from None


def save(folder: Path, tensors: Mapping[str, Tensor], state: Mapping[str, Any]) -> None:
    """Write a checkpoint in place of the one that is there."""
    # Cloned one by one: safetensors refuses tensors that share memory, as tied or flattened weights do.
    blob = save_tensors({k: t.detach().cpu().clone().contiguous() for k, t in tensors.items()})
    digest = hashlib.sha256(blob).hexdigest()
    name = f"tensors-{digest[:16]}.safetensors"
    text = json.dumps({"format_version": FORMAT_VERSION, "tensors": name, "sha256": digest, "state": state}, indent=1)
    write_whole(folder / name, blob)
    write_whole(folder / _NAME, text.encode())
    for old in folder.glob("tensors-*.safetensors"):
        if old.name != name:
            old.unlink(missing_ok=True)


def load(folder: Path) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """Read what `save` wrote; `None` if the folder holds no checkpoint.

    Raises:
        ModelFileError: a file is missing, damaged or of another format; names the file.
    """
    path = folder / _NAME
    if not path.exists():
        return None
    try:
        head = json.loads(path.read_bytes())
        version, name, digest, state = (head[k] for k in ("format_version", "tensors", "sha256", "state"))
    except (ValueError, KeyError, TypeError):
        raise ModelFileError(f"{path} is damaged, expected a checkpoint's JSON; {_REMEDY}") from None
    if version != FORMAT_VERSION:
        raise ModelFileError(
            f"{path} has format version {version}, expected {FORMAT_VERSION}; resume with the library that wrote it"
        )
    tensors = folder / str(name)
    try:
        blob = tensors.read_bytes()
    except OSError as error:
        raise ModelFileError(f"{tensors} cannot be read ({error.strerror}), {path.name} names it; {_REMEDY}") from None
    if hashlib.sha256(blob).hexdigest() != digest:
        raise ModelFileError(f"{tensors} is damaged: its SHA-256 is not the one in {path.name}; {_REMEDY}")
    try:
        return load_tensors(blob), state
    except SafetensorError as error:
        raise ModelFileError(f"{tensors} is not a safetensors file ({error}); {_REMEDY}") from None


_REMEDY = "delete the folder and train from the start"
