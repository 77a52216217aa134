"""Ready settings of `SequenceClassifier`: constructor arguments that differ from the defaults."""

from difflib import get_close_matches
from typing import Any

from ostinato._core.errors import InputError

# The lectures' networks: an embedding, one layer in one direction, its last state; 10,000 words, the last 500 of each
# review (James et al. 2021, "An Introduction to Statistical Learning", section 10.9.6). How they are trained is ours:
# dropout of words and features, and a learning rate that rises and falls to zero.
_LECTURE: dict[str, Any] = {
    "hidden_size": 32,
    "embedding_size": 32,
    "bidirectional": False,
    "pooling": "last",
    "dropout": 0.3,
    "input_dropout": 0.0,
    "embedding_dropout": 0.3,
    "word_dropout": 0.0,
    "bias": "single",
    "max_vocabulary": 10_000,
    "max_length": 500,
    "keep": "last",
    "epochs": 8,
}

# Characters: few of them, and short rows, so that small vectors do and more epochs are affordable.
_CHARACTERS: dict[str, Any] = {
    "tokenizer": "char",
    "embedding_size": 32,
    "hidden_size": 128,
    "dropout": 0.3,
    "input_dropout": 0.1,
    "embedding_dropout": 0.0,
    "word_dropout": 0.02,
    "max_vocabulary": 1_000,
    "max_length": 500,
    "epochs": 20,
    "lr": 3e-3,
}

# Signals: few rows, each of which is seen in another version every epoch; one convolution reads what is local.
_SIGNALS: dict[str, Any] = {
    "cell": "gru",
    "hidden_size": 64,
    "convolutions": 1,
    "convolution_size": 64,
    "dropout": 0.3,
    "jitter": 0.1,
    "crop": 0.1,
    "time_warp": 0.2,
    "amplitude": 0.1,
    "batch_size": 16,
    "label_smoothing": 0.1,
}

PRESETS: dict[str, dict[str, Any]] = {
    "default": {},
    "characters": _CHARACTERS,
    "names": {**_CHARACTERS, "max_length": 64},
    "signals": _SIGNALS,
    # nothing may be cut or warped: a letter's place counts
    "dna": {
        "tokenizer": "dna",
        "hidden_size": 64,
        "convolutions": 1,
        "kernel_size": 9,
        "dropout": 0.4,
        "max_length": None,
        "epochs": 30,
    },
    "lecture-rnn": {**_LECTURE, "cell": "rnn_tanh", "lr": 1e-3},
    "lecture-lstm": {**_LECTURE, "cell": "lstm", "lr": 3e-3},
}


def preset(name: str) -> dict[str, Any]:
    """Look a preset up.

    Args:
        name: key of `PRESETS`.

    Returns:
        A copy of its arguments.

    Raises:
        InputError: an unknown name; guesses which was meant.

    Example:
        >>> preset("lecture-rnn")["cell"]
        'rnn_tanh'
    """
    return lookup(name, PRESETS)


def lookup(name: str, presets: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Take a copy of one of several presets, or guess which was meant.

    Raises:
        InputError: an unknown name.
    """
    if name not in presets:
        near = get_close_matches(name, presets, n=1)
        remedy = f"did you mean {near[0]!r}?" if near else "choose one"
        raise InputError(f"preset {name!r}, expected one of {', '.join(map(repr, presets))}; {remedy}")
    return dict(presets[name])
