"""How sentences and sequences are written with their tags: columns, JSON lines, marked text."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

_COLOURS = ("bold cyan", "bold green", "bold magenta", "bold yellow", "bold blue", "bold red")


def as_columns(value: Any, tags: Sequence[str]) -> Iterator[str]:
    """Lines of a token or letter and its tag, of numbers the number of the step; then a blank one."""
    steps = value if isinstance(value, list | str) else map(str, range(len(tags)))
    between = "\t" if isinstance(value, list) and any(" " in word for word in value) else " "
    yield from (f"{step}{between}{tag}\n" for step, tag in zip(steps, tags, strict=True))
    yield "\n"


def as_json(
    model: Any, value: Any, places: list[tuple[int, int]] | None, tags: list[str], chance: Any
) -> dict[str, Any]:
    """A row as an object: what was tagged (numbers are not repeated), its tags, their probabilities, entities."""
    from ostinato.data.tags import spans

    row: dict[str, Any] = {}
    if isinstance(value, list | str):
        row["tokens" if isinstance(value, list) else "text"] = value
    row |= {"tags": tags, "probabilities": [round(float(p.max()), 6) for p in chance]}
    if places is not None:
        row["places"] = places
    if model.scheme_ is not None:
        row["entities"] = [
            {"text": _part(value, s.start, s.stop), "type": s.type, "start": s.start, "stop": s.stop}
            for s in spans(tags)
        ]
    return row


def marked(model: Any, value: Any, tags: list[str]) -> Any:
    """A sentence with its entities in brackets, each type in a colour; of plain labels word/label.

    Letters and steps go together as long as their tag is the same: [ACGG exon] [GTAAGT intron], [0-31 walk] [32-60
    sit].
    """
    from rich.text import Text

    from ostinato.data.tags import spans

    types = sorted({str(tag).partition("-")[2] or str(tag) for tag in model.classes_.tolist()} - {"O"})
    colour = {type: _COLOURS[number % len(_COLOURS)] for number, type in enumerate(types)}

    def bracketed(start: int, stop: int, type: str) -> Text:
        inside = _part(value, start, stop)
        return Text.assemble("[", (inside, colour.get(type, "bold")), " ", (type, "dim"), "]")

    if model.scheme_ is None and isinstance(value, list):
        return Text(" ").join(
            Text.assemble(word, "/", (tag, colour.get(tag, ""))) for word, tag in zip(value, tags, strict=True)
        )
    if model.scheme_ is None:
        return Text(" ").join(bracketed(*run) for run in _runs(tags))
    parts: list[Text] = []
    place = 0
    for span in spans(tags):
        parts += _plain(value, place, span.start)
        parts.append(bracketed(*span))
        place = span.stop
    return Text(" ").join([*parts, *_plain(value, place, len(tags))])


def _plain(value: Any, start: int, stop: int) -> list[Any]:
    """What is in no entity: each token by itself, letters together, no steps."""
    from rich.text import Text

    if isinstance(value, list):
        return [Text(word) for word in value[start:stop]]
    return [Text(value[start:stop])] if isinstance(value, str) and start < stop else []


def _part(value: Any, start: int, stop: int) -> str:
    if isinstance(value, str):
        return value[start:stop]
    return " ".join(value[start:stop]) if isinstance(value, list) else f"{start}-{stop - 1}"


def _runs(tags: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Where the same tag begins and ends (excluded).

    Example:
        >>> list(_runs("aab"))
        [(0, 2, 'a'), (2, 3, 'b')]
    """
    start = 0
    for tag, group in groupby(tags):
        stop = start + len(list(group))
        yield start, stop, tag
        start = stop
