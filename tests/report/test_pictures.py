"""Pictures are drawn, say what they should, and touch nothing global."""

import struct
from io import BytesIO

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.image import imread

from ostinato.report.curves import learning_curve
from ostinato.report.reading import Reading, readings
from ostinato.report.theme import DARK, LIGHT

FULL = [
    {"epoch": e, "train_loss": 1 / e, "valid_loss": abs(e - 3) + 0.5, "valid_accuracy": 0.5 + e / 20}
    for e in range(1, 6)
]


def size(png: bytes) -> tuple[int, int]:
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", png[16:24])  # type: ignore[return-value]


@pytest.mark.parametrize("history", [FULL, FULL[:1], [{"train_loss": 0.5}], []], ids=["full", "one", "bare", "none"])
def test_learning_curve_of_any_length(history: list[dict[str, float]]) -> None:
    width, height = size(learning_curve(history))
    assert width > height > 300


def test_one_panel_a_measure() -> None:
    assert size(learning_curve(FULL))[0] > 1.8 * size(learning_curve([{"train_loss": 1.0}]))[0]


def test_the_mark_stands_at_the_epoch_that_was_kept() -> None:
    assert learning_curve(FULL) == learning_curve(FULL, kept=3) != learning_curve(FULL, kept=5)


def test_themes_differ_and_nothing_global_changes() -> None:
    before = dict(mpl.rcParams)
    light, dark = learning_curve(FULL, LIGHT), learning_curve(FULL, DARK)
    assert light != dark
    assert dict(mpl.rcParams) == before
    assert learning_curve(FULL, LIGHT) == light


def test_readings_show_belief() -> None:
    sure, unsure = np.eye(3)[[0] * 4], np.full((4, 3), 1 / 3)
    pictures = [readings([Reading(np.ones((4, 2)), p, "a")], ["a", "b", "c"], "title") for p in (sure, unsure)]
    assert size(pictures[0]) == size(pictures[1])
    assert pictures[0] != pictures[1]


def test_paper_has_the_themes_colour() -> None:
    corner = imread(BytesIO(learning_curve(FULL, DARK)))[0, 0, :3]
    assert np.allclose(corner * 255, [0x16, 0x1B, 0x22], atol=1)
