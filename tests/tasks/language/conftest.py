"""A small text and a small model of it, shared by this folder's tests."""

from collections.abc import Callable
from typing import Any

import pytest

from ostinato.tasks import LanguageModel

TEXT = "the cat sat on the mat\nthe dog sat on the rug\na cat saw the dog\n" * 30


def _small(**arguments: Any) -> LanguageModel:
    return LanguageModel(
        **{
            "hidden_size": 12,
            "embedding_size": 8,
            "streams": 4,
            "length": 9,
            "epochs": 4,
            "lr": 0.02,
            "input_dropout": 0.0,
            "dropout": 0.0,
            "output_dropout": 0.0,
            "validation_fraction": None,
            "random_state": 0,
            **arguments,
        }
    )


@pytest.fixture(scope="session")
def small() -> Callable[..., LanguageModel]:
    """Makes a model that learns the text above in a moment."""
    return _small


@pytest.fixture(scope="session")
def text() -> str:
    return TEXT


@pytest.fixture(scope="session")
def fitted() -> LanguageModel:
    """By words, a line a sentence; do not change it."""
    return _small(epochs=12).fit(TEXT)


@pytest.fixture(scope="session")
def letters() -> LanguageModel:
    """By characters, over four of them; do not change it."""
    return _small(tokenizer="char", num_layers=1, epochs=6).fit("abcabdabc" * 60)
