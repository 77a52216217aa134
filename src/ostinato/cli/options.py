"""Options that several verbs share, so that one word means one thing everywhere."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from ostinato.cli.columns import FORMATS, MISSING, Columns
from ostinato.cli.signature import keys

Verb = Callable[..., Any]

seed = click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of all draws.")
threads = click.option("--threads", type=click.IntRange(min=1), metavar="N", help="Threads; default: all cores.")
device = click.option("--device", metavar="NAME", default="cpu", show_default=True, help="Where to compute: cpu, cuda.")
resume = click.option("--resume", is_flag=True, help="Go on with a training that was interrupted.")
force = click.option("--force", is_flag=True, help="Replace the model that is in --out.")
dry_run = click.option("--dry-run", is_flag=True, help="Read and check everything, train nothing.")
quiet = click.option("--quiet", "-q", is_flag=True, help="Show no progress.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")

beam = click.option("--beam", type=click.IntRange(min=1), metavar="SIZE", help="Of a model that searches: how wide.")
length_penalty = click.option(
    "--length-penalty", type=click.FloatRange(0, 10), metavar="A", help="Of such a model; 0 prefers short answers."
)


def columns(function: Verb) -> Verb:
    """Add the options that say what is read from a file; the verb gets one `columns` for them."""

    @wraps(function)
    def collected(*args: Any, **options: Any) -> Any:
        names = ("text", "sequence", "label", "format", "encoding", "missing", "limit")
        return function(*args, columns=Columns(**{name: options.pop(name) for name in names}), **options)

    return _decorated(
        collected,
        click.option("--text", metavar="COLUMN", help="Column of the texts; default: text."),
        click.option(
            "--sequence",
            metavar="COLUMN",
            help="Column of numeric sequences, as [[x, y], ...] a row; of a CSV with a row a step: "
            "ID,TIME,CHANNEL,...; of recordings: log-mel@8000; of pen strokes: COLUMN@0.05.",
        ),
        click.option("--label", metavar="COLUMN", help="Column of the labels; default: label."),
        click.option("--format", type=click.Choice(FORMATS), help="Format of the file; default: from its name."),
        click.option("--encoding", metavar="NAME", help="Encoding of the file; default: utf-8."),
        click.option(
            "--missing",
            type=click.Choice(MISSING),
            help="A row without a value or label (an empty text is a value); default: error.",
        ),
        click.option("--limit", type=click.IntRange(min=1), metavar="ROWS", help="Read at most so many rows."),
    )


def machine(function: Verb) -> Verb:
    """Add --seed, --threads and --device."""
    return _decorated(function, seed, threads, device)


def training(function: Verb) -> Verb:
    """Add what every training of a network takes: `machine`'s, --resume, --force, --dry-run, --quiet and --json."""
    return _decorated(function, machine, resume, force, dry_run, quiet, as_json)


def preset(function: Verb) -> Verb:
    """Add --preset; the verb's `settings` are then the preset's, and over them the ones that were typed."""

    @wraps(function)
    def filled(*args: Any, settings: dict[str, Any], preset: str, **options: Any) -> Any:
        from ostinato.tasks.presets import preset as preset_of

        return function(*args, settings={**preset_of(preset), **settings}, **options)

    return _decorated(
        filled,
        click.option(
            "--preset",
            type=click.Choice(keys("ostinato.tasks.presets:PRESETS")),
            default="default",
            show_default=True,
            help="Settings that go together; single ones win over them.",
        ),
    )


def _decorated(function: Verb, *options: Callable[[Verb], Verb]) -> Verb:
    for option in reversed(options):
        function = option(function)
    return function
