"""Where attention looked while a translation was written, as a picture."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ostinato.report.curves import png
from ostinato.report.theme import LIGHT, Theme


def attention_map(
    source: Sequence[str], target: Sequence[str], weights: NDArray[np.floating[Any]], theme: Theme = LIGHT
) -> bytes:
    """Draw the weights of attention, a row a written token, a column a token that was read.

    Args:
        source: S tokens.
        target: T tokens.
        weights: (T, S), from 0 to 1; each row sums to 1.
        theme: the colours.

    Returns:
        the bytes of a PNG; the stronger the colour, the more the model looked there.

    Example:
        >>> attention_map(["a", "cat"], ["eine", "Katze"], np.eye(2))[1:4]
        b'PNG'
    """
    T, S = weights.shape
    figure = Figure(figsize=(1.6 + 0.42 * S, 1.2 + 0.34 * T), dpi=130, facecolor=theme.paper, layout="constrained")
    axes = figure.add_subplot()
    colours = LinearSegmentedColormap.from_list("looked", [theme.paper, theme.first])
    axes.imshow(weights, cmap=colours, vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    axes.set_facecolor(theme.paper)
    axes.xaxis.tick_top()
    axes.set_xticks(range(S), [token.replace("$", r"\$") for token in source], rotation=60, ha="left")
    axes.set_yticks(range(T), [token.replace("$", r"\$") for token in target])
    axes.tick_params(colors=theme.ink, labelsize=9, length=0)
    for spine in axes.spines.values():
        spine.set_color(theme.grid)
    return png(figure)
