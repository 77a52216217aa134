"""Ready settings of `Translator`: constructor arguments that differ from the defaults."""

from typing import Any

from ostinato.tasks.presets import lookup

PRESETS: dict[str, dict[str, Any]] = {
    # a few ten thousand pairs of sentences (Multi30k): few byte pairs, as small data want (Sennrich & Zhang 2019), and
    # no input feeding, which takes 1.7 times as long
    "sentences": {
        "max_vocabulary": 4_000,
        "input_dropout": 0.3,
        "dropout": 0.4,
        "output_dropout": 0.3,
        "max_tokens": 2_000,
        "epochs": 28,
        "schedule": "cosine",
        "warmup": 0.02,
        "average": 5,
        "precision": "bfloat16",
    },
    # hundreds of pairs, or a first look
    "small": {
        "embedding_size": 64,
        "hidden_size": 64,
        "decoder_size": 128,
        "max_vocabulary": 2_000,
        "max_tokens": 1_000,
        "epochs": 20,
    },
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
        >>> preset("small")["decoder_size"]
        128
    """
    return lookup(name, PRESETS)
