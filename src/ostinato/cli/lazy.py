"""A group of commands that are imported when asked for, and that answers a typing error with what was meant."""

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import Any, cast

import click

SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 110}


class LazyGroup(click.Group):
    """A click group over a plain table of names, so that `--help` costs nothing and the table can be grepped.

    Args:
        table: verb -> "module:object", or a command itself.
        settings: what `click.Group` takes.
    """

    def __init__(self, *, table: Mapping[str, str | click.Command], **settings: Any) -> None:
        settings.setdefault("context_settings", SETTINGS)
        super().__init__(**settings)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the table's order, which is the order of use."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module that holds a verb and return its command."""
        entry = self.table.get(cmd_name)
        if not isinstance(entry, str):
            return entry
        module, _, name = entry.partition(":")
        return cast(click.Command, getattr(import_module(module), name))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; where there is none, say which one was probably meant."""
        name = args[0]
        if name not in self.table and not name.startswith("-") and not ctx.resilient_parsing:
            close = get_close_matches(name, self.table, n=1)
            remedy = f"did you mean '{close[0]}'?" if close else f"there are: {', '.join(self.table)}"
            raise click.UsageError(f"no command '{name}', {remedy}", ctx)
        return super().resolve_command(ctx, args)
