"""`ostinato train lm`: a text becomes a model that foresees the next word or character, and writes."""

import time
from pathlib import Path
from typing import Any

import click

from ostinato.cli.options import training
from ostinato.cli.settings import EstimatorCommand
from ostinato.cli.signature import keys

PLACE = "ostinato.tasks.language.model:LanguageModel"
_PRESETS = "ostinato.tasks.language.presets:PRESETS"

_HELP = """Train a language model on a text: it foresees the next word or character, measures texts and writes them.

\b
  ostinato train lm book.txt --out model --tokenizer char --preset characters
  ostinato generate model --prompt "It was"

FILE is a text file (.txt, .txt.gz) or a folder of them. The text's end is held out, unless --valid names a file; an
n-gram model is measured beside the network. Ctrl-C keeps what was learned so far; the same command with --resume goes
on.
"""


@click.command("lm", cls=EstimatorCommand, place=PLACE, help=_HELP, short_help=_HELP.partition(":")[0] + ".")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Folder for the model.")
@click.option("--valid", type=click.Path(path_type=Path), metavar="FILE", help="Held-out text; default: the end.")
@click.option("--encoding", metavar="NAME", default="utf-8", show_default=True, help="Encoding of the text.")
@click.option("--preset", type=click.Choice(keys(_PRESETS)), help="Settings that go together; single ones win.")
@training
def train(
    file: Path,
    out: Path,
    valid: Path | None,
    encoding: str,
    preset: str | None,
    settings: dict[str, Any],
    seed: int,
    threads: int | None,
    device: str,
    resume: bool,
    force: bool,
    dry_run: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Train a language model on a text."""
    from ostinato.cli.columns import Rows
    from ostinato.cli.interruptible import REST, interruptible
    from ostinato.cli.outputs import checked, checkpoint_of
    from ostinato.cli.resuming import remember, seed_of
    from ostinato.cli.screen import emit, note, say, show
    from ostinato.data import read_texts
    from ostinato.report.table import facts
    from ostinato.tasks.language import LanguageModel, corpus
    from ostinato.tasks.language.presets import preset as preset_of
    from ostinato.tasks.saving import size_bytes

    checked(out, force=force)
    checkpoint = checkpoint_of(out, resume=resume, force=force)
    if resume:
        seed = seed_of(checkpoint, seed)
    texts = read_texts(file, encoding=encoding)
    own: dict[str, Any] = {"n_threads": threads, "device": device, "checkpoint": str(checkpoint), "resume": resume}
    chosen: dict[str, Any] = {**(preset_of(preset) if preset else {}), **settings}
    model = LanguageModel(**chosen, random_state=seed, verbose=0 if quiet else 1, **own)
    learn, held = model.parts(texts, None if valid is None else read_texts(valid, encoding=encoding))
    about = {"file": file.name, "characters": sum(map(len, learn)), "held out": sum(map(len, held))}
    if not quiet:
        note(f"{file}: {about['characters']:,} characters to learn from, {about['held out']:,} held out")
    if dry_run:
        facts_of = {"would train": "LanguageModel", "out": str(out), **about, **chosen}
        say(facts_of, as_json)
        return
    begun = time.perf_counter()
    with interruptible(checkpoint):
        remember(checkpoint, tuple(Rows(file.name, part, [""] * len(part)) for part in (learn, held)), resume=resume)
        model.fit(learn, held or None)
        seconds = time.perf_counter() - begun
        measured = _measured(model, learn, held)
        model.metrics_ = {**model.metrics_, **measured}
        model.set_params(**REST)
        model.save(out)
    result = {
        "task": "lm",
        "model": str(out),
        "train_tokens": model.metrics_["train_tokens"],
        "vocabulary": model.metrics_["vocabulary"],
        "epochs": len(model.history_),
        "best_epoch": model.history_.best_epoch,
        "parameters": model.parameters_,
        "size_bytes": size_bytes(out),
        "seconds": round(seconds, 2),
        **measured,
    }
    if as_json:
        emit(result)
        return
    show(facts(_readable(result)))
    if not quiet:
        begin = " ".join(corpus.texts_of(learn)[0].split()[:2])
        note(f"next: ostinato generate {out} --prompt {begin!r}; ostinato evaluate {out} FILE")


def _measured(model: Any, learn: list[str], held: list[str]) -> dict[str, Any]:
    """Measure the network and an n-gram model of the same vocabulary on the held-out text."""
    from ostinato.tasks.language.ngram import NGram

    if not held:
        return {}
    counted = NGram(5, tokenizer=model.tokenizer_, lines=model.lines_).fit(learn).evaluate(held)
    return {"held_out": model.evaluate(held), "held_out_ngram": counted}


def _readable(result: dict[str, Any]) -> dict[str, Any]:
    """Return the summary in words."""
    shown = {
        "model": result["model"],
        "size": f"{result['size_bytes'] / 1e6:.2f} MB, {result['parameters']:,} parameters",
        "text": f"{result['train_tokens']:,} tokens to learn from, a vocabulary of {result['vocabulary']:,}",
    }
    for name, words in (("held_out", "network"), ("held_out_ngram", "5-gram, Kneser-Ney")):
        if name in result:
            found = result[name]
            shown[words] = (
                f"perplexity {found['perplexity']:.2f}, {found['loss_nats']:.4f} nats a token, "
                f"{found['bits_per_character']:.3f} bits a character on {found['tokens']:,} held-out tokens"
            )
    shown["time"] = f"{result['seconds']:.1f} s, {result['epochs']} epochs, the best was epoch {result['best_epoch']}"
    return shown
