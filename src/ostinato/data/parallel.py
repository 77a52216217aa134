"""Sentences and their translations: from two files of lines, or from two columns of one."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any, BinaryIO

from ostinato._core.errors import DataError, InputError
from ostinato.data.reading import read


@dataclass
class ParallelText:
    """Pairs of sentences.

    Attributes:
        sources: B texts.
        targets: B texts.
        places: where each pair stands, as `a.en, line 3`.
        notes: what was left out, in words.
    """

    sources: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.sources)


def read_parallel(
    path: str | Path | BinaryIO | None = None,
    *,
    source: str | Path = "source",
    target: str | Path = "target",
    format: str | None = None,
    encoding: str = "utf-8",
    limit: int | None = None,
    missing: str = "error",
) -> ParallelText:
    r"""Read sentences and their translations.

    Args:
        path: CSV, TSV, JSON lines or Parquet with a column of each, gzipped or not; `None`: two files of lines.
        source: the column of the sentences; without `path`, a file with one a line.
        target: the column of their translations; without `path`, a file with one a line, in the same order.
        format: of `path`; none tells from its name.
        encoding: of the text.
        limit: pairs at most.
        missing: what to do where half of a pair is empty: "error", or "skip" the pair and count it.

    Returns:
        The pairs.

    Raises:
        DataError: files of unequal length (both counts are said), half a pair (file and line are named), or what
            `read` raises.
        InputError: an argument out of its range.

    Example:
        >>> import io
        >>> read_parallel(io.BytesIO(b"source\ttarget\na cat\teine Katze\n"), format="tsv").targets
        ['eine Katze']
    """
    if missing not in ("error", "skip"):
        raise InputError(f"missing {missing!r}: expected one of error, skip; pass one of these")
    found, skipped = ParallelText(), 0
    if path is None:
        rows = _side_by_side(Path(source), Path(target), encoding)
    else:
        read_rows = read(path, text=str(source), label=str(target), format=format, encoding=encoding, missing=missing)
        rows = ((row.value, row.label, row.place) for row in read_rows)
    for left, right, place in rows:
        empty = "source" if not left.strip() else "target" if not right.strip() else None
        if empty is not None and missing == "error":
            other = right if empty == "source" else left
            raise DataError(
                f"{place}: the {empty} is empty, expected a sentence, its other half is {other!r:.60}; write it, drop "
                "the pair, or leave such pairs out with missing='skip'"
            )
        if empty is not None:
            skipped += 1
        elif limit is None or len(found) < limit:
            found.sources.append(left)
            found.targets.append(right)
            found.places.append(place)
        elif path is not None:
            break
    if path is not None:
        found.notes += read_rows.notes
    if skipped:
        found.notes.append(f"{skipped:,} pairs with an empty half skipped")
    return found


def _side_by_side(source: Path, target: Path, encoding: str) -> Iterator[tuple[Any, Any, str]]:
    """Lines of two files; both are read to their ends, so that the counts can be told."""
    nothing = object()
    counts = [0, 0]
    lines = (
        (row.value for row in read(file, label=None, format="lines", encoding=encoding)) for file in (source, target)
    )
    for number, (left, right) in enumerate(zip_longest(*lines, fillvalue=nothing), 1):
        counts = [count + (side is not nothing) for count, side in zip(counts, (left, right), strict=True)]
        if left is not nothing and right is not nothing:
            yield left, right, f"{source}, line {number}"
    if counts[0] != counts[1]:
        raise DataError(
            f"{source} has {counts[0]:,} lines and {target} {counts[1]:,}, expected as many; find the line that is "
            "missing or broken in two"
        )
