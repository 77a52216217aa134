"""Handwritten digits, read row by row: eight steps of eight pixels, offline, with what scikit-learn carries."""

from pathlib import Path
from typing import Any

import numpy as np

from ostinato.cli.contest import contest
from ostinato.cli.demo.shown import Shown
from ostinato.cli.screen import note

_NETWORK = "GRU, row by row"
_SETTINGS: dict[str, Any] = {
    "cell": "gru",
    "hidden_size": 96,
    "pooling": "last",
    "dropout": 0.2,
    "epochs": 30,
    "patience": None,
    "batch_size": 32,
    "lr": 3e-3,
    "schedule": "cosine",
}
_TEST, _SPLIT = 0.2, 2026  # the settings above were chosen on another split than this one


def run(out: Path, data: Path | None, seed: int, threads: int | None, device: str, limit: int | None) -> Shown:
    """Fit a recurrent classifier and three simpler ones on 1,437 digits, measure them on 360 others, draw two pictures.

    Source: the test part of UCI's "Optical Recognition of Handwritten Digits" (Alpaydin & Kaynak 1998), CC BY 4.0.
    """
    from sklearn.datasets import load_digits

    from ostinato.report.curves import learning_curve
    from ostinato.tasks.classifier import SequenceClassifier
    from ostinato.tasks.held_out import hold_out
    from ostinato.tasks.summary import SummaryBaseline

    digits = load_digits()
    images, labels = digits.images / 16.0, digits.target  # (B, T, I) = (1797, 8, 8), from 0 to 1
    train, test = hold_out(labels, _TEST, seed=_SPLIT)
    train = train[:limit]
    note(f"{len(images):,} digits, 8 steps of 8 pixels each: {len(train):,} to learn from, {len(test)} to measure on")
    rows, fitted = contest(
        {
            _NETWORK: SequenceClassifier(**_SETTINGS, n_threads=threads or 1, device=device),
            "logistic regression, all pixels": SummaryBaseline(summary="flat", C=1.0),
            "logistic regression, mean row": SummaryBaseline(summary="mean", C=1.0),
            "logistic regression, last row": SummaryBaseline(summary="last", C=1.0),
        },
        (images[train], labels[train]),
        (images[test], labels[test]),
        [seed],
    )
    network = fitted[_NETWORK]
    pictures = {
        "digits_reading.png": _reading(network, images[test], labels[test]),
        "digits_learning.png": learning_curve(network.history_),
    }
    for name, content in pictures.items():
        (out / name).write_bytes(content)
    remark = (
        "The network reads one row of pixels a step and keeps what matters; the simpler models see all pixels at once, "
        "or one row, or a mean."
    )
    return Shown(f"{len(test)} digits that no model has seen", rows, remark, [out / name for name in pictures])


def _reading(network: Any, images: np.ndarray, labels: np.ndarray) -> bytes:
    """Draw how the network's belief grows row by row: four digits it is surest of, and two it is least right about."""
    from ostinato.report.reading import Reading, readings

    T = images.shape[1]
    belief = np.stack([network.predict_proba(images[:, : t + 1]) for t in range(T)], axis=1)  # (B, T, C)
    truth = belief[np.arange(len(labels)), -1, labels]
    doubtful = np.argsort(truth, kind="stable")[:2]
    sure = [int(np.where(labels == digit, truth, -1.0).argmax()) for digit in (0, 3, 5, 8)]
    items = [Reading(images[i], belief[i], str(labels[i])) for i in (*sure, *doubtful)]
    return readings(items, [str(c) for c in network.classes_], "What the network believes after each row of pixels")
