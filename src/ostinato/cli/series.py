"""Which columns of a file are dates, targets and covariates: the same options for every verb of `forecast`."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from typing import Any

import click

from ostinato._core.errors import DataError

_DATES = ("date", "ds", "time", "timestamp", "datetime", "day", "month")
_LISTS = ("target", "past", "future", "static")


def layout(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say what the columns are; the verb gets one `columns` dict for them."""

    @wraps(function)
    def collected(*args: Any, **options: Any) -> Any:
        names = ("target", "date", "date_format", "series", "past", "future", "static")
        return function(*args, columns={name: options.pop(name) for name in names}, **options)

    made: Callable[..., Any] = collected
    for option in reversed(
        [
            click.option("--target", metavar="COLUMNS", help="What is forecast, names with commas between."),
            click.option("--date", metavar="COLUMN", help="Column of the dates; default: one called date, time, ..."),
            click.option("--date-format", metavar="FORMAT", help="How dates are written, as %m/%d/%Y."),
            click.option("--series", metavar="COLUMN", help="Column that says which series a row is of (long form)."),
            click.option("--past", metavar="COLUMNS", help="Covariates known up to now."),
            click.option("--future", metavar="COLUMNS", help="Covariates known ahead; rows to come have no target."),
            click.option("--static", metavar="COLUMNS", help="Covariates that do not change within a series."),
        ]
    ):
        made = option(made)
    return made


def read_series(path: Path, columns: Mapping[str, Any], saved: Mapping[str, Any] | None = None) -> tuple[Any, Any]:
    """Read the series of a file.

    Args:
        path: CSV, TSV or Parquet.
        columns: what was typed.
        saved: the layout of a model, for what was not typed.

    Returns:
        the panel, and the layout.

    Raises:
        DataError: a column is missing, or a value is no number or date; names the place.
    """
    from ostinato.data import read_columns
    from ostinato.tasks.forecasting.table import Layout, panel_of

    read = read_columns(path)
    if not read:
        raise DataError(f"{path}: no columns, expected a header line; was it written completely?")
    chosen = layout_of(list(read), columns, saved or {}, str(path))
    found = Layout(**chosen)
    if any(name not in read for name in found.names):
        read_columns(path, found.names)  # says which column is missing, and the nearest
    return panel_of(read, found, path.name), found


def layout_of(header: list[str], columns: Mapping[str, Any], saved: Mapping[str, Any], file: str) -> dict[str, Any]:
    """The arguments of `Layout`: what was typed, else what the model remembers, else what names tell."""
    lists = {name: _split(columns[name]) for name in _LISTS}
    date = columns["date"] or saved.get("date")
    if date is None and not saved:
        date = next((name for name in header if name.strip().lower() in _DATES), None)
    series = columns["series"] or saved.get("series")
    others = [name for name in header if name not in (date, series, *lists["past"], *lists["future"], *lists["static"])]
    targets = lists["target"] or tuple(saved.get("targets", ()))
    if not targets:
        if len(others) != 1:
            raise DataError(
                f"{file}: {len(others)} columns may be the target ({', '.join(map(repr, others[:6]))}), expected one; "
                "name it by --target"
            )
        targets = (others[0],)
    rest = {name: lists[name] or tuple(saved.get(name, ())) for name in ("past", "future", "static")}
    form = columns["date_format"] or saved.get("date_format")
    return {"targets": targets, "date": date, "date_format": form, "series": series, **rest}


def remembered(found: Any) -> dict[str, Any]:
    """A layout as a model keeps it."""
    return asdict(found)


def _split(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())
