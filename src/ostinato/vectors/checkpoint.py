"""The state of a training in one file, so that an interrupted one goes on as if it had not been."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from safetensors import safe_open
from safetensors.numpy import save

from ostinato._core.errors import InputError, ModelFileError
from ostinato.vectors.corpus import Corpus
from ostinato.vectors.files.replacing import replacing


class Training(Protocol):
    """What can be kept and gone on with.

    Attributes:
        tables: name -> what is learned; written over when a training goes on.
        progress: a dataclass of numbers and a list of dicts: where it stands.
        of: name -> what it is of; a training goes on with the same alone.
    """

    progress: Any

    @property
    def tables(self) -> Mapping[str, npt.NDArray[np.float32]]: ...  # noqa: D102
    @property
    def of(self) -> Mapping[str, object]: ...  # noqa: D102


def of_text(corpus: Corpus) -> dict[str, object]:
    """Tell a text from another, by name."""
    words = sha256("\n".join(corpus.words).encode()).hexdigest()
    return {"vocabulary": words, "text": [len(corpus.codes), len(corpus)]}


def keep(path: Path, training: Training) -> None:
    """Write the state, whole or not at all."""
    about = {"progress": json.dumps(asdict(training.progress)), "of": json.dumps(dict(training.of))}
    with replacing(path) as file:
        file.write(save(dict(training.tables), about))


def go_on(path: Path, training: Training) -> None:
    """Put a training where the file left it.

    Args:
        path: what `keep` has written.
        training: of the same text and settings, nothing learned yet.

    Raises:
        InputError: there is no such file, or it is of another text or of other settings, which are named.
        ModelFileError: it is damaged.
    """
    if not path.exists():
        raise InputError(f"{path}: no such checkpoint; resume needs one; leave it out to begin")
    try:
        with safe_open(path, framework="numpy") as file:
            about, tables = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        progress, of = type(training.progress)(**json.loads(about["progress"])), json.loads(about["of"])
    except Exception as error:  # safetensors raises its own kind, which it does not export by a stable name
        raise ModelFileError(f"{path}: a damaged checkpoint ({error}); a whole one is needed; begin anew") from None
    now = training.of
    if differ := [name for name in now if of.get(name) != now[name]]:
        raise InputError(
            f"{path}: a checkpoint of another {', '.join(differ)}; the same text and settings are needed; begin anew, "
            "or give those"
        )
    for name, table in training.tables.items():
        np.copyto(table, tables[name])
    training.progress = progress
