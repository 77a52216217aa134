"""Small languages to translate between, and a small translator of them, shared by this folder's tests."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from ostinato.tasks import Translator


def sentences(count: int, seed: int, letters: str = "abcdefgh", longest: int = 8) -> list[str]:
    draw = random.Random(seed)
    return [" ".join(draw.choices(letters, k=draw.randint(1, longest))) for _ in range(count)]


def turned(sentence: str) -> str:
    return " ".join(reversed(sentence.split()))


def _small(**arguments: Any) -> Translator:
    return Translator(
        **{
            "tokenizer": "space",
            "embedding_size": 32,
            "hidden_size": 32,
            "decoder_size": 64,
            "dropout": 0.0,
            "input_dropout": 0.0,
            "output_dropout": 0.0,
            "label_smoothing": 0.0,
            "batch_size": 50,
            "max_tokens": None,
            "epochs": 8,
            "lr": 0.01,
            "validation_fraction": None,
            "random_state": 0,
            **arguments,
        }
    )


@pytest.fixture(scope="session")
def small() -> Callable[..., Translator]:
    """Makes a translator that learns to turn short sentences around in a second or two."""
    return _small


@pytest.fixture(scope="session")
def fitted() -> Translator:
    """Half-trained on turning around, so that its beams are full of doubts; do not change it."""
    sources = sentences(600, 0)
    return _small(epochs=4).fit(sources, [turned(source) for source in sources])
