"""Files of sentences with a tag a token, letters with a tag a letter, numbers with a tag a step."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from ostinato._core.errors import DataError, InputError
from ostinato.data.convert import UnfitError, to_steps
from ostinato.data.example import Columns
from ostinato.data.readers import ENDINGS, NESTED, open_rows
from ostinato.data.strokes import Strokes, stroked

# format -> the columns of tokens and tags where none are named
TAGGED: dict[str, tuple[str, str]] = {
    "conll": ("1", "-1"),
    "conllu": ("form", "upos"),
    "jsonl": ("tokens", "tags"),
    "parquet": ("tokens", "tags"),
    "csv": ("text", "tags"),
    "tsv": ("text", "tags"),
}
_COLUMNS_TOO = {"lines": "conll", "tsv": "conll"}  # .txt and .tsv hold columns where tags are wanted


@dataclass(frozen=True, slots=True)
class Tagged:
    """One sentence, or one sequence of letters or numbers.

    Attributes:
        tokens: T tokens; a text of T letters; or numbers, float32 (T, I).
        tags: T tags, or None where none were asked for.
        place: file and line where the sentence begins.
    """

    tokens: Any
    tags: list[str] | None
    place: str


@dataclass
class TaggedTable:
    """All sentences of a file.

    Attributes:
        name: the file.
        tokens: B lists of tokens, texts of letters, or arrays (T, I).
        tags: B lists of tags; None where none were asked for.
        places: file and line of each sentence.
        notes: what was left out, in words.
    """

    name: str
    tokens: list[Any] = field(default_factory=list)
    tags: list[list[str]] | None = None
    places: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.tokens)


class TaggedReading:
    """Sentences of a file: iterate over it. Made by `read_tagged`.

    Attributes:
        name: the file, as messages call it.
    """

    def __init__(
        self,
        path: str | Path | BinaryIO,
        tokens: str | None,
        tags: str | bool | None,
        sequence: str | None,
        format: str | None,
        encoding: str,
        limit: int | None,
    ) -> None:
        format = format or tagged_format(path, numeric=sequence is not None)
        if format not in TAGGED:
            raise DataError(f"format {format!r}: expected one of {', '.join(TAGGED)} for tagged sentences; pass one")
        usual = TAGGED[format]
        label = None if tags is False else usual[1] if tags is None or tags is True else tags
        numeric = sequence is not None
        self._columns = Columns(sequence or tokens or usual[0], label, numeric=numeric, aligned=numeric)
        self._rows, self.name = open_rows(path, format, self._columns, encoding)
        self._strokes = stroked(self._columns.value)[1] if numeric and isinstance(self._rows, NESTED) else Strokes()
        self._limit = limit

    @property
    def notes(self) -> list[str]:
        """What was left out, in words; complete after the last sentence."""
        return self._rows.notes

    def __iter__(self) -> Iterator[Tagged]:
        return islice(self._sentences(), self._limit)

    def _sentences(self) -> Iterator[Tagged]:
        rows = 0
        for place, cell, labels in self._rows:
            rows += 1
            where = f"{self.name}, {self._rows.exact(place)}"
            tokens, unit = self._steps(cell, where)
            tags = None
            if self._columns.label is not None:
                tags = _words(labels, where, self._columns.label, "tags")
                if len(tags) != len(tokens):
                    raise DataError(f"{where}: {len(tags)} tags: expected {len(tokens)}, one a {unit}; complete them")
            yield Tagged(tokens, tags, where)
        if not rows:
            raise DataError(f"{self.name}: no sentences: expected at least one; was it written completely?")

    def _steps(self, cell: Any, where: str) -> tuple[Any, str]:
        """What has the tags, and what one of it is called."""
        column = self._columns.value
        if self._columns.numeric:
            try:
                steps = to_steps(cell, self._strokes)
            except UnfitError as error:
                raise DataError(f"{where}, column {column!r}: {error}") from None
            if steps is None:
                raise DataError(f"{where}, column {column!r}: missing: expected numbers; drop the row")
            return steps, "step"
        tokens = cell if isinstance(cell, str) else _words(cell, where, column, "tokens")
        unit = "letter" if isinstance(cell, str) else "token"
        if not tokens:
            raise DataError(f"{where}, column {column!r}: no {unit}s: expected at least one; drop the row")
        return tokens, unit


def read_tagged(
    path: str | Path | BinaryIO,
    *,
    tokens: str | None = None,
    tags: str | bool | None = None,
    sequence: str | None = None,
    format: str | None = None,
    encoding: str = "utf-8",
    limit: int | None = None,
) -> TaggedReading:
    r"""Read sentences with a tag a token, or sequences of letters or numbers with a tag a step, from a file, streaming.

    Args:
        path: a file of columns (`.conll`, `.iob`, `.bio`, `.tsv`, `.txt`), CoNLL-U (`.conllu`), JSON lines or Parquet
            with two lists a row, or CSV; each also gzipped. "-" is standard input; a binary stream needs `format`.
        tokens: column of the tokens: a number from 1 up (columns), a name (CoNLL-U, CSV), a key (JSON lines); default:
            1, form, text, tokens. Where it holds a text and no list, each letter of it has a tag.
        tags: column of the tags, likewise: a list, or a text of one-letter tags; default: the last one (-1), upos,
            tags. False reads without tags.
        sequence: column of numbers instead of tokens, as `read` takes it: lists in JSON lines and Parquet; in CSV and
            TSV, where a row is a step, "id,time,x,y" (the tag may then change from row to row).
        format: conll, conllu, jsonl, parquet, csv or tsv; None tells from the file's name.
        encoding: of the text.
        limit: sentences at most; None reads all.

    Returns:
        An iterable of `Tagged`, with `notes` on what was left out.

    Raises:
        InputError: an argument is out of its range.
        DataError: the file, or, while iterating, a line of it is wrong; names file, line and remedy.

    Example:
        >>> import io
        >>> file = io.BytesIO(b"Kelly B-PER\nworked O\n\nParis B-LOC\n")
        >>> [sentence.tags for sentence in read_tagged(file, format="conll")]
        [['B-PER', 'O'], ['B-LOC']]
        >>> (row,) = read_tagged(io.BytesIO(b"text,tags\nACGT,eeii\n"), format="csv")
        >>> row.tokens, row.tags
        ('ACGT', ['e', 'e', 'i', 'i'])
    """
    if limit is not None and limit < 1:
        raise InputError(f"limit {limit}: expected at least 1, or None for all sentences; raise it")
    if sequence is not None and tokens is not None:
        raise InputError(f"tokens={tokens!r} and sequence={sequence!r}: expected one of them; leave the other out")
    return TaggedReading(path, tokens, tags, sequence, format, encoding, limit)


def load_tagged(path: str | Path | BinaryIO, **settings: Any) -> TaggedTable:
    r"""Read a whole file of tagged sentences into memory.

    Args:
        path: this and everything else as `read_tagged` takes it.
        **settings: likewise.

    Returns:
        The sentences.

    Raises:
        DataError: as `read_tagged`.

    Example:
        >>> import io
        >>> load_tagged(io.BytesIO(b"a X\nb Y\n"), format="conll").tokens
        [['a', 'b']]
    """
    reading = read_tagged(path, **settings)
    table = TaggedTable(reading.name, tags=None if settings.get("tags") is False else [])
    for sentence in reading:
        table.tokens.append(sentence.tokens)
        table.places.append(sentence.place)
        if table.tags is not None:
            table.tags.append(sentence.tags or [])
    table.notes = list(reading.notes)
    return table


def tagged_format(path: str | Path | BinaryIO, numeric: bool = False) -> str | None:
    """Tell the format of a file of tagged sentences, or of tagged numbers, from its name; None where it says nothing.

    Example:
        >>> tagged_format("eng.train.txt.gz"), tagged_format("en-ud-dev.conllu"), tagged_format("ner.jsonl")
        ('conll', 'conllu', 'jsonl')
    """
    if not isinstance(path, str | Path):
        raise DataError(f"a stream has no name to tell its format from; pass format=, one of {', '.join(TAGGED)}")
    endings = [ending.lower() for ending in Path(path).suffixes if ending.lower() != ".gz"]
    format = ENDINGS.get(endings[-1] if endings else "", "conll")
    return format if numeric else _COLUMNS_TOO.get(format, format)


def _words(cell: Any, where: str, column: str, what: str) -> list[str]:
    """A list of texts, each with something in it; a text of tags is a tag a letter."""
    if hasattr(cell, "tolist"):
        cell = cell.tolist()
    if isinstance(cell, str) and what == "tags":
        return list(cell)
    if not isinstance(cell, list):
        given = "missing" if cell is None else f"a {type(cell).__name__}"
        raise DataError(f"{where}, column {column!r}: {given}: expected a list of {what}; give one a sentence")
    for number, word in enumerate(cell, 1):
        if not isinstance(word, str) or not word:
            raise DataError(
                f"{where}, column {column!r}: {what[:-1]} {number} is {word!r}: expected a text; fill it in"
            )
    return cell
