"""A model is a folder: config.json, model.safetensors, tokenizer.json, metrics.json, written whole or not at all.

Why no pickle: loading one runs whatever code its writer chose. Everything here is JSON or safetensors, and the config
carries the sha256 of every other file and a checksum of itself, so that a damaged folder is named, not half-loaded.
"""

import hashlib
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from ostinato import __version__
from ostinato._core.errors import InputError, ModelFileError

FORMAT_VERSION = 1
CONFIG, TENSORS, TOKENIZER, METRICS = "config.json", "model.safetensors", "tokenizer.json", "metrics.json"
_OURS = "ostinato model"


@dataclass(frozen=True)
class Saved:
    """What a model folder holds.

    Args:
        task: key of the estimator in `TASKS`.
        arguments: the constructor's arguments, as JSON.
        learned: what was learned and is small (classes, kind of input), as JSON.
        tensors: what was learned and is large, name -> array.
        tokenizer: text of `tokenizer.json`, `None` where there is no text.
        metrics: what was measured while training, as JSON.
    """

    task: str
    arguments: dict[str, Any]
    learned: dict[str, Any]
    tensors: dict[str, np.ndarray]
    tokenizer: str | None = None
    metrics: dict[str, Any] = field(default_factory=dict)


def check_writable(path: str | os.PathLike[str]) -> Path:
    """Raise now if a model cannot be written to `path`, rather than after an hour of training.

    Args:
        path: the model folder to be; it may exist if it is a model of ours (it is then replaced) or is empty.

    Returns:
        The path.

    Raises:
        InputError: it is a file, a folder of something else, or lies where nothing may be written.

    Example:
        >>> import tempfile
        >>> check_writable(tempfile.mkdtemp() + "/model").name
        'model'
    """
    target = Path(path)
    if target.exists() and not target.is_dir():
        raise InputError(f"{str(path)!r} is a file, expected a folder for the model; give another path")
    try:
        foreign = target.is_dir() and any(target.iterdir()) and not _is_ours(target)
    except OSError as error:
        raise InputError(_cannot_write(path, error)) from None
    if foreign:
        raise InputError(
            f"{str(path)!r} holds files that are not a model of ostinato, expected a new or empty folder or a model; "
            "give another path"
        )
    ancestor = target.absolute().parent
    while not ancestor.exists():
        ancestor = ancestor.parent
    try:
        Path(tempfile.mkdtemp(prefix=".ostinato-", dir=ancestor)).rmdir()
    except OSError as error:
        raise InputError(_cannot_write(path, error)) from None
    return target


