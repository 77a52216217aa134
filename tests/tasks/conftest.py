"""Small rows and a small classifier, shared by this folder's tests."""

from collections.abc import Callable
from typing import Any

import pytest

from ostinato.tasks import SequenceClassifier

TEXTS = ["so good", "so bad", "good fun", "bad bore", "a good film", "a bad film"] * 5
LABELS = ["pos", "neg"] * 15

# a few rows and a few steps: no schedule over the whole run, little dropout
PLAIN: dict[str, Any] = {"schedule": None, "dropout": 0.3, "embedding_dropout": 0.0, "word_dropout": 0.02}


@pytest.fixture
def texts() -> tuple[list[str], list[str]]:
    return list(TEXTS), list(LABELS)


def _small(**arguments: Any) -> SequenceClassifier:
    return SequenceClassifier(
        **{
            "cell": "gru",
            "hidden_size": 6,
            "embedding_size": 6,
            "epochs": 8,
            "lr": 0.05,
            "batch_size": 8,
            "validation_fraction": None,
            "random_state": 0,
            **PLAIN,
            **arguments,
        }
    )


@pytest.fixture(scope="session")
def small() -> Callable[..., SequenceClassifier]:
    """Makes a classifier that learns the texts above in a moment."""
    return _small


@pytest.fixture(scope="session")
def fitted() -> SequenceClassifier:
    return _small().fit(TEXTS, LABELS)
