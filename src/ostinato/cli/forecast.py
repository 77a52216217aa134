"""`ostinato forecast`: series in a file become a forecaster, its forecasts, and how good they would have been."""

from pathlib import Path
from typing import Any

import click

from ostinato.cli.lazy import SETTINGS
from ostinato.cli.options import as_json, dry_run, force, quiet, seed, training
from ostinato.cli.series import layout
from ostinato.cli.settings import EstimatorCommand

PLACE = "ostinato.tasks.forecasting.forecaster:Forecaster"
BASELINE = "ostinato.tasks.forecasting.baseline:BaselineForecaster"

level = click.option(
    "--level",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.9,
    show_default=True,
    help="Share of truths that the intervals are to hold.",
)
out = click.option("--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Folder for the model.")
until = click.option("--until", metavar="DATE", help="Learn from the rows before this date or row number alone.")


@click.group(context_settings=SETTINGS)
def forecast() -> None:
    """Forecast series: train, predict, and back-test by rolling origin."""


_TRAIN = """Train a recurrent forecaster on the series of a file, and the simple forecasts beside it.

\b
  ostinato forecast train load.csv --target load --horizon 24 --look-back 168 --season 24 --out model
  ostinato forecast train shops.parquet --series shop --target sold --past price --calendar day_of_week --out model

FILE is CSV, TSV or Parquet, a column a series (wide) or with a column that names the series (long). Missing dates and
values are filled and counted. The end of each series is held out to measure by and to calibrate intervals on; then the
network learns again from all rows. Ctrl-C keeps what was learned so far; the same command with --resume goes on.
"""


@forecast.command("train", cls=EstimatorCommand, place=PLACE, help=_TRAIN, short_help="Train a recurrent forecaster.")
@click.argument("file", type=click.Path(path_type=Path))
@out
@layout
@until
@training
def train(**options: Any) -> None:
    """Train a recurrent forecaster."""
    from ostinato.cli.forecasting import train_on_series

    train_on_series(PLACE, **options)


_BASELINE = """Fit a forecast without recurrence: the last value, last season's, a line, a linear regression.

\b
  ostinato train forecast-baseline load.csv --target load --method linear --look-back 48 --horizon 24 --out model

FILE is read as `ostinato forecast train` reads it; predict and backtest take such a model too.
"""


@click.command(
    "forecast-baseline",
    cls=EstimatorCommand,
    place=BASELINE,
    help=_BASELINE,
    short_help=_BASELINE.partition(":")[0] + ".",
)
@click.argument("file", type=click.Path(path_type=Path))
@out
@layout
@until
@seed
@force
@dry_run
@quiet
@as_json
def baseline(**options: Any) -> None:
    """Fit a forecast without recurrence."""
    from ostinato.cli.forecasting import train_on_series

    train_on_series(BASELINE, **options)


_PREDICT = """Forecast the rows after the end of the training series, or of those in FILE.

\b
  ostinato forecast predict model
  ostinato forecast predict model newer.csv --level 0.8 --picture forecast.png > forecast.csv

Prints CSV: series, date or step, target, forecast, and the ends of the interval; with --json an object a line. Where
covariates are known ahead, FILE ends with rows that have them and no target.
"""


@forecast.command("predict", help=_PREDICT, short_help="Forecast the rows to come.")
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("file", type=click.Path(path_type=Path), required=False)
@layout
@level
@click.option("--picture", type=click.Path(path_type=Path), metavar="FILE", help="Draw the forecast to a PNG.")
@as_json
def predict(model: Path, file: Path | None, columns: Any, level: float, picture: Path | None, as_json: bool) -> None:
    """Forecast the rows to come."""
    from ostinato.cli.forecasting import predict_series

    predict_series(model, file, columns, level, picture, as_json)


_BACKTEST = """Forecast from every origin of a range of rows in FILE and compare with what came; nothing is learned.

\b
  ostinato forecast backtest model whole.csv --since 2024-01-01 --by step --picture backtest.png

FILE holds the rows before --since too: they are read, not measured.
"""


@forecast.command("backtest", help=_BACKTEST, short_help="Measure forecasts by rolling origin.")
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("file", type=click.Path(path_type=Path))
@layout
@click.option("--since", metavar="DATE", help="First date or row number that is forecast; default: the first possible.")
@click.option("--stride", type=click.IntRange(min=1), default=1, show_default=True, help="Rows between origins.")
@level
@click.option("--adapt", type=float, default=0.0, show_default=True, help="Rate at which intervals learn from misses.")
@click.option("--by", type=click.Choice(("step", "series")), help="Show the figures of each step ahead or series.")
@click.option("--forecasts", type=click.Path(path_type=Path), metavar="FILE", help="Write all forecasts as CSV.")
@click.option("--picture", type=click.Path(path_type=Path), metavar="FILE", help="Draw them to a PNG.")
@as_json
def backtest(**options: Any) -> None:
    """Measure forecasts by rolling origin."""
    from ostinato.cli.forecasting import backtest_series

    backtest_series(**options)
