"""The constructor arguments of an estimator as options of its verb, generated from its signature and docstring."""

from collections.abc import Collection
from typing import Any

import click
from click.core import ParameterSource

from ostinato.cli.kinds import Kind
from ostinato.cli.lazy import SETTINGS
from ostinato.cli.signature import Argument, arguments

# Arguments that the verbs set by options of their own, which every verb has alike.
OWN = frozenset({"random_state", "n_threads", "device", "verbose", "checkpoint", "resume", "warm_start"})


class Setting(click.Option):
    """An option that was generated from a constructor argument."""

    def __init__(self, argument: Argument) -> None:
        flag = flag_of(argument.name).removeprefix("--")
        self.argument = argument
        text = argument.help.removesuffix(".")
        about = f"{text}{'; ' if text else ''}default: {_shown(argument.default)}"
        if argument.annotation == "bool":
            super().__init__([f"--{flag}/--no-{flag}", argument.name], default=None, help=about)
        else:
            super().__init__([f"--{flag}", argument.name], type=Kind(argument.annotation), default=None, help=about)


class EstimatorCommand(click.Command):
    """A verb of one estimator: its own options first, then the estimator's settings under their own heading.

    The verb is called with the settings that were typed as one dict, `settings`; what was not typed is left to the
    preset and the constructor.

    Args:
        place: "module:Class" of the estimator.
        settings: what `click.Command` takes.
    """

    def __init__(self, *, place: str, **settings: Any) -> None:
        settings.setdefault("context_settings", SETTINGS)
        super().__init__(**settings)
        self.estimator = place.partition(":")[2]
        taken = {parameter.name for parameter in self.params}
        self.params += settings_of(place, taken)

    def invoke(self, ctx: click.Context) -> Any:
        """Call the verb with the settings that were typed."""
        settings = {parameter.name for parameter in self.params if isinstance(parameter, Setting)}
        typed = {name for name in settings if ctx.get_parameter_source(str(name)) is ParameterSource.COMMANDLINE}
        chosen = {name: value for name, value in ctx.params.items() if name in typed}
        ctx.params = {name: value for name, value in ctx.params.items() if name not in settings}
        ctx.params["settings"] = chosen
        return super().invoke(ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options under two headings."""
        own: list[tuple[str, str]] = []
        settings: list[tuple[str, str]] = []
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx) if isinstance(parameter, click.Option) else None
            if record is not None:
                (settings if isinstance(parameter, Setting) else own).append(record)
        with formatter.section("Options"):
            formatter.write_dl(own)
        with formatter.section(f"Settings of {self.estimator}"):
            formatter.write_dl(settings)


def flag_of(name: str) -> str:
    """How an argument is typed.

    Example:
        >>> flag_of("hidden_size")
        '--hidden-size'
    """
    return "--" + name.replace("_", "-")


def settings_of(place: str, taken: Collection[str | None] = ()) -> list[click.Parameter]:
    """Make the options of an estimator, without those the command line cannot write or sets itself."""
    return [
        Setting(argument)
        for argument in arguments(place)
        if argument.name not in OWN and argument.name not in taken and Kind(argument.annotation)
    ]


def _shown(default: Any) -> str:
    if default is None:
        return "none"
    if isinstance(default, bool):
        return "yes" if default else "no"
    if isinstance(default, tuple | list):
        return ",".join(str(item) for item in default)
    return str(default)
