"""`ostinato`: the table of verbs, and how every run begins and ends."""

import sys
import warnings
from typing import Any

import click

from ostinato import __version__
from ostinato.cli.failure import OK, debugging, one_line, report
from ostinato.cli.lazy import LazyGroup

# verb -> where its command is; imported when it is asked for
COMMANDS: dict[str, str] = {
    "demo": "ostinato.cli.demo:demo",
    "train": "ostinato.cli.train:train",
    "evaluate": "ostinato.cli.evaluate:evaluate",
    "predict": "ostinato.cli.predict:predict",
    "generate": "ostinato.cli.generate:generate",
    "translate": "ostinato.cli.translate:translate",
    "transcribe": "ostinato.cli.transcribe:transcribe",
    "forecast": "ostinato.cli.forecast:forecast",
    "compare": "ostinato.cli.compare:compare",
    "vectors": "ostinato.cli.vectors:vectors",
    "data": "ostinato.cli.data:data",
    "doctor": "ostinato.cli.doctor:doctor",
    "completion": "ostinato.cli.completion:completion",
}

HELP = """Learn from sequences with recurrent networks: from a file to a trained, measured model.

\b
  ostinato demo                                     see it work, offline, in a minute
  ostinato data check reviews.csv                   look at a file before anything is learned from it
  ostinato train classify reviews.csv --out model   train on its columns text and label
  ostinato evaluate model test.csv                  measure on rows the model has not seen
  echo 'A fine film.' | ostinato predict model      label, a tab, probability
"""
EPILOG = "Results go to stdout, messages to stderr. Exit code: 0 done, 1 failed, 2 wrong usage or input, 130 Ctrl-C."


class Ostinato(LazyGroup):
    """The group of all verbs: every run ends here, with one line and an exit code, never with a traceback."""

    def main(self, args: Any = None, prog_name: str | None = None, **settings: Any) -> Any:  # type: ignore[override]
        """Run and leave with an exit code; `standalone_mode=False` lets exceptions through, as in click."""
        if not settings.pop("standalone_mode", True):
            return super().main(args, prog_name, standalone_mode=False, **settings)
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            code = self._run(args, prog_name, **settings)
        sys.exit(code)

    def _run(self, args: Any, prog_name: str | None, **settings: Any) -> int:
        _make_printable()
        self._debug = debugging()
        try:
            code = super().main(args, prog_name, standalone_mode=False, **settings)
            sys.stdout.flush()  # a full disk or a closed pipe is found here, not after we have said "ok"
        except (Exception, KeyboardInterrupt) as error:
            return report(error, self._debug)
        return code if isinstance(code, int) else OK

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb; Ctrl-C is kept from click, which would print an empty line for it."""
        self._debug = debugging()
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise click.Abort from error


def _show_warning(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
    """Print a warning as one line; those for programmers are left out."""
    if debugging() or not issubclass(category, DeprecationWarning | PendingDeprecationWarning | FutureWarning):
        print(f"warning: {one_line(str(message))}", file=sys.stderr)


def _make_printable() -> None:
    """Let text that the terminal's encoding lacks be escaped instead of ending the run."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure") and (stream.encoding or "").lower().replace("-", "") != "utf8":
            stream.reconfigure(errors="backslashreplace")


@click.command(cls=Ostinato, table=COMMANDS, name="ostinato", help=HELP, epilog=EPILOG)
@click.version_option(__version__, prog_name="ostinato", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Show the traceback of an error; as OSTINATO_DEBUG=1.")
def cli(debug: bool) -> None:
    """Hold the verbs."""


def main() -> None:
    """Run the command line and exit (the console script)."""
    cli(prog_name="ostinato")
