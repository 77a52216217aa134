"""What a classifier believes while it reads: the probability of each class after each step, beside the sequence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from numpy.typing import NDArray

from ostinato.report.curves import png
from ostinato.report.theme import LIGHT, Theme

_COLUMNS = 3


@dataclass(frozen=True)
class Reading:
    """One sequence as it was read.

    Args:
        steps: (T, I) the numbers read, a row a step.
        probabilities: (T, C) of each class after each step.
        label: the true class.
    """

    steps: NDArray[np.floating[Any]]
    probabilities: NDArray[np.floating[Any]]
    label: str


def readings(items: Sequence[Reading], classes: Sequence[str], title: str, theme: Theme = LIGHT) -> bytes:
    """Draw sequences and, step by step, what the classifier takes them for.

    Args:
        items: the sequences; all have the same number of steps or fewer than about thirty.
        classes: C names, in the order of the probabilities' columns.
        title: a line above the picture.
        theme: the colours.

    Returns:
        the bytes of a PNG: a sequence is a small picture (one row of pixels a step) and beside it, on the same rows,
        the probability of each class; the stronger the colour the surer, the true class is marked below.
    """
    rows = -(-len(items) // _COLUMNS)
    figure = Figure(figsize=(4.1 * _COLUMNS, 2.25 * rows + 0.6), dpi=130, facecolor=theme.paper)
    figure.set_layout_engine(ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.1))
    figure.suptitle(title, x=0.01, ha="left", color=theme.ink, fontsize=13, fontweight="bold")
    grid = figure.add_gridspec(rows, 2 * _COLUMNS, width_ratios=[1, 1.5] * _COLUMNS)
    for number, item in enumerate(items):
        row, column = divmod(number, _COLUMNS)
        _sequence(figure.add_subplot(grid[row, 2 * column]), item, theme)
        _belief(figure.add_subplot(grid[row, 2 * column + 1]), item, classes, theme)
    return png(figure)


def _sequence(axes: Axes, item: Reading, theme: Theme) -> None:
    ink = LinearSegmentedColormap.from_list("ink", [theme.paper, theme.ink])
    axes.imshow(item.steps, cmap=ink, aspect="auto", interpolation="nearest")
    _plain(axes, theme)
    axes.set_title(f"this is {item.label}", loc="left", color=theme.ink, fontsize=10)
    axes.set_yticks([0, len(item.steps) - 1], ["step 1", str(len(item.steps))])


def _belief(axes: Axes, item: Reading, classes: Sequence[str], theme: Theme) -> None:
    guess = classes[int(item.probabilities[-1].argmax())]
    right = guess == item.label
    colour = theme.first if right else theme.second
    axes.imshow(
        item.probabilities,
        cmap=LinearSegmentedColormap.from_list("sure", [theme.paper, colour]),
        vmin=0,
        vmax=1,
        aspect="auto",
        interpolation="nearest",
    )
    _plain(axes, theme)
    sure = f"{item.probabilities[-1].max():.0%}".replace("%", " %")
    axes.set_title(f"read as {guess}, {sure}", loc="left", color=colour, fontsize=10, fontweight="bold")
    axes.set_xticks(range(len(classes)), list(classes))
    axes.set_yticks(np.arange(-0.5, len(item.steps)), minor=True)
    axes.grid(axis="y", which="minor", color=theme.grid, lw=0.8)
    for name, tick in zip(classes, axes.get_xticklabels(), strict=True):
        if name == item.label:
            tick.set_color(theme.ink)
            tick.set_fontweight("bold")


def _plain(axes: Axes, theme: Theme) -> None:
    axes.set_facecolor(theme.paper)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.tick_params(which="both", colors=theme.faint, labelsize=8, length=0)
    for spine in axes.spines.values():
        spine.set_color(theme.grid)
