"""`ostinato data`: looking at a file before anything is learned from it."""

from pathlib import Path
from typing import Any

import click

from ostinato.cli.columns import Columns
from ostinato.cli.lazy import SETTINGS
from ostinato.cli.options import as_json, columns

_LABELS = 20


@click.group(context_settings=SETTINGS)
def data() -> None:
    """Look at data before anything is learned from it."""


_HELP = """Say what was read from FILE: rows, lengths, labels, and what is odd.

\b
  ostinato data check reviews.csv --text text --label label

Rows that training would stop at are counted and named here, all of them at once. Of tagged sentences (CoNLL, CoNLL-U):
the scheme, the entities, and where tags break it.
"""


@data.command(help=_HELP)
@click.argument("file", type=click.Path(path_type=Path))
@columns
@click.option("--unlabelled", is_flag=True, help="Read no labels.")
@as_json
def check(file: Path, columns: Columns, unlabelled: bool, as_json: bool) -> None:
    """Say what was read from FILE: rows, lengths, labels, and what is odd."""
    from ostinato.cli.screen import emit, show
    from ostinato.cli.tagged import check_tags
    from ostinato.cli.ways.tagging import is_tagged
    from ostinato.data.report import describe
    from ostinato.report.table import facts, table

    if is_tagged(file, columns.format):
        check_tags(file, columns, unlabelled, as_json)
        return
    names = columns.names()
    found = describe(
        file,
        text=names["text"],
        sequence=names["sequence"],
        label=None if unlabelled or (columns.label is None and columns.plain(file)) else names["label"],
        format=columns.format,
        encoding=columns.encoding or "utf-8",
        limit=columns.limit,
    )
    if as_json:
        emit(found)
        return
    show(facts({"file": str(file), "rows": found["rows"], **found.get("vocabulary", {})}))
    show(table([{"length in": unit, **values} for unit, values in found["lengths"].items()]))
    if "inputs" in found:
        show(table([{"input": number, **values} for number, values in _numbered(found["inputs"])]))
    if found["labels"]:
        show(table(_shares(found["labels"], found["rows"])))
    odd = [
        {"oddity": o["kind"], "rows": o["count"], "first": _first(o["first"], found["file"]), "meaning": o["meaning"]}
        for o in found["oddities"]
    ]
    show(table(odd) if odd else "nothing odd was found")
    for remark in found["notes"]:
        show(f"note: {remark}")


def _shares(labels: dict[str, int], rows: int) -> list[dict[str, Any]]:
    shown = [_share(name, count, rows) for name, count in labels.items()]
    rest = sum(list(labels.values())[_LABELS:])
    return [*shown[:_LABELS], *([_share(f"({len(labels) - _LABELS} others)", rest, rows)] if rest else [])]


def _share(name: str, count: int, rows: int) -> dict[str, Any]:
    return {"label": name, "rows": count, "share": f"{count / rows:.1%}"}


def _numbered(inputs: Any) -> list[tuple[int, dict[str, Any]]]:
    return list(enumerate(inputs.values() if isinstance(inputs, dict) else inputs))


def _first(places: list[str], file: str) -> str:
    """Write the first places without the file's name, which stands above the table."""
    return "; ".join(place.removeprefix(f"{file}, ") for place in places[:3])
