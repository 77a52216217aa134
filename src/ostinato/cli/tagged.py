"""Sentences and their tags on the screen and in files: CoNLL columns, JSON lines, marked text."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ostinato._core.errors import InputError
from ostinato.cli.columns import Columns, chunks
from ostinato.cli.screen import emit, note, show
from ostinato.cli.ways.tagging import is_tagged, scores_of

_SENTENCES = 256  # tagged together: memory stays small however long the file is
_TEST, _LABELS = 0.2, 20
_COLOURS = ("bold cyan", "bold green", "bold magenta", "bold yellow", "bold blue", "bold red")


def evaluate_tags(model: Any, file: Path, columns: Columns, as_json: bool) -> None:
    """Measure a tagger on the tagged sentences of a file."""
    from ostinato.cli.ways.tagging import Tagging
    from ostinato.report.table import facts, table

    rows = Tagging().load(file, columns)
    found = model.evaluate(rows.values, rows.labels)
    summary = {"rows": len(rows), "tokens": found.tokens, **scores_of(model, found)}
    if as_json:
        emit({**summary, "types": found.per_type()})
        return
    show(facts(summary))
    if model.scheme_ is not None:
        show(table(found.per_type()))


def predict_tags(model: Any, file: Path, columns: Columns, form: str | None) -> None:
    """Tag the sentences of a file or of standard input.

    Args:
        model: a fitted tagger.
        file: a tagged file, whose tags are not read; plain text, a sentence a line; or "-".
        columns: how it is read.
        form: conll, json or marked; `None`: marked on a terminal, else CoNLL.
    """
    form = form or ("marked" if sys.stdout.isatty() else "conll")
    for some in chunks(iter(_sentences(file, columns)), _SENTENCES):
        tokens = [words for words, _ in some]
        tags, chances = model.decide(tokens)
        for (words, places), of_row, chance in zip(some, tags, chances, strict=True):
            if form == "conll":
                between = "\t" if any(" " in word for word in words) else " "
                sys.stdout.writelines(f"{word}{between}{tag}\n" for word, tag in zip(words, of_row, strict=True))
                sys.stdout.write("\n")
            elif form == "json":
                print(json.dumps(_as_json(model, words, places, of_row, chance), ensure_ascii=False))
            else:
                show(_marked(model, words, of_row))
        sys.stdout.flush()


def _sentences(file: Path, columns: Columns) -> Iterator[tuple[list[str], list[tuple[int, int]] | None]]:
    """Tokens, and of plain text their places in it."""
    from ostinato.data import read_tagged
    from ostinato.text import cut

    if str(file) != "-" and is_tagged(file, columns.format):
        reading = read_tagged(
            file,
            tokens=columns.text,
            tags=False,
            format=columns.format,
            encoding=columns.encoding or "utf-8",
            limit=columns.limit,
        )
        yield from ((sentence.tokens, None) for sentence in reading)
        for remark in reading.notes:
            note(f"note: {file}: {remark}")
        return
    for example in columns.examples("-" if str(file) == "-" else file, labelled=False):
        pieces = cut(example.value)
        yield [piece.text for piece in pieces], [(piece.start, piece.stop) for piece in pieces]


def _as_json(
    model: Any, words: list[str], places: list[tuple[int, int]] | None, tags: list[str], chance: Any
) -> dict[str, Any]:
    from ostinato.data.tags import spans

    row: dict[str, Any] = {"tokens": words, "tags": tags, "probabilities": [round(float(p.max()), 6) for p in chance]}
    if places is not None:
        row["places"] = places
    if model.scheme_ is not None:
        row["entities"] = [
            {"text": " ".join(words[span.start : span.stop]), "type": span.type, "start": span.start, "stop": span.stop}
            for span in spans(tags)
        ]
    return row


def _marked(model: Any, words: list[str], tags: list[str]) -> Any:
    """A sentence with its entities in brackets, each type in a colour; of plain labels word/label."""
    from rich.text import Text

    from ostinato.data.tags import spans

    types = sorted({str(tag).partition("-")[2] or str(tag) for tag in model.classes_.tolist()} - {"O"})
    colour = {type: _COLOURS[number % len(_COLOURS)] for number, type in enumerate(types)}
    parts: list[Text] = []
    if model.scheme_ is None:
        return Text(" ").join(
            Text.assemble(word, "/", (tag, colour.get(tag, ""))) for word, tag in zip(words, tags, strict=True)
        )
    place = 0
    for span in spans(tags):
        parts += [Text(word) for word in words[place : span.start]]
        inside = " ".join(words[span.start : span.stop])
        parts.append(Text.assemble("[", (inside, colour.get(span.type, "bold")), " ", (span.type, "dim"), "]"))
        place = span.stop
    return Text(" ").join([*parts, *(Text(word) for word in words[place:])])


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
