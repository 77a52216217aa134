"""Forecasting series: a recurrent forecaster, and the simple ones that it has to beat."""

from ostinato.tasks.forecasting.baseline import BaselineForecaster
from ostinato.tasks.forecasting.forecaster import Forecaster
from ostinato.tasks.forecasting.panel import Panel, Series, read_panel
from ostinato.tasks.forecasting.results import Backtest, Forecast

__all__ = ["Backtest", "BaselineForecaster", "Forecast", "Forecaster", "Panel", "Series", "read_panel"]
