"""`ostinato vectors`: word vectors learned from a text, asked, measured, converted and drawn."""

from pathlib import Path
from typing import Any

import click

from ostinato.cli.lazy import SETTINGS
from ostinato.cli.options import as_json, seed, threads
from ostinato.cli.settings import EstimatorCommand

_PLACE = "ostinato.vectors.word_vectors:WordVectors"
_TOP = 10

limit = click.option("--limit", type=click.IntRange(min=1), metavar="WORDS", help="Read the first so many words alone.")
by_index = click.option(
    "--index", type=click.Path(path_type=Path), metavar="FILE", help="Search by what `vectors index` wrote: quicker."
)
topn = click.option("--top", type=click.IntRange(min=1), default=_TOP, show_default=True, help="Words to show.")


@click.group(context_settings=SETTINGS)
def vectors() -> None:
    """Learn word vectors from a text; ask, measure, convert and draw them."""


_TRAIN = """Learn word vectors from TEXT, a sentence a line, words between spaces; it may be gzipped.

\b
  ostinato vectors train wikipedia.txt.gz --out vectors.safetensors
  ostinato vectors train reviews.txt --out vectors.txt --method cbow --vector-size 200 --phrases 1

The name says the format: .safetensors (mapped into memory), .bin or .txt (word2vec's), .glove.txt; .gz is gzipped.
Ctrl-C keeps what was learned so far (not of svd); the same command with --resume goes on.
"""


@vectors.command(cls=EstimatorCommand, place=_PLACE, help=_TRAIN, short_help="Learn word vectors from a text.")
@click.argument("text", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="FILE", help="File for the vectors.")
@click.option("--phrases", type=click.IntRange(min=0), default=0, metavar="PASSES", help="Join new york to new_york.")
@seed
@threads
@click.option("--resume", is_flag=True, help="Go on with a training that was interrupted.")
@click.option("--force", is_flag=True, help="Replace the file --out.")
@click.option("--quiet", "-q", is_flag=True, help="Show no progress.")
@as_json
def train(
    text: Path,
    out: Path,
    phrases: int,
    seed: int,
    threads: int | None,
    resume: bool,
    force: bool,
    quiet: bool,
    as_json: bool,
    settings: dict[str, Any],
) -> None:
    """Learn word vectors from a text."""
    from ostinato.cli.vectors_training import train_on_text

    own = {"n_threads": threads, "random_state": seed, "verbose": 0 if quiet else 1}
    train_on_text(text, out, {**settings, **own}, phrases, resume=resume, force=force, as_json=as_json)


_SIMILAR = """Show the words nearest to WORDS.

\b
  ostinato vectors similar vectors.safetensors king queen
  ostinato vectors similar vectors.safetensors king --minus man --minus boy
"""


@vectors.command(help=_SIMILAR, short_help="Show the words nearest to some.")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("words", nargs=-1, required=True)
@click.option("--minus", multiple=True, metavar="WORD", help="A word that counts against; several may be given.")
@topn
@by_index
@limit
@as_json
def similar(
    file: Path,
    words: tuple[str, ...],
    minus: tuple[str, ...],
    top: int,
    index: Path | None,
    limit: int | None,
    as_json: bool,
) -> None:
    """Show the words nearest to some."""
    _near(file, list(words), list(minus), top, index, limit, as_json)


_ANALOGY = """Answer: A is to B as C is to which word?

\b
  ostinato vectors analogy vectors.safetensors man king woman
"""


@vectors.command(help=_ANALOGY, short_help="Answer: A is to B as C is to which word?")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("a")
@click.argument("b")
@click.argument("c")
@topn
@by_index
@limit
@as_json
def analogy(file: Path, a: str, b: str, c: str, top: int, index: Path | None, limit: int | None, as_json: bool) -> None:
    """Answer: A is to B as C is to which word?"""
    _near(file, [b, c], [a], top, index, limit, as_json)


_INDEX = """Build an index of FILE's vectors: neighbours among millions are found without comparing with all.

\b
  ostinato vectors index vectors.safetensors --out vectors.index
  ostinato vectors similar vectors.safetensors king --index vectors.index

Nearly all of the nearest are found, with exact cosines. It needs faiss: pip install 'ostinato[index]'.
"""


