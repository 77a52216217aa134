"""Series as pictures: a forecast behind what came before it, and how a series remembers its past."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ostinato.report.curves import png
from ostinato.report.theme import LIGHT, Theme
from ostinato.tasks.forecasting import Backtest, Forecast

_SERIES, _PAST = 6, 4  # panels of a picture; how many horizons of the past are shown at least
_SHOWN = 400


def forecast_picture(forecasts: Sequence[Forecast], targets: Sequence[str], theme: Theme = LIGHT) -> bytes:
    """Draw forecasts with their intervals behind the rows before them.

    Args:
        forecasts: as `Forecaster.forecast` gives them; the first six panels are drawn.
        targets: names of the K targets.
        theme: the colours.

    Returns:
        the bytes of a PNG.
    """
    panels = [(one, k) for one in forecasts for k in range(one.mean.shape[1])][:_SERIES]
    figure, rows = _figure(len(panels), theme)
    for axes, (one, k) in zip(rows, panels, strict=True):
        H = len(one.mean)
        past = one.history[-max(_PAST * H, 60) :, k]
        before: Any = np.arange(-len(past), 0)
        after: Any = np.arange(H)
        if one.dates is not None and one.history_dates is not None:
            before, after = one.history_dates[-len(past) :], one.dates
        axes.plot(before, past, color=theme.ink, lw=1.3, label="series")
        if one.lower is not None and one.upper is not None:
            label = f"{one.level:.0%} interval"
            axes.fill_between(
                after, one.lower[:, k], one.upper[:, k], color=theme.second, alpha=0.25, lw=0, label=label
            )
        way, foretold = np.concatenate([before[-1:], after]), np.concatenate([past[-1:], one.mean[:, k]])
        axes.plot(
            way, foretold, color=theme.second, lw=2, marker="o" if H == 1 else "", markevery=[-1], label="forecast"
        )
        _dress(axes, f"{one.name}: {targets[k]}" if len(panels) > 1 else targets[k], theme)
    _legend(rows[0], theme)
    return png(figure)


def backtest_picture(found: Backtest, targets: Sequence[str], step: int = 1, theme: Theme = LIGHT) -> bytes:
    """Draw what was forecast some steps ahead beside what came, the last 400 rows of the first series.

    Args:
        found: of `backtest`.
        targets: names of the K targets.
        step: how many rows ahead, from 1.
        theme: the colours.

    Returns:
        the bytes of a PNG.
    """
    mine = np.flatnonzero(found.series == found.series[0])[-_SHOWN:]
    figure, rows = _figure(min(len(targets), _SERIES), theme)
    place: Any = found.origins[mine] if found.dates is None else found.dates[mine]
    for k, axes in enumerate(rows):
        h = step - 1
        if found.lower is not None and found.upper is not None:
            low, high = found.lower[mine, h, k], found.upper[mine, h, k]
            axes.fill_between(
                place, low, high, color=theme.second, alpha=0.25, lw=0, label=f"{found.level:.0%} interval"
            )
        axes.plot(place, found.truth[mine, h, k], color=theme.ink, lw=1.1, label="series")
        axes.plot(place, found.mean[mine, h, k], color=theme.second, lw=1.4, label=f"forecast {step} ahead")
        _dress(axes, targets[k], theme)
    _legend(rows[0], theme)
    return png(figure)


def autocorrelation(values: np.ndarray, lags: int) -> np.ndarray:
    """Correlation of a series with itself, lag by lag.

    Args:
        values: float64 (T,), without a gap.
        lags: the greatest lag.

    Returns:
        (lags + 1,), 1 at lag 0; of a constant series 0 behind it.

    Source: the usual estimate, divided by T at every lag, as R's `acf` and statsmodels have it.

    Example:
        >>> autocorrelation(np.array([1.0, -1.0, 1.0, -1.0]), 2).tolist()
        [1.0, -0.75, 0.5]
    """
    centred = values - values.mean()
    spread = float((centred**2).sum())
    sums = [float((centred[lag:] * centred[: len(centred) - lag]).sum()) for lag in range(lags + 1)]
    return np.array([1.0, *(part / spread if spread > 0 else 0.0 for part in sums[1:])])


def autocorrelation_picture(values: np.ndarray, name: str, lags: int = 48, theme: Theme = LIGHT) -> bytes:
    """Draw the autocorrelation, with the band in which 95 % of those of noise lie.

    Args:
        values: (T,), without a gap.
        name: of the series.
        lags: the greatest lag.
        theme: the colours.

    Returns:
        the bytes of a PNG.
    """
    lags = max(min(lags, len(values) - 1), 1)
    found = autocorrelation(values, lags)
    figure, (axes,) = _figure(1, theme)
    band = 1.96 / len(values) ** 0.5
    axes.axhspan(-band, band, color=theme.grid, lw=0)
    axes.vlines(np.arange(lags + 1), 0, found, color=theme.first, lw=2)
    axes.plot(np.arange(lags + 1), found, "o", ms=3, color=theme.first)
    _dress(axes, f"{name}: correlation with itself, by lag", theme)
    return png(figure)


def _figure(panels: int, theme: Theme) -> tuple[Figure, Any]:
    figure = Figure(figsize=(9.2, 2.7 * panels), dpi=140, facecolor=theme.paper, layout="constrained")
    return figure, figure.subplots(panels, 1, squeeze=False)[:, 0]


def _legend(axes: Axes, theme: Theme) -> None:
    """Beside the title, where it hides nothing."""
    place: dict[str, Any] = {"loc": "lower right", "bbox_to_anchor": (1.0, 0.98), "ncols": 3}
    axes.legend(frameon=False, labelcolor=theme.ink, fontsize=8, **place)


def _dress(axes: Axes, title: str, theme: Theme) -> None:
    axes.set_title(title, loc="left", color=theme.ink, fontsize=10, fontweight="bold")
    axes.set_facecolor(theme.paper)
    axes.tick_params(colors=theme.faint, labelsize=8, length=0)
    axes.grid(axis="y", color=theme.grid, lw=1)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(theme.grid)
    axes.margins(x=0.01)
