"""What is in a file of tagged sentences, and what is odd about it."""

from collections import Counter
from pathlib import Path
from typing import Any, BinaryIO

from ostinato.data.report.lengths import note_long, quantiles
from ostinato.data.report.oddities import Tally
from ostinato.data.report.repeats import Repeats
from ostinato.data.tagged import read_tagged
from ostinato.data.tags import detect, parse, repair, spans

_ODD = "an entity that is not closed, or begins in the middle; it is read as an entity all the same"


def describe_tagged(path: str | Path | BinaryIO, **settings: Any) -> dict[str, Any]:
    r"""Read a tagged file once and say what is in it.

    Args:
        path: this and everything else as `read_tagged` takes it.
        **settings: likewise.

    Returns:
        A dict that `json.dumps` takes: `file`; `rows` (sentences); `tokens`; `scheme` (None for plain labels);
        `lengths` (in `tokens`: min, median, mean, p95, max); `labels` (entities of each type, or tokens of each label,
        largest first; None without tags); `vocabulary` (words, words seen once, characters); `oddities` (kind, count,
        first places, meaning); `notes`.

    Raises:
        DataError: the file, or a line of it, cannot be read; names it.

    Example:
        >>> import io
        >>> found = describe_tagged(io.BytesIO(b"EU B-ORG\nsays O\n\nParis I-LOC\n"), format="conll")
        >>> found["scheme"], found["labels"], found["oddities"][0]["kind"]
        ('iob2', {'ORG': 1, 'LOC': 1}, 'tags that break iob2')
    """
    reading = read_tagged(path, **settings)
    tally = Tally()
    repeats = Repeats(tally)
    words: Counter[str] = Counter()
    tags: list[list[str]] = []
    places: list[str] = []
    lengths: list[int] = []
    for sentence in reading:
        words.update(sentence.tokens)
        lengths.append(len(sentence.tokens))
        places.append(sentence.place)
        for token in sentence.tokens:
            tally.text(token, sentence.place)
        if sentence.tags is not None:
            tags.append(sentence.tags)
        repeats.add("\0".join(sentence.tokens), None if sentence.tags is None else "\0".join(sentence.tags), places[-1])
    scheme = detect(tags)
    if scheme is not None:
        for row in repair(tags, scheme).rows:
            tally.add(f"tags that break {scheme}", _ODD, places[row])
        labels = Counter(span.type for row in tags for span in spans(row))
    else:
        labels = Counter(tag for row in tags for tag in row)
        _note_mixture(labels, tally)
    note_long(tally, lengths, places, "tokens")
    return {
        "file": reading.name,
        "rows": len(lengths),
        "tokens": sum(lengths),
        "scheme": scheme,
        "lengths": {"tokens": quantiles(lengths)},
        "labels": dict(labels.most_common()) if tags else None,
        "vocabulary": {
            "words": len(words),
            "words_seen_once": sum(count == 1 for count in words.values()),
            "characters": len(set().union(*words)) if words else 0,
        },
        "oddities": tally.entries(),
        "notes": list(reading.notes),
    }


def _note_mixture(labels: Counter[str], tally: Tally) -> None:
    """Say so where some tags look like those of entities and others do not."""
    typed = [tag for tag in labels if parse(tag)[1] and parse(tag)[0] in set("BIESLU")]
    others = [tag for tag in labels if tag not in typed and tag != "O"]
    if typed and others:
        tally.add(
            "tags of no scheme", f"{typed[0]!r} looks like a part of an entity, {others[0]!r} does not: one is wrong"
        )
    if len(labels) == 1:
        tally.add("a single tag", f"all tokens are {next(iter(labels))!r}: is it the right column?")