@vectors.command(help=_INDEX, short_help="Build an index, to find neighbours among millions.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="FILE", help="File for the index.")
@click.option("--effort", type=click.IntRange(min=1), default=128, show_default=True, help="More find more, slower.")
@click.option("--force", is_flag=True, help="Replace the file --out.")
@threads
def index(file: Path, out: Path, effort: int, force: bool, threads: int | None) -> None:
    """Build an index."""
    from ostinato.cli.screen import note
    from ostinato.cli.vectors_training import free
    from ostinato.vectors import Index

    free(out, force=force)
    built = Index(_opened(file, None, []), effort=effort, n_threads=threads)
    built.save(out)
    note(f"{out}: {len(built):,} words, {out.stat().st_size / 2**20:,.1f} MB")


_EVALUATE = """Measure vectors on analogies (a b c d a line, sections headed by ": name") or scored pairs.

\b
  ostinato vectors evaluate vectors.safetensors --analogies questions-words.txt --pairs wordsim353.tsv
"""


@vectors.command(help=_EVALUATE, short_help="Measure vectors on analogies or scored pairs.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--analogies", type=click.Path(path_type=Path), metavar="FILE", help="Analogies.")
@click.option("--pairs", type=click.Path(path_type=Path), metavar="FILE", multiple=True, help="Scored pairs.")
@limit
@as_json
def evaluate(file: Path, analogies: Path | None, pairs: tuple[Path, ...], limit: int | None, as_json: bool) -> None:
    """Measure vectors on analogies or scored pairs."""
    from ostinato.cli.screen import emit, show
    from ostinato.report.table import table

    if analogies is None and not pairs:
        raise click.UsageError("nothing to measure on is given, a file is needed; add --analogies FILE or --pairs FILE")
    kv = _opened(file, limit, [])
    found: dict[str, Any] = {"words": len(kv), "dimensions": kv.vector_size}
    if analogies is not None:
        share, sections = kv.evaluate_word_analogies(analogies)
        rows = [
            {"section": s["section"], "right": len(s["correct"]), "asked": len(s["correct"]) + len(s["incorrect"])}
            for s in sections
        ]
        found["analogies"] = {"accuracy": share, "sections": rows}
        if not as_json:
            show(table([{**row, "share": f"{row['right'] / max(row['asked'], 1):.1%}"} for row in rows]))
    measured = []
    for path in pairs:
        pearson, spearman, unknown = kv.evaluate_word_pairs(path)
        row = {"pairs": path.name, "spearman": spearman[0], "pearson": pearson[0], "unknown_percent": unknown}
        measured.append(row)
    if measured:
        found["pairs"] = measured
        if not as_json:
            show(table(measured))
    if as_json:
        emit(found)


_CONVERT = """Write the vectors of FILE in another format, told by the name of OUT.

\b
  ostinato vectors convert glove.6B.100d.txt glove.safetensors --limit 100000
"""


@vectors.command(help=_CONVERT, short_help="Write vectors in another format.")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--skip-damaged", is_flag=True, help="Leave damaged lines out, and count them.")
@click.option("--force", is_flag=True, help="Replace the file OUT.")
@limit
def convert(file: Path, out: Path, skip_damaged: bool, force: bool, limit: int | None) -> None:
    """Write vectors in another format."""
    from ostinato.cli.screen import note
    from ostinato.cli.vectors_training import free
    from ostinato.vectors import KeyedVectors

    free(out, force=force)
    kv = KeyedVectors.load(file, limit=limit, errors="skip" if skip_damaged else "raise")
    kv.save(out)
    note(f"{out}: {len(kv):,} words, {kv.vector_size} dimensions")


_PLOT = """Draw words as points, near where their vectors are near, and write the picture to --out.

\b
  ostinato vectors plot vectors.safetensors --out map.png --words king,queen,paris,france
  ostinato vectors plot vectors.safetensors --out map.png --first 300 --map tsne
"""


@vectors.command(help=_PLOT, short_help="Draw words as a map.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="FILE", help="Picture to write (PNG).")
@click.option("--words", metavar="A,B,...", help="Words to draw.")
@click.option("--first", type=click.IntRange(min=2), default=200, show_default=True, help="Without --words: the first.")
@click.option("--map", "kind", type=click.Choice(["pca", "tsne"]), default="pca", show_default=True, help="How.")
@click.option("--force", is_flag=True, help="Replace the file --out.")
@seed
def plot(file: Path, out: Path, words: str | None, first: int, kind: str, force: bool, seed: int) -> None:
    """Draw words as a map."""
    from ostinato.cli.screen import note
    from ostinato.cli.vectors_training import free
    from ostinato.report.word_map import flat, word_map

    free(out, force=force)
    chosen = [word.strip() for word in words.split(",") if word.strip()] if words else None
    kv = _opened(file, None if chosen else first, chosen or [])
    names = chosen or kv.index_to_key
    out.write_bytes(word_map(names, flat(kv[names], kind, seed)))
    note(f"{out}: {len(names):,} words by {kind.upper()}")


def _opened(file: Path, limit: int | None, words: list[str]) -> Any:
    """Open vectors that have these words."""
    from difflib import get_close_matches

    from ostinato._core.errors import InputError
    from ostinato.vectors import KeyedVectors

    kv = KeyedVectors.load(file, limit=limit)
    for word in words:
        if word not in kv and (kv.parts is None or kv.parts.vector(word) is None):
            close = [word.lower()] if word.lower() in kv else get_close_matches(word, kv.index_to_key[:50_000], n=1)
            remedy = f"did you mean {close[0]!r}?" if close else "choose one that has"
            raise InputError(f"word {word!r} has no vector in {file}, a known word is needed; {remedy}")
    return kv


def _near(
    file: Path, plus: list[str], minus: list[str], top: int, index: Path | None, limit: int | None, as_json: bool
) -> None:
    """Show the words nearest to a sum of words."""
    from ostinato.cli.screen import emit, show
    from ostinato.report.table import table
    from ostinato.vectors import Index

    kv = _opened(file, limit, [*plus, *minus])
    indexer = None if index is None else Index.load(index, kv)
    rows = [{"word": w, "cosine": cosine} for w, cosine in kv.most_similar(plus, minus, topn=top, indexer=indexer)]
    if as_json:
        emit(rows)
        return
    show(table(rows))
