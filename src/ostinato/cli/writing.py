"""The page of a model that has just been trained."""

from datetime import date
from typing import Any

from ostinato import __version__
from ostinato.cli.columns import Columns, Rows
from ostinato.cli.doctor import versions
from ostinato.cli.settings import OWN

_SHOWN = 8
_LETTERS = 300
_RUN = OWN - {"random_state", "device", "n_threads"}  # of the run, not of the model


def model_page(estimator: Any, held: Rows, about: dict[str, Any], columns: Columns) -> tuple[Any, str]:
    """Measure a fitted estimator on held-out rows and write its page.

    Args:
        estimator: fitted.
        held: rows it has not learned from.
        about: what is known of the data.
        columns: what was read.

    Returns:
        the measures, and the HTML.
    """
    from ostinato.tasks.evaluate import measure

    probabilities = estimator.predict_proba(held.values)
    measures = measure(held.labels, probabilities, estimator.classes_)
    surest = [
        {
            "where": held.places[i].rpartition(f"{held.name}, ")[2],
            "input": _excerpt(held.values[i]),
            "label": held.labels[i],
            "predicted": measures.classes[int(probabilities[i].argmax())],
            "probability": float(probabilities[i].max()),
        }
        for i in measures.mistakes[:_SHOWN]
    ]
    return measures, write_page(estimator, measures, held, about, columns.names(), surest)


def write_page(
    estimator: Any,
    measures: Any,
    held: Rows,
    about: dict[str, Any],
    names: dict[str, str | None],
    mistakes: list[dict[str, Any]],
    pictures: dict[str, Any] | None = None,
    beside: list[dict[str, Any]] | None = None,
    measured_on: str | None = None,
) -> str:
    """Write the page of a fitted estimator.

    Args:
        estimator: fitted.
        measures: what was found on the held-out rows.
        held: these rows.
        about: what is known of the data.
        names: the columns that were read.
        mistakes: rows that were got wrong.
        pictures: title -> what draws it.
        beside: simpler models measured on the same rows, this one first.
        measured_on: which rows these are, as a sentence; none where they are rows that were never learned from.

    Returns:
        the HTML.
    """
    from ostinato.report.page import Report, page

    report = Report(
        title=f"{type(estimator).__name__} on {about['file']}",
        subtitle=f"{date.today().isoformat()}, ostinato {__version__}",
        measures=measures,
        measured_on=measured_on
        or f"Measured on {len(held):,} rows of {held.name} that the model has not learned from.",
        history=getattr(estimator, "history_", []),
        beside=beside or [],
        mistakes=mistakes,
        data={**about, **{name: value for name, value in names.items() if value}},
        settings={name: v for name, v in estimator.get_params(deep=False).items() if name not in _RUN},
        versions=versions(),
        pictures=pictures or {},
    )
    return page(report)


def _excerpt(value: Any) -> str:
    if not isinstance(value, str):
        return f"{len(value)} steps of {value.shape[-1]} numbers"
    return value if len(value) <= _LETTERS else value[: _LETTERS - 1] + "…"
