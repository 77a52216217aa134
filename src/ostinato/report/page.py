"""report.html: one self-contained page that says what was learned, from what, and how well."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from html import escape
from importlib.resources import files
from typing import Any

from ostinato.report.confusion import confusion
from ostinato.report.curves import learning_curve
from ostinato.report.table import written
from ostinato.report.theme import DARK, LIGHT, Theme
from ostinato.tasks.evaluate import Measures

_NAMES = {
    "log_loss_nats": "log-loss (nats)",
    "macro_f1": "macro F1",
    "commonest_class_accuracy": "always the commonest class",
    "roc_auc": "ROC AUC",
}
_CLASSES_SHOWN = 50


@dataclass(frozen=True)
class Report:
    """What a page is made of.

    Args:
        title: what was trained, as "SequenceClassifier on reviews.csv".
        subtitle: a line below it.
        measures: from `measure`.
        measured_on: which rows they were measured on, as a sentence.
        history: a mapping an epoch, as `learning_curve` takes it; empty for a model without epochs.
        beside: simpler models measured on the same rows, a mapping a model, this one first.
        mistakes: rows that were got wrong: input, label, predicted, probability.
        data: what is known of the data, name -> value.
        settings: the constructor arguments, name -> value.
        versions: library -> version.
        pictures: title -> what draws it in the colours of a theme, as the bytes of a PNG.
    """

    title: str
    subtitle: str
    measures: Measures
    measured_on: str
    history: Sequence[Mapping[str, Any]] = ()
    beside: Sequence[Mapping[str, Any]] = ()
    mistakes: Sequence[Mapping[str, Any]] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, Any] = field(default_factory=dict)
    pictures: Mapping[str, Callable[[Theme], bytes]] = field(default_factory=dict)


def page(report: Report) -> str:
    """Write the page: no script, no other file, light or dark as the reader's system is.

    Args:
        report: what to show. Every text in it is escaped.

    Returns:
        the HTML. Open it in a browser or print it.
    """
    measures = report.measures
    parts = [
        f"<header><h1>{escape(report.title)}</h1><p>{escape(report.subtitle)}</p></header>",
        _numbers(measures.summary),
        f"<p>{escape(report.measured_on)}</p>",
        _rows(report.beside),
        *(_picture(title, draw) for title, draw in report.pictures.items()),
        _curve(report.history),
        _confusion(measures),
        _classes(measures.per_class),
        _mistakes(report.mistakes),
        '<div class="columns">',
        f"<section><h2>Data</h2>{_facts(report.data)}<h2>Versions</h2>{_facts(report.versions)}</section>",
        f"<section><h2>Settings</h2>{_facts(report.settings)}</section></div>",
    ]
    style = files("ostinato.report").joinpath("style.css").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(report.title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(part for part in parts if part)
        + "\n<footer>Written by Ostinato. This page needs no other file.</footer>\n</main>\n</body>\n</html>\n"
    )


def _numbers(summary: Mapping[str, Any]) -> str:
    """Show the main numbers large."""
    shown = ((key, value) for key, value in summary.items() if key != "rows" and value is not None)
    return (
        '<dl class="numbers">'
        + "".join(
            f"<div><dt>{escape(_NAMES.get(key, key.replace('_', ' ')))}</dt><dd>{_share(key, value)}</dd></div>"
            for key, value in shown
        )
        + "</dl>"
    )


def _share(key: str, value: float) -> str:
    return f"{value:.2%}".replace("%", " %") if "accuracy" in key else written(value)


def _confusion(measures: Measures) -> str:
    if not measures.confusion.size:  # several labels a row: none is taken for another
        return ""
    return "<h2>Who is taken for whom</h2>" + confusion(measures.confusion, [str(name) for name in measures.classes])


def _curve(history: Sequence[Mapping[str, Any]]) -> str:
    """Embed the learning curve twice; the browser shows the one that fits its surroundings."""
    if not history:
        return ""
    return _picture("Learning", partial(learning_curve, history), "Loss by epoch")


def _picture(title: str, draw: Callable[[Theme], bytes], said: str = "") -> str:
    light, dark = (base64.b64encode(draw(theme)).decode() for theme in (LIGHT, DARK))
    return (
        f"<h2>{escape(title)}</h2><figure><picture>"
        f'<source media="(prefers-color-scheme: dark)" srcset="data:image/png;base64,{dark}">'
        f'<img alt="{escape(said or title)}" src="data:image/png;base64,{light}"></picture></figure>'
    )


def _mistakes(mistakes: Sequence[Mapping[str, Any]]) -> str:
    if not mistakes:
        return ""
    note = "<p>The rows that were got wrong with the greatest confidence: often the label is what is wrong.</p>"
    return "<h2>Surest mistakes</h2>" + note + _rows(mistakes)


def _classes(rows: Sequence[Mapping[str, Any]]) -> str:
    return "<h2>Class by class</h2>" + _rows(rows[:_CLASSES_SHOWN]) + _left_out(rows) if rows else ""


def _left_out(rows: Sequence[Any]) -> str:
    more = len(rows) - _CLASSES_SHOWN
    return f"<p>{more:,} more classes are in metrics.json.</p>" if more > 0 else ""


def _rows(rows: Sequence[Mapping[str, Any]]) -> str:
    """Write rows as a table, a column a key."""
    if not rows:
        return ""
    kinds = {key: _kind(value) for key, value in rows[0].items()}
    head = "".join(f'<th class="{kind}">{escape(key)}</th>' for key, kind in kinds.items())
    body = "".join(
        "<tr>" + "".join(f'<td class="{kinds[key]}">{escape(written(row[key]))}</td>' for key in kinds) + "</tr>"
        for row in rows
    )
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _kind(value: Any) -> str:
    return "text" if isinstance(value, str) and len(value) > 24 else "short" if isinstance(value, str) else "n"


def _facts(facts: Mapping[str, Any]) -> str:
    """Write names and values, one a line."""
    lines = (
        f"<tr><th>{escape(name.replace('_', ' '))}</th><td>{escape(_plain(value))}</td></tr>"
        for name, value in facts.items()
    )
    return f'<div class="wide"><table class="facts"><tbody>{"".join(lines)}</tbody></table></div>'


def _plain(value: Any) -> str:
    """Write a setting as it would be typed, not as it would be compared."""
    if isinstance(value, list | tuple):
        return ", ".join(_plain(item) for item in value)
    if value is None:
        return "none"
    return repr(value) if isinstance(value, float) else written(value)
