"""`ostinato generate`: a language model writes on, each word or character shown as it is drawn; or music."""

import sys
from pathlib import Path

import click

from ostinato.cli.options import as_json

_HELP = """Write text with a language MODEL, on from a prompt; or music with a music MODEL.

\b
  ostinato generate model --prompt "It was the" --length 200 --temperature 0.8 --seed 1
  ostinato generate music-model --out song.mid --length 64

The text goes to stdout as it is drawn. The same seed gives the same text. A word of the prompt that the model does not
know is read as <unk>; <unk> itself is never written. A music model writes a MIDI file, or without --out the pitches of
each step, a line a step; --prompt names a file whose first piece is gone on with.
"""


@click.command(help=_HELP)
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--prompt", default="", metavar="TEXT", help="How the text begins; - reads it from stdin.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="MIDI file, of a music model.")
@click.option(
    "--length", type=click.IntRange(min=1), default=200, show_default=True, help="Tokens or steps to write at most."
)
@click.option("--temperature", type=click.FloatRange(min=0), default=1.0, show_default=True, help="0: the likeliest.")
@click.option("--top-k", type=click.IntRange(min=1), metavar="K", help="Draw from the K likeliest tokens.")
@click.option("--top-p", type=click.FloatRange(0, 1, min_open=True), metavar="P", help="Draw from the likeliest P.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed of the draws; default: a fresh one.")
@click.option("--stop", metavar="TEXT", help="End at this text; <eos> ends at the first end of a sentence or text.")
@click.option("--beam", type=click.IntRange(min=1), metavar="SIZE", help="Search for the likeliest texts instead.")
@click.option("--threads", type=click.IntRange(min=1), metavar="N", help="Threads; default: all cores.")
@as_json
def generate(
    model: Path,
    prompt: str,
    out: Path | None,
    length: int,
    temperature: float,
    top_k: int | None,
    top_p: float | None,
    seed: int | None,
    stop: str | None,
    beam: int | None,
    threads: int | None,
    as_json: bool,
) -> None:
    """Write text with a language MODEL, on from a prompt."""
    from ostinato._core.random import fresh
    from ostinato.cli.screen import emit
    from ostinato.tasks import saving
    from ostinato.tasks.language import LanguageModel

    if saving.read(model).task == "music":
        from ostinato.cli.music import generate_music
        from ostinato.tasks.music import MusicModel

        for name, given in (("--top-k", top_k), ("--top-p", top_p), ("--stop", stop), ("--beam", beam)):
            if given is not None:
                raise click.UsageError(f"{name} {given} is given, {model} writes music; leave it out")
        writer = MusicModel.load(model).set_params(n_threads=threads)
        seed = fresh() if seed is None else seed
        generate_music(writer, model, out, prompt, length, temperature, seed, as_json=as_json)
        return
    if out is not None:
        raise click.UsageError(
            f"--out {out} is given, {model} is no music model; leave it out, the text goes to stdout"
        )
    loaded = LanguageModel.load(model).set_params(n_threads=threads)
    if prompt == "-":
        prompt = sys.stdin.read().rstrip("\n")
    if beam is not None:
        found = loaded.beam(prompt, length, size=beam)
        if as_json:
            emit([{"text": text, "log_probability_nats": value} for text, value in found])
            return
        sys.stdout.writelines(f"{value:.4f}\t{text}\n" for text, value in found)
        return
    seed = fresh() if seed is None else seed
    written = [prompt]
    if not as_json:
        sys.stdout.write(prompt)
    for piece in loaded.stream(prompt, length, temperature=temperature, top_k=top_k, top_p=top_p, seed=seed, stop=stop):
        written.append(piece)
        if not as_json:
            sys.stdout.write(piece)
            sys.stdout.flush()
    if as_json:
        emit({"prompt": prompt, "text": "".join(written), "seed": seed})
    else:
        sys.stdout.write("\n")
