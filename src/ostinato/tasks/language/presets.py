"""Ready settings of `LanguageModel`: constructor arguments that differ from the defaults."""

from typing import Any

from ostinato.tasks.presets import lookup

PRESETS: dict[str, dict[str, Any]] = {
    # words; as many epochs of Penn Treebank as a quarter of an hour on two busy cores has room for
    "small": {
        "hidden_size": 512,
        "embedding_size": 256,
        "input_dropout": 0.25,
        "dropout": 0.25,
        "output_dropout": 0.3,
        "epochs": 6,
        "precision": "bfloat16",
    },
    # words, with all of AWD-LSTM's regularisation (Merity et al. 2018), milder: fourteen epochs, not five hundred
    "awd": {
        "hidden_size": 800,
        "embedding_size": 400,
        "embedding_dropout": 0.05,
        "input_dropout": 0.35,
        "dropout": 0.25,
        "output_dropout": 0.4,
        "weight_drop": 0.3,
        "ar": 2.0,
        "tar": 1.0,
        "vary_length": True,
        "weight_decay": 1.2e-6,
        "epochs": 14,
        "precision": "bfloat16",
    },
    # characters: a small vocabulary, long pieces
    "characters": {
        "tokenizer": "char",
        "hidden_size": 512,
        "num_layers": 1,
        "embedding_size": 64,
        "tied": False,
        "input_dropout": 0.1,
        "output_dropout": 0.3,
        "weight_drop": 0.2,
        "precision": "bfloat16",
        "streams": 64,
        "length": 100,
        "epochs": 14,
        "lr": 4e-3,
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
        >>> preset("characters")["tokenizer"]
        'char'
    """
    return lookup(name, PRESETS)
