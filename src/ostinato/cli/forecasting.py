"""What the verbs of `forecast` do: train beside the baselines, forecast, back-test, write."""

import csv
import json
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from ostinato._core.errors import InputError, ModelFileError
from ostinato.cli.columns import Rows
from ostinato.cli.interruptible import REST, interruptible
from ostinato.cli.outputs import checked, checkpoint_of
from ostinato.cli.resuming import remember, seed_of
from ostinato.cli.screen import emit, note, say, show
from ostinato.cli.series import read_series, remembered

_FIGURES = ("r2", "mae", "rmse", "mase", "smape")
_SHARED = ("look_back", "horizon", "season", "calendar", "scaling", "transform", "fill", "frequency")


def train_on_series(
    place: str,
    *,
    settings: dict[str, Any],
    file: Path,
    out: Path,
    columns: dict[str, Any],
    until: str | None,
    seed: int,
    force: bool,
    dry_run: bool,
    quiet: bool,
    as_json: bool,
    threads: int | None = None,
    device: str = "cpu",
    resume: bool = False,
) -> None:
    """Train a forecaster on a file and write it to a folder; see `ostinato forecast train --help`."""
    from ostinato.report.table import facts, table
    from ostinato.tasks.saving import size_bytes

    module, _, name = place.partition(":")
    make = getattr(import_module(module), name)
    checked(out, force=force)
    checkpoint = checkpoint_of(out, resume=resume, force=force)
    seed = seed_of(checkpoint, seed) if resume else seed
    panel, found = read_series(file, columns)
    panel = _before(panel, until)
    own: dict[str, Any] = {"n_threads": threads, "device": device, "verbose": 0 if quiet else 1, "random_state": seed}
    if settings.get("members", 1) == 1:
        own |= {"checkpoint": str(checkpoint), "resume": resume}
    known = make().get_params()
    model = make(**settings, **{key: value for key, value in own.items() if key in known})
    rows = sum(map(len, panel.series))
    about = {"file": file.name, "series": len(panel), "rows": rows, "targets": ", ".join(found.targets)}
    if not quiet:
        note(f"{file}: {len(panel)} series, {rows:,} rows, to forecast: {about['targets']}")
    if dry_run:
        plan = {"would train": name, "out": str(out), **about, **settings}
        say(plan, as_json)
        return
    begun = time.perf_counter()
    with interruptible(checkpoint):
        if "checkpoint" in known:
            digest = Rows(file.name, [one.targets for one in panel.series], [0.0] * len(panel), [""] * len(panel))
            remember(checkpoint, (digest,), resume=resume)
        model.fit(panel)
        seconds = time.perf_counter() - begun
        beside = _beside(model, panel) if name == "Forecaster" else []
        measures = [{"forecast": name, **_figures(model)}, *beside] if "held_out" in model.metrics_ else []
        model.set_params(**{key: value for key, value in REST.items() if key in known})
        data = json.dumps(remembered(found), indent=2, ensure_ascii=False) + "\n"
        model.save(out, extra_files={"report.html": _page(model, panel, about, found, measures), "data.json": data})
    for line in model.filled_[:8]:
        note(
            f"note: {file}: series {line['series']!r}, {_column(line['column'], found)}: {line['missing']:,} missing, "
            f"{line['filled']}"
        )
    if as_json:
        emit(
            {
                "task": model.task,
                "model": str(out),
                **about,
                "windows": model.metrics_["windows"],
                "filled": model.filled_,
                "held_out": measures,
                "parameters": model.parameters_,
                "size_bytes": size_bytes(out),
                "seconds": round(seconds, 2),
            }
        )
        return
    size = f"{size_bytes(out) / 1e6:.2f} MB, {model.parameters_:,} parameters"
    show(facts({"model": str(out), "size": size, "windows": model.metrics_["windows"], "time": f"{seconds:.1f} s"}))
    if measures:
        best: Any = {"r2": "highest", **dict.fromkeys(_FIGURES[1:], "lowest")}
        show(table(measures, title="On the held-out end of each series", best=best))
    if not quiet:
        note(
            f"next: ostinato forecast predict {out}; ostinato forecast backtest {out} FILE; open {out / 'report.html'}"
        )


def predict_series(
    folder: Path, file: Path | None, columns: dict[str, Any], level: float, picture: Path | None, as_json: bool
) -> None:
    """Print the forecasts after the end of each series."""
    from ostinato.report.forecasts import forecast_picture

    model, saved = _opened(folder)
    panel = None if file is None else read_series(file, columns, saved)[0]
    found = model.forecast(panel, level=level)
    if picture is not None:
        picture.write_bytes(forecast_picture(found, model.targets_))
        note(f"wrote {picture}")
    rows = [row for one in found for row in _forecast_rows(one, model.targets_)]
    if as_json:
        for row in rows:
            emit(row)
        return
    _write_csv(sys.stdout, rows)


def backtest_series(
    *,
    model: Path,
    file: Path,
    columns: dict[str, Any],
    since: str | None,
    stride: int,
    level: float,
    adapt: float,
    by: str | None,
    forecasts: Path | None,
    picture: Path | None,
    as_json: bool,
) -> None:
    """Measure a model by rolling origin."""
    from ostinato.report.forecasts import backtest_picture
    from ostinato.report.table import facts, table

    loaded, saved = _opened(model)
    panel, _ = read_series(file, columns, saved)
    found = loaded.backtest(panel, start=_place(since), stride=stride, level=level, adapt=adapt)
    if picture is not None:
        picture.write_bytes(backtest_picture(found, loaded.targets_))
        note(f"wrote {picture}")
    if forecasts is not None:
        with forecasts.open("w", newline="", encoding="utf-8") as stream:
            _write_csv(stream, _backtest_rows(found, loaded.targets_))
        note(f"wrote {forecasts}")
    parts = [] if by is None else found.by_step() if by == "step" else found.by_series()
    figures = {"forecasts": len(found), "horizon": found.mean.shape[1], **found.metrics}
    if as_json:
        emit({**figures, **({by: parts} if by else {})})
        return
    show(facts(figures))
    if parts:
        show(table(parts))