def write(path: str | os.PathLike[str], saved: Saved, extra_files: Mapping[str, bytes | str] | None = None) -> Path:
    """Write a model folder whole, or leave everything as it was.

    A temporary folder beside the target is filled, flushed to the disk and renamed.

    Args:
        path: the folder; replaced if it is a model of ours.
        saved: what to write.
        extra_files: name -> content of further files to keep in the folder, `report.html` say.

    Returns:
        The path.

    Raises:
        InputError: the path cannot be written to.
        ModelFileError: writing failed half-way (a full disk, say); nothing was left behind.
    """
    target = check_writable(path).resolve()  # of a link, what it points to is replaced
    files = _contents(saved, extra_files or {})
    temporary = _hidden_beside(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary.mkdir()
        for name, content in files.items():
            _write_file(temporary / name, content)
        _flush_folder(temporary)
        _put_in_place(temporary, target)
        _flush_folder(target.parent)
    except BaseException as error:
        shutil.rmtree(temporary, ignore_errors=True)
        if isinstance(error, OSError):
            raise ModelFileError(_cannot_write(path, error)) from None
        raise
    return target


def read(path: str | os.PathLike[str]) -> Saved:
    """Read a model folder, checking every byte of it.

    Args:
        path: a folder that `write` made.

    Returns:
        What it holds.

    Raises:
        ModelFileError: the folder or a file of it is missing, damaged or of a newer format; the message names it.
    """
    folder = Path(path)
    config = _read_config(folder)
    contents: dict[str, bytes] = {}
    for name, digest in config["files"].items():
        if Path(name).name != name:
            raise ModelFileError(f"{folder / CONFIG}: names the file {name!r}, expected a plain name; save it again")
        content = _read_file(folder / name)
        if hashlib.sha256(content).hexdigest() != digest:
            raise ModelFileError(f"{folder / name}: its bytes are not the ones saved (sha256); {_REMEDY}")
        contents[name] = content
    for name in (TENSORS, METRICS):
        if name not in contents:
            raise ModelFileError(f"{folder / CONFIG}: lists no {name}, expected one; {_REMEDY}")
    return Saved(
        task=config["task"],
        arguments=config["arguments"],
        learned=config["learned"],
        tensors=load_tensors(contents[TENSORS]),
        tokenizer=contents[TOKENIZER].decode() if TOKENIZER in contents else None,
        metrics=json.loads(contents[METRICS]),
    )


_REMEDY = "copy the folder again from its source, or train again"


def size_bytes(path: str | os.PathLike[str]) -> int:
    """Bytes of the files in a model's folder."""
    return sum(file.stat().st_size for file in Path(path).iterdir())


def _contents(saved: Saved, extra_files: Mapping[str, bytes | str]) -> dict[str, bytes]:
    tensors = {name: np.ascontiguousarray(value) for name, value in saved.tensors.items()}
    files = {TENSORS: save_tensors(tensors), METRICS: _json(saved.metrics)}
    if saved.tokenizer is not None:
        files[TOKENIZER] = saved.tokenizer.encode()
    for name, content in extra_files.items():
        if Path(name).name != name or name in (CONFIG, TENSORS, TOKENIZER, METRICS):
            raise InputError(f"extra_files names {name!r}, expected a plain file name of its own; rename it")
        files[name] = content.encode() if isinstance(content, str) else content
    config = {
        "what": _OURS,
        "format_version": FORMAT_VERSION,
        "library_version": __version__,
        "task": saved.task,
        "arguments": saved.arguments,
        "learned": saved.learned,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())},
    }
    return {CONFIG: _json({**config, "checksum": _checksum(config)}), **files}


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def _checksum(config: Mapping[str, Any]) -> str:
    rest = {name: value for name, value in config.items() if name != "checksum"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def _read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ModelFileError(f"{path}: no such file, expected a part of a saved model; {_REMEDY}") from None
    except OSError as error:
        raise ModelFileError(f"{path}: cannot be read ({error.strerror}), expected a part of a saved model") from None


def _read_config(folder: Path) -> dict[str, Any]:
    if not folder.is_dir():
        given = "is a file" if folder.exists() else "does not exist"
        raise ModelFileError(f"{str(folder)!r} {given}, expected the folder of a saved model; check the path")
    path = folder / CONFIG
    damaged = ModelFileError(f"{path}: is damaged, expected the bytes that were saved; {_REMEDY}")
    try:
        config = json.loads(_read_file(path).decode())
    except ValueError:
        raise damaged from None
    if not isinstance(config, dict) or config.get("what") != _OURS:
        raise damaged
    version = config.get("format_version")
    # a newer format may sum itself differently: its version is then the likelier reason
    newer = isinstance(version, int) and version > FORMAT_VERSION
    if not newer and config.get("checksum") != _checksum(config):
        raise damaged
    if version != FORMAT_VERSION:
        raise ModelFileError(
            f"{path}: format_version {version} (ostinato {config.get('library_version')}), expected at most "
            f"{FORMAT_VERSION}; upgrade ostinato from {__version__} to read it"
        )
    return config


def _is_ours(folder: Path) -> bool:
    try:
        return _OURS in (folder / CONFIG).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


def _write_file(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(path: Path) -> None:
    """Flush a folder's list of names, where the system can (Windows cannot open a folder)."""
    if os.name == "posix":
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _put_in_place(temporary: Path, target: Path) -> None:
    if not target.exists():
        temporary.rename(target)
        return
    # a full folder cannot be renamed over: the old model steps aside, and comes back if the new one cannot move in
    aside = _hidden_beside(target)
    target.rename(aside)
    try:
        temporary.rename(target)
    except BaseException:
        aside.rename(target)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _hidden_beside(target: Path) -> Path:
    return target.with_name(f".{target.name}-{secrets.token_hex(6)}")


def _cannot_write(path: str | os.PathLike[str], error: OSError) -> str:
    reason = error.strerror or type(error).__name__
    return f"cannot write a model to {str(path)!r} ({reason}), expected a folder you may write to; give another path"
