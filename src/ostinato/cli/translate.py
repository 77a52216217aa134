"""`ostinato translate`: a line in, its translation out."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from ostinato.cli.options import as_json

_ROWS = 256  # translated together; memory stays small however long the file is

_HELP = """Translate the lines of FILE or of stdin with MODEL, a translation a line in the same order.

\b
  echo "A dog runs through the snow." | ostinato translate model
  ostinato translate model test.en --beam 5 > test.de
  ostinato translate model test.en --n-best 3 --json

An empty line is answered by an empty line, so that line numbers stay what they are. With --n-best, tab, score follow
each translation, and all of one line's are numbered by it; with --json an object a line.
"""


@click.command(help=_HELP)
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True), default="-")
@click.option("--beam", type=click.IntRange(min=1), metavar="SIZE", help="Beginnings kept; default: the model's, 5.")
@click.option("--length-penalty", type=click.FloatRange(0, 10), metavar="A", help="0 prefers short translations.")
@click.option("--max-length", type=click.IntRange(min=1), metavar="TOKENS", help="Default: twice the line's and 10.")
@click.option("--n-best", type=click.IntRange(min=1), metavar="N", help="Print the N best of the beam.")
@click.option("--attention", type=click.Path(path_type=Path), metavar="PNG", help="Draw where the first line looked.")
@click.option("--encoding", metavar="NAME", default="utf-8", show_default=True, help="Encoding of FILE.")
@click.option("--threads", type=click.IntRange(min=1), metavar="N", help="Threads; default: all cores.")
@as_json
def translate(
    model: Path,
    file: Path,
    beam: int | None,
    length_penalty: float | None,
    max_length: int | None,
    n_best: int | None,
    attention: Path | None,
    encoding: str,
    threads: int | None,
    as_json: bool,
) -> None:
    """Translate the lines of FILE or of stdin with MODEL."""
    from ostinato.cli.columns import chunks
    from ostinato.cli.screen import note
    from ostinato.data import read
    from ostinato.tasks.translation import Translator

    if str(file) == "-" and sys.stdin.isatty():
        click.echo("reading lines from the terminal; Ctrl-D ends", err=True)
    loaded = Translator.load(model).set_params(n_threads=threads)
    how: dict[str, Any] = {"beam": beam, "length_penalty": length_penalty, "max_length": max_length}
    wide = loaded.beam if beam is None else beam
    if n_best is not None and n_best > wide:
        raise click.UsageError(f"--n-best {n_best} of a beam of {wide}; a wider --beam is needed")
    stdin = str(file) == "-"
    lines = read(
        "-" if stdin else file, text="source", label=None, encoding=encoding, format=None if stdin else "lines"
    )
    for some in chunks(iter(lines), _ROWS):
        full = [example for example in some if example.value.strip()]
        for example in some:
            if not example.value.strip():
                note(f"note: {example.place}: empty, answered by an empty line")
        found = iter(loaded.candidates([example.value for example in full], **how))
        if attention is not None and full:
            _draw(loaded, full[0].value, attention)
            attention = None
        for example in some:
            best = next(found) if example.value.strip() else []
            sys.stdout.writelines(_lines(example, best, n_best, as_json))
        sys.stdout.flush()


def _lines(example: Any, best: list[Any], n_best: int | None, as_json: bool) -> Iterator[str]:
    if as_json:
        told = [
            {"text": one.text, "score": one.score, "log_probability_nats": one.log_probability}
            for one in best[: n_best or 1]
        ]
        yield json.dumps({"source": example.value, "translations": told}, ensure_ascii=False) + "\n"
    elif n_best is None:
        yield (" ".join(best[0].text.split("\n")) if best else "") + "\n"
    else:
        number = example.place.rpartition(" ")[2]
        yield from (f"{number}\t{one.text}\t{one.score:.4f}\n" for one in best[:n_best])


def _draw(model: Any, line: str, path: Path) -> None:
    from ostinato.report.attention import attention_map

    looked = model.attention_of(line)
    path.write_bytes(attention_map(looked.source, looked.target, looked.weights))
