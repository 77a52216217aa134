"""The learning curve as a picture: what was lost a epoch in training and on held-out rows."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ostinato.report.theme import LIGHT, Theme


def learning_curve(history: Sequence[Mapping[str, Any]], theme: Theme = LIGHT) -> bytes:
    """Draw the loss, and beside it each measure of the held-out rows, by epoch.

    Args:
        history: a mapping an epoch with `epoch`, `train_loss` and, where rows were held out, `valid_loss` and other
            keys that begin with `valid_`. A `train.History` knows whose epoch's weights were kept.
        theme: the colours.

    Returns:
        the bytes of a PNG. The epoch whose weights were kept is marked; of other lists that with the lowest held-out
        loss.

    Example:
        >>> learning_curve([{"epoch": 1, "train_loss": 0.7}])[1:4]
        b'PNG'
    """
    measures = [key for key in (history[0] if history else {}) if key.startswith("valid_") and key != "valid_loss"][:2]
    figure = Figure(figsize=(4.6 * (1 + len(measures)), 3.2), dpi=160, facecolor=theme.paper, layout="constrained")
    losses, *others = figure.subplots(1, 1 + len(measures), squeeze=False)[0]
    epochs = [row.get("epoch", i + 1) for i, row in enumerate(history)]
    held = [row.get("valid_loss") for row in history]
    best = _kept(history, epochs)
    _line(losses, epochs, [row.get("train_loss") for row in history], "training", theme.first, theme)
    if best is not None:
        _line(losses, epochs, held, "held-out", theme.second, theme, best)
    _dress(losses, "loss", theme)
    if history:
        losses.legend(frameon=False, labelcolor=theme.ink, fontsize=9)
    for axes, key in zip(others, measures, strict=True):
        _line(axes, epochs, [row.get(key) for row in history], "held-out", theme.second, theme, best)
        _dress(axes, key.removeprefix("valid_").replace("_", " "), theme)
    return png(figure)


def _kept(history: Sequence[Mapping[str, Any]], epochs: Sequence[Any]) -> int | None:
    """The place of the epoch whose weights were kept, where any was held out."""
    held = {i: row["valid_loss"] for i, row in enumerate(history) if row.get("valid_loss") is not None}
    if not held:
        return None
    kept = getattr(history, "best_epoch", None)
    return epochs.index(kept) if kept in epochs else min(held, key=held.__getitem__)


def png(figure: Figure) -> bytes:
    """Render a figure; drawn by Agg alone, so that no window system is asked for."""
    buffer = BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def _line(
    axes: Axes, x: Sequence[Any], y: Sequence[Any], name: str, colour: str, theme: Theme, best: int | None = None
) -> None:
    shown = [(a, b) for a, b in zip(x, y, strict=True) if b is not None]
    if not shown:
        return
    xs, ys = zip(*shown, strict=True)
    axes.plot(xs, ys, color=colour, lw=2, marker="o", ms=4 if len(xs) <= 20 else 0, label=name, clip_on=False)
    if best is not None and y[best] is not None:
        axes.plot([x[best]], [y[best]], "o", ms=10, mfc="none", mec=colour, mew=1.5, clip_on=False, label="kept")


def _dress(axes: Axes, title: str, theme: Theme) -> None:
    axes.set_title(title, loc="left", color=theme.ink, fontsize=11, fontweight="bold")
    axes.set_xlabel("epoch", color=theme.faint, fontsize=9)
    axes.set_facecolor(theme.paper)
    axes.tick_params(colors=theme.faint, labelsize=9, length=0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.grid(axis="y", color=theme.grid, lw=1)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(theme.grid)
    axes.margins(x=0.04, y=0.12)
