"""`ostinato transcribe`: recordings in, a line of text each out."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from ostinato._core.errors import DataError
from ostinato.cli.options import as_json

_TOGETHER = 32  # recordings read at once; memory stays small however many there are

_HELP = """Write what is said in recordings, a line each: the file, a tab, the text.

\b
  ostinato transcribe model one.wav two.flac
  ostinato transcribe model recordings/*.wav --beam 20 --json
  ostinato transcribe model one.wav --language-model writer

A language model of the same kind of tokens (letters, unless the model was trained with --tokenizer word) may have its
say: ostinato train lm. Recordings of another rate than the model's are resampled. A file that cannot be read stops the
run; what was written before it stays.
"""


@click.command(help=_HELP)
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--beam", type=click.IntRange(min=1), metavar="SIZE", help="Beginnings kept; default: the model's.")
@click.option("--language-model", type=click.Path(path_type=Path), metavar="DIR", help="Its say in the search.")
@click.option("--language-weight", type=click.FloatRange(0), default=0.5, show_default=True, help="How much it says.")
@click.option("--threads", type=click.IntRange(min=1), metavar="N", help="Threads; default: all cores.")
@as_json
def transcribe(
    model: Path,
    files: tuple[Path, ...],
    beam: int | None,
    language_model: Path | None,
    language_weight: float,
    threads: int | None,
    as_json: bool,
) -> None:
    """Write what is said in recordings."""
    from ostinato.data import read_audio
    from ostinato.tasks.language import LanguageModel
    from ostinato.tasks.speech import Transcriber

    loaded = Transcriber.load(model).set_params(n_threads=threads)
    lender = None if language_model is None else LanguageModel.load(language_model)
    for begin in range(0, len(files), _TOGETHER):
        some = files[begin : begin + _TOGETHER]
        heard: list[Any] = []
        wrong: DataError | None = None
        for file in some:
            try:
                heard.append(read_audio(file, loaded.sample_rate_hz)[0])
            except DataError as error:
                wrong = error
                break
        said = {"beam": beam, "language_model": lender, "language_weight": language_weight}
        texts = loaded.transcribe(heard, **said) if heard else []
        for file, text in zip(some, texts, strict=False):
            if as_json:
                sys.stdout.write(json.dumps({"file": str(file), "text": text}, ensure_ascii=False) + "\n")
            else:
                sys.stdout.write(f"{file}\t{text}\n")
        sys.stdout.flush()
        if wrong is not None:
            raise wrong