def _beside(model: Any, panel: Any) -> list[dict[str, Any]]:
    """The simple forecasts, measured on the same held-out rows."""
    from ostinato.tasks.forecasting import BaselineForecaster

    shared = {name: value for name, value in model.get_params().items() if name in (*_SHARED, "validation_fraction")}
    if "held_out" not in model.metrics_:
        return []
    methods = ["linear", *(["seasonal_naive"] if model.season else []), "naive", "drift"]
    found = []
    for method in methods:
        try:
            simple = BaselineForecaster(method=method, **shared, refit=False).fit(panel)  # type: ignore[arg-type]
        except InputError as error:
            note(f"note: {method.replace('_', ' ')} left out: {error}")
            continue
        found.append({"forecast": method.replace("_", " "), **_figures(simple)})
    return found


def _figures(model: Any) -> dict[str, float]:
    return {name: model.metrics_.get("held_out", {}).get(name) for name in _FIGURES}


def _column(text: str, found: Any) -> str:
    """The name that a column has in the file: "targets 0" is the first target."""
    what, _, number = text.partition(" ")
    return repr(getattr(found, what)[int(number)]) if number else text


def _page(model: Any, panel: Any, about: dict[str, Any], found: Any, beside: list[dict[str, Any]]) -> str:
    """The page of a forecaster: figures of the held-out part, the forecast, the autocorrelation."""
    import numpy as np

    from ostinato.cli.writing import write_page
    from ostinato.report.forecasts import autocorrelation_picture, forecast_picture
    from ostinato.tasks.evaluate import Measures

    held = {name: value for name, value in _figures(model).items() if value is not None}
    measures = Measures({"rows": 0, **held}, [], [], np.zeros((0, 0), np.int64), [])
    rows = Rows(about["file"], [None] * model.metrics_["valid_windows"])
    said = f"All rows of {about['file']} were learned from: nothing was measured."
    if held:
        after = "was learned from afterwards" if model.refit else "was not learned from"
        said = f"Measured on {len(rows):,} forecasts of the end of each series in {about['file']}, which {after}."
    first = model.memory_[0]
    pictures: dict[str, Any] = {}
    with suppress(InputError):  # what is known ahead may not reach beyond the end yet
        forecasts = model.forecast()
        pictures["The rows to come"] = lambda theme: forecast_picture(forecasts, model.targets_, theme)
    series = panel.series[0].targets[:, 0]
    series = series[np.isfinite(series)]
    if len(series) > 2:
        lags = max(2 * (model.season or 0), 48)
        pictures["Memory"] = lambda theme: autocorrelation_picture(series, first.name, lags, theme)
    names = {"target": ", ".join(found.targets), "date": found.date, "series": found.series}
    return write_page(model, measures, rows, about, names, [], pictures, beside if len(beside) > 1 else None, said)


def _opened(folder: Path) -> tuple[Any, dict[str, Any]]:
    from ostinato.tasks import load
    from ostinato.tasks.forecasting.forecasting_task import ForecastingTask

    model = load(folder)
    if not isinstance(model, ForecastingTask):
        raise ModelFileError(
            f"{folder}: holds a model for {model.task!r}, a forecaster is needed; see ostinato predict"
        )
    saved = folder / "data.json"
    return model, json.loads(saved.read_text(encoding="utf-8")) if saved.is_file() else {}


def _before(panel: Any, until: str | None) -> Any:
    from ostinato.tasks.forecasting.checks import row_of

    if until is None:
        return panel
    cut = tuple(one.until(row_of(_place(until), one, 0)) for one in panel.series)
    kept = tuple(one for one in cut if len(one))
    if not kept:
        raise InputError(f"--until {until} leaves no row to learn from, expected some before it; give a later one")
    return replace(panel, series=kept)


def _place(text: str | None) -> Any:
    """A row number or a date."""
    if text is None:
        return None
    return int(text) if text.lstrip("-").isdigit() and len(text) < 8 else text


def _forecast_rows(one: Any, targets: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for step in range(len(one.mean)):
        for k, target in enumerate(targets):
            row = {"series": one.name, **_when(one.dates, step), "target": target, "forecast": float(one.mean[step, k])}
            if one.lower is not None:
                row |= {"lower": float(one.lower[step, k]), "upper": float(one.upper[step, k])}
            yield row


def _backtest_rows(found: Any, targets: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for number, origin in enumerate(found.origins.tolist()):
        for step in range(found.mean.shape[1]):
            for k, target in enumerate(targets):
                row = {"series": found.series[number], "origin": origin, "step": step + 1, "target": target}
                row |= {"truth": found.truth[number, step, k], "forecast": found.mean[number, step, k]}
                if found.lower is not None:
                    row |= {"lower": found.lower[number, step, k], "upper": found.upper[number, step, k]}
                yield row


def _when(dates: Any, step: int) -> dict[str, Any]:
    if dates is None:
        return {"step": step + 1}
    days = dates.astype("datetime64[D]")
    return {"date": str((days if (days == dates).all() else dates)[step])}  # alike in all rows


def _write_csv(stream: Any, rows: Any) -> None:
    """Rows as CSV, numbers with the digits that mean something."""
    writer = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(stream, list(row), lineterminator="\n")
            writer.writeheader()
        writer.writerow({name: f"{value:.7g}" if isinstance(value, float) else value for name, value in row.items()})
