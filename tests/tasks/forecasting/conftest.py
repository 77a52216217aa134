"""Small series, and forecasters that learn them in a moment."""

from typing import Any

import numpy as np
import pytest

SMALL: dict[str, Any] = {
    "look_back": 12,
    "horizon": 3,
    "hidden_size": 8,
    "epochs": 12,
    "batch_size": 16,
    "lr": 0.02,
    "random_state": 0,
}


@pytest.fixture
def small() -> dict[str, Any]:
    """Arguments of a small forecaster."""
    return dict(SMALL)


@pytest.fixture
def wave() -> np.ndarray:
    """A noisy wave far from 0, in a unit far from 1."""
    draw = np.random.default_rng(0)
    return 5000 + 300 * (np.sin(np.arange(260) / 3) + draw.normal(0, 0.1, 260))
