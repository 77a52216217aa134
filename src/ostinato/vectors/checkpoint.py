"""The state of a training in one file, so that an interrupted one goes on as if it had not been."""

import json
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save

from ostinato._core.errors import InputError, ModelFileError
from ostinato.vectors.files.replacing import replacing
from ostinato.vectors.predictive import Predictive, Progress

_FREE = ("threads",)  # settings that may differ when a training goes on


def keep(path: Path, training: Predictive) -> None:
    """Write the state, whole or not at all."""
    about = {"progress": json.dumps(asdict(training.progress)), "of": json.dumps(_of(training))}
    with replacing(path) as file:
        file.write(save({"inputs": training.inputs, "outputs": training.outputs}, about))


def go_on(path: Path, training: Predictive) -> None:
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
            about, tables = file.metadata(), {name: file.get_tensor(name) for name in ("inputs", "outputs")}
        progress, of = Progress(**json.loads(about["progress"])), json.loads(about["of"])
    except Exception as error:  # safetensors raises its own kind, which it does not export by a stable name
        raise ModelFileError(f"{path}: a damaged checkpoint ({error}); a whole one is needed; begin anew") from None
    now = _of(training)
    if differ := [name for name in now if of.get(name) != now[name]]:
        raise InputError(
            f"{path}: a checkpoint of another {', '.join(differ)}; the same text and settings are needed; begin anew, "
            "or give those"
        )
    np.copyto(training.inputs, tables["inputs"])
    np.copyto(training.outputs, tables["outputs"])
    training.progress = progress


def _of(training: Predictive) -> dict[str, object]:
    """What a training is of, by name."""
    corpus, settings = training.corpus, asdict(training.settings)
    words = sha256("\n".join(corpus.words).encode()).hexdigest()
    parts = training.subwords
    return {
        "vocabulary": words,
        "text": [len(corpus.codes), len(corpus)],
        "subwords": None if parts is None else [parts.shortest, parts.longest, parts.buckets],
        **{name: value for name, value in settings.items() if name not in _FREE},
    }
