"""`ostinato demo`: real data through the whole library, with one command."""

from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from ostinato.cli.options import as_json, machine

# demo -> where its function is: run(out, data, seed, threads, device, limit) -> Shown
DEMOS: dict[str, str] = {
    "digits": "ostinato.cli.demo.digits:run",
    "docs": "ostinato.cli.demo.docs:run",
    "imdb": "ostinato.cli.demo.imdb:run",
    "names": "ostinato.cli.demo.names:run",
}


_HELP = """Train on real data beside simpler models and draw what was learned.

\b
  digits   handwritten digits, read row by row; offline, under a minute   [default]
  docs     Python's own documentation, letter by letter, and text written with it; offline, two minutes
  imdb     50,000 film reviews, for or against; downloaded once, or from --data DIR
  names    surnames of 18 languages, letter by letter; from --data DIR
"""


@click.command(help=_HELP)
@click.argument("name", type=click.Choice(list(DEMOS)), default="digits")
@click.option("--data", type=click.Path(path_type=Path), metavar="DIR", help="Folder that holds the data already.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo"),
    show_default=True,
    metavar="DIR",
    help="Folder for the pictures.",
)
@click.option("--limit", type=click.IntRange(min=100), metavar="ROWS", help="Learn from at most so many rows.")
@machine
@as_json
def demo(name: str, out: Path, as_json: bool, **settings: Any) -> None:
    """Train on real data beside simpler models and draw what was learned."""
    from ostinato.cli.contest import as_table
    from ostinato.cli.screen import emit, note, show

    begun = not out.exists()
    out.mkdir(parents=True, exist_ok=True)  # now: a folder that cannot be made is no news for after the training
    module, _, function = DEMOS[name].partition(":")
    try:
        shown = getattr(import_module(module), function)(out=out, **settings)
    except BaseException:
        if begun:
            with suppress(OSError):  # it holds a picture already
                out.rmdir()
        raise
    if as_json:
        emit({"demo": name, "models": shown.rows, "files": [str(path) for path in shown.files]})
        return
    show(as_table(shown.rows, shown.title))
    show(shown.remark)
    for path in shown.files:
        note(f"wrote {path}")
