"""What `ostinato vectors train` does: read, learn, write, and say so."""

import time
from pathlib import Path
from typing import Any

from ostinato._core.errors import InputError
from ostinato.cli.failure import Interrupted
from ostinato.cli.screen import emit, note, show


def free(out: Path, *, force: bool) -> None:
    """Raise now if a file cannot or should not be written, so that nothing is learned in vain.

    Raises:
        InputError: it is there and `force` is not set, or its folder is not.
    """
    if out.is_dir() or (out.exists() and not force):
        raise InputError(f"{out}: is there already, a new file is needed; give another name, or --force to replace it")
    if not out.absolute().parent.is_dir():
        raise InputError(f"{out}: no such folder, one that exists is needed; make it, or give another name")


def train_on_text(
    text: Path, out: Path, settings: dict[str, Any], phrases: int, *, resume: bool, force: bool, as_json: bool
) -> None:
    """Learn from a text and write the vectors; see `ostinato vectors train --help`."""
    from ostinato.report.table import facts
    from ostinato.vectors import Corpus, Phrases, WordVectors

    free(out, force=force)
    kept = out.with_name(f".{out.name}.checkpoint")
    model = WordVectors(**settings, phrases=Phrases(passes=phrases) if phrases else None)
    if model.method != "svd":
        model.set_params(checkpoint=str(kept), resume=resume)
    begun = time.perf_counter()
    corpus = Corpus.read(text, min_count=model.min_count, max_vocabulary=model.max_vocabulary, phrases=model.phrases)
    if model.verbose:
        note(f"{text}: {len(corpus):,} words, {len(corpus.words):,} different, {model.min_count} times or more each")
    try:
        model.fit(corpus)
    except KeyboardInterrupt:
        said = f"; {kept} keeps what was learned: the same command with --resume goes on" if kept.exists() else ""
        raise Interrupted(f"interrupted{said or ', nothing was written; run the same command again'}") from None
    model.vectors_.save(out)
    kept.unlink(missing_ok=True)
    found = {
        "vectors": str(out),
        "words": len(model.vectors_),
        "dimensions": model.vectors_.vector_size,
        "text_words": len(corpus),
        "epochs": len(model.history_) or None,
        "loss": model.history_[-1]["loss"] if model.history_ else None,
        "seconds": round(time.perf_counter() - begun, 2),
    }
    if as_json:
        emit({**found, "history": model.history_})
        return
    show(facts(found))
    if model.verbose:
        note(f"next: ostinato vectors similar {out} {model.vectors_.index_to_key[0]}")
