"""What the verbs do with taggers: measure, predict, compare, look at a tagged file."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ostinato._core.errors import InputError
from ostinato.cli.columns import Columns, chunks
from ostinato.cli.models import answered
from ostinato.cli.screen import emit, note, show
from ostinato.cli.tag_forms import as_columns, as_json, marked
from ostinato.cli.ways.tagging import each_of, is_tagged, kind_of_each, scores_of, unit_of

_SENTENCES = 256  # tagged together: memory stays small however long the file is
_TEST, _LABELS = 0.2, 20


def evaluate_tags(model: Any, file: Path, columns: Columns, as_json: bool) -> None:
    """Measure a tagger on the tagged sentences of a file."""
    from ostinato.cli.ways.tagging import Tagging
    from ostinato.report.table import facts, table

    rows = Tagging().load(file, columns)
    found = model.evaluate(rows.values, rows.labels)
    summary = {"rows": len(rows), unit_of(rows.values[0]): found.tokens, **scores_of(model, found)}
    if as_json:
        emit({**summary, kind_of_each(model): each_of(model, found)})
        return
    show(facts(summary), table(each_of(model, found)))


def predict_tags(model: Any, file: Path, columns: Columns, wanted: Columns, form: str | None) -> None:
    """Tag the sentences of a file or of standard input.

    Args:
        model: a fitted tagger.
        file: a tagged file, whose tags are not read; plain text, a sentence a line; sequences of letters or numbers, as
            the model was trained on; or "-".
        columns: what was typed.
        wanted: the same, filled in with what the model remembers.
        form: conll, json or marked; `None`: marked on a terminal, else CoNLL.
    """
    form = form or ("marked" if sys.stdout.isatty() else "conll")
    rows = _sentences(file, columns) if model.unit_ == "token" else _sequences(model, file, columns, wanted)
    for some in chunks(rows, _SENTENCES):
        answers = answered(model.decide, [example for example, _ in some])
        for (example, places), tags, chance in zip(some, *answers, strict=True):
            if form == "conll":
                sys.stdout.writelines(as_columns(example.value, tags))
            elif form == "json":
                print(json.dumps(as_json(model, example.value, places, tags, chance), ensure_ascii=False))
            else:
                show(marked(model, example.value, tags))
        sys.stdout.flush()


def _sentences(file: Path, columns: Columns) -> Iterator[tuple[Any, list[tuple[int, int]] | None]]:
    """Tokens, and of plain text their places in it."""
    from ostinato.data import Example
    from ostinato.text import cut

    if str(file) != "-" and is_tagged(file, columns.format):
        yield from _untagged(file, columns)
        return
    for example in columns.examples("-" if str(file) == "-" else file, labelled=False):
        pieces = cut(example.value)
        tokens: Any = [piece.text for piece in pieces]
        yield Example(tokens, None, example.place), [(piece.start, piece.stop) for piece in pieces]


def _sequences(model: Any, file: Path, columns: Columns, wanted: Columns) -> Iterator[tuple[Any, None]]:
    """Texts of letters, or numbers."""
    if str(file) != "-" and is_tagged(file, columns.format) and model.unit_ == "letter":
        yield from _untagged(file, columns)  # its columns are numbers, whatever a model of a table remembers
        return
    yield from ((example, None) for example in wanted.examples("-" if str(file) == "-" else file, labelled=False))


def _untagged(file: Path, columns: Columns) -> Iterator[tuple[Any, None]]:
    """The rows of a tagged file without their tags."""
    from ostinato.data import Example, read_tagged

    reading = read_tagged(
        file,
        tokens=columns.text,
        tags=False,
        format=columns.format,
        encoding=columns.encoding or "utf-8",
        limit=columns.limit,
    )
    yield from ((Example(sentence.tokens, None, sentence.place), None) for sentence in reading)
    for remark in reading.notes:
        note(f"note: {file}: {remark}")


def compare_tags(
    file: Path,
    test: Path | None,
    columns: Columns,
    settings: dict[str, Any],
    seeds: range,
    machine: dict[str, Any],
    as_json: bool,
) -> None:
    """Fit the network and the simple taggers to the same sentences and show how they do on the same others."""
    from ostinato.cli.holding import held_out
    from ostinato.cli.settings import flag_of
    from ostinato.cli.signature import arguments
    from ostinato.cli.train import TRAINED
    from ostinato.cli.ways.tagging import Tagging
    from ostinato.report.table import table
    from ostinato.tasks import MostFrequentTag, SequenceTagger, WindowTagger
    from ostinato.tasks.compare_taggers import compare_taggers

    known = {argument.name for argument in arguments(TRAINED["tag"])}
    for name in settings:
        if name not in known:
            raise InputError(f"{flag_of(name)} is given, {file} is tagged: SequenceTagger has none; drop it")
    way = Tagging()
    rows = way.load(file, columns)
    learn, measure = (rows, way.load(test, columns)) if test else held_out(rows, _TEST, seeds[0], "--test")
    way.check(learn, measure)
    note(f"{len(learn):,} sentences to learn from, {len(measure):,} to measure on")
    found = compare_taggers(
        (learn.values, learn.labels),
        (measure.values, measure.labels),
        {
            "recurrent network": SequenceTagger(**settings, **machine),
            "window of words, ridge": WindowTagger(),
            "most frequent tag": MostFrequentTag(),
        },
        seeds=list(seeds),
        announce=lambda what: note(f"fitting {what}"),
    )
    if as_json:
        emit({"train_rows": len(learn), "test_rows": len(measure), "seeds": len(seeds), "models": found})
        return
    title = f"{len(measure):,} sentences of {measure.name} that no model has learned from"
    shown = [{**row, "size_mb": row["size_bytes"] / 1e6} for row in found]
    for row in shown:
        del row["size_bytes"]
    names = {"f1_spread": "±", "size_mb": "MB", "predict_tokens_a_second": "tokens/s", "train_seconds": "seconds"}
    show(table(shown, title=title, best={"f1": "highest"}, names=names, digits={"train_seconds": 1, "size_mb": 2}))


def check_tags(file: Path, columns: Columns, unlabelled: bool, as_json: bool) -> None:
    """Say what is in a tagged file."""
    from ostinato.data.report import describe_tagged
    from ostinato.report.table import facts, table

    found = describe_tagged(
        file,
        tokens=columns.text,
        tags=False if unlabelled else columns.label,
        format=columns.format,
        encoding=columns.encoding or "utf-8",
        limit=columns.limit,
    )
    if as_json:
        emit(found)
        return
    about = {"file": str(file), "sentences": found["rows"], "tokens": found["tokens"], **found["vocabulary"]}
    show(facts({**about, "scheme": found["scheme"] or "plain labels"}))
    show(table([{"length in": unit, **values} for unit, values in found["lengths"].items()]))
    if found["labels"]:
        whole, what = sum(found["labels"].values()), "entities" if found["scheme"] else "tokens"
        ranked = list(found["labels"].items())[:_LABELS]
        show(table([{"tag": name, what: count, "share": f"{count / whole:.1%}"} for name, count in ranked]))
    odd = [
        {"oddity": o["kind"], "times": o["count"], "first": _first(o["first"], found["file"]), "meaning": o["meaning"]}
        for o in found["oddities"]
    ]
    show(table(odd) if odd else "nothing odd was found")
    for remark in found["notes"]:
        show(f"note: {remark}")


def _first(places: list[str], file: str) -> str:
    """Write the first places without the file's name, which stands above the table."""
    return "; ".join(place.removeprefix(f"{file}, ") for place in places[:3])
