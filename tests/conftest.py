"""What every test shares: where the real data are, and one thread (the machines that test are small)."""

import os
import random
import signal
from pathlib import Path

import pytest
import torch

torch.set_num_threads(1)
signal.signal(signal.SIGINT, signal.default_int_handler)  # who starts the tests in the background has Ctrl-C ignored


@pytest.fixture(autouse=True)
def _seeded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test draws the same numbers in every run and in any order of tests, an estimator without a seed too."""
    torch.manual_seed(0)
    seeds = random.Random(0)
    monkeypatch.setattr("ostinato._core.random.random.SystemRandom", lambda: seeds)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data sets: `OSTINATO_DATA`, else `shared/data` beside the checkout; skips where neither is."""
    named = os.environ.get("OSTINATO_DATA")
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(named) if named else beside
    if not folder.is_dir():
        pytest.skip("no real data here: set OSTINATO_DATA to the folder of data sets")
    return folder
