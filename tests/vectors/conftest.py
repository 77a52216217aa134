"""A small table of vectors, and gensim's copy of it."""

from typing import Any

import numpy as np
import pytest

from ostinato.vectors import KeyedVectors


def drawn(words: int = 300, size: int = 12, seed: int = 0) -> KeyedVectors:
    draw = np.random.default_rng(seed)
    names = [f"w{k}" for k in range(words - 3)] + ["café", "日本", "Straße"]
    return KeyedVectors(names, draw.normal(size=(words, size)).astype(np.float32), np.arange(words, 0, -1))


@pytest.fixture
def kv() -> KeyedVectors:
    return drawn()


@pytest.fixture
def peer(kv: KeyedVectors) -> Any:
    pytest.importorskip("gensim")
    return kv.to_gensim()
