"""Sentences with a tag a token, sequences of letters or numbers with a tag a step."""

import sys
from collections import Counter
from pathlib import Path
from typing import Any

from ostinato._core.errors import DataError
from ostinato.cli.columns import Columns, Rows
from ostinato.cli.ways.way import Outcome


class Tagging:
    """How taggers are trained at the command line."""

    def load(self, path: Path, columns: Columns) -> Rows:
        """Read a tagged file; tags that break their scheme are counted and the first one is named."""
        from ostinato.data import read_tagged
        from ostinato.data.tags import detect, repair

        reading = read_tagged(
            path,
            tokens=columns.text,
            tags=columns.label,
            sequence=columns.sequence,
            format=columns.format,
            encoding=columns.encoding or "utf-8",
            limit=columns.limit,
        )
        rows = Rows(path.name)
        for sentence in reading:
            rows.values.append(sentence.tokens)
            rows.labels.append(sentence.tags)
            rows.places.append(sentence.place)
        rows.notes = list(reading.notes)
        scheme = detect(rows.labels)
        if scheme is not None:
            mended = repair(rows.labels, scheme)
            if mended.changed:
                first = rows.places[mended.rows[0]].rpartition(", ")[2]
                rows.notes.append(
                    f"{mended.changed:,} tags in {len(mended.rows):,} sentences break {scheme} (unclosed, or begun "
                    f"wrongly), the first in the sentence at {first}; they are read as entities all the same"
                )
        for remark in rows.notes:
            print(f"note: {path}: {remark}", file=sys.stderr)
        return rows

    def check(self, rows: Rows, held: Rows | None) -> None:
        """Raise if there is one tag alone, or a held-out type is none of those to learn."""
        tags = {tag for row in rows.labels for tag in row}
        if len(tags) < 2:
            raise DataError(
                f"{rows.name}: all tokens have the tag {tags.pop()!r}, at least 2 tags are needed; "
                "is --label the right column?"
            )
        if held is None:
            return
        known = {tag.partition("-")[2] or tag for tag in tags} | ({"O"} if any("-" in tag for tag in tags) else set())
        for row, place in zip(held.labels, held.places, strict=True):
            for tag in row:
                if (tag.partition("-")[2] or tag) not in known:
                    raise DataError(
                        f"{place}: the tag {tag!r} is of a type that {rows.name} lacks, one of "
                        f"{', '.join(sorted(known))} is needed; correct it or drop the row"
                    )

    def names(self, columns: Columns) -> dict[str, str | None]:
        """The columns that were named."""
        return {"text": columns.text, "sequence": columns.sequence, "label": columns.label}

    def contents(self, rows: Rows) -> dict[str, str]:
        """Tokens, and the types of entities or the tags, and how often each occurs."""
        from ostinato.data.tags import detect, spans

        scheme = detect(rows.labels)
        if scheme:
            each = [span.type for row in rows.labels for span in spans(row)]
        else:
            each = [tag for row in rows.labels for tag in row]
        ranked = Counter(each).most_common()
        words = ", ".join(f"{name} {count:,}" for name, count in ranked[:6]) + (", ..." if len(ranked) > 6 else "")
        what = f"{len(each):,} entities ({scheme})" if scheme else "plain labels"
        unit = unit_of(rows.values[0])
        return {unit: f"{sum(map(len, rows.values)):,} {unit}", "tags": f"{what}: {words}"}

    def measure(self, estimator: Any, held: Rows, about: dict[str, Any], columns: Columns) -> Outcome:
        """Precision, recall and F1 of entities, or of each plain label; accuracy of tags."""
        import numpy as np

        from ostinato.cli.writing import write_page
        from ostinato.tasks.evaluate import Measures

        found = estimator.evaluate(held.values, held.labels)
        summary = scores_of(estimator, found)
        tags = estimator.classes_.tolist()
        # an entity is found or not; none is taken for another
        taken = np.zeros((0, 0)) if estimator.scheme_ else np.array(found.confusion(tags))
        each = each_of(estimator, found)
        measures = Measures({"rows": len(held), **summary}, tags, each, taken.astype(np.int64), [])
        html = write_page(estimator, measures, held, about, self.names(columns), [])
        said = {"accuracy": f"{found.accuracy:.2%} of the held-out {unit_of(held.values[0])}' tags"}
        if estimator.scheme_ is not None:
            said["entities"] = f"F1 {found.f1:.2%} (precision {found.precision:.2%}, recall {found.recall:.2%})"
        return Outcome(
            html,
            {**measures.summary, kind_of_each(estimator): each},
            {"classes": measures.classes, **{f"valid_{name}": value for name, value in summary.items()}},
            said,
        )


def scores_of(estimator: Any, found: Any) -> dict[str, float]:
    """The figures of a tagger: of entities where it has any, and of tags."""
    if estimator.scheme_ is None:
        return {"accuracy": found.accuracy}
    return {"f1": found.f1, "precision": found.precision, "recall": found.recall, "accuracy": found.accuracy}


def each_of(estimator: Any, found: Any) -> list[dict[str, Any]]:
    """Precision, recall and F1 of each type of entity, or of each plain label."""
    rows: list[dict[str, Any]] = found.per_tag() if estimator.scheme_ is None else found.per_type()
    return rows


def kind_of_each(estimator: Any) -> str:
    """What `--json` calls them."""
    return "tags" if estimator.scheme_ is None else "types"


def unit_of(value: Any) -> str:
    """What has a tag, in the plural: tokens of a list, letters of a text, steps of numbers."""
    return "tokens" if isinstance(value, list) else "letters" if isinstance(value, str) else "steps"


def is_tagged(path: Any, format: str | None) -> bool:
    """Say whether a file holds tagged sentences: by its format, its name, or, of a .txt or .tsv, its first lines.

    Args:
        path: the file.
        format: what was typed, or `None`.
    """
    if format is not None:
        return format in ("conll", "conllu")
    endings = [ending.lower() for ending in Path(path).suffixes if ending.lower() != ".gz"]
    ending = endings[-1] if endings else ""
    if ending in (".conll", ".conllu", ".iob", ".iob2", ".bio"):
        return True
    if ending not in (".txt", ".tsv", ".jsonl", "") or not Path(path).is_file():
        return False
    return _looks_tagged(Path(path), as_json=ending == ".jsonl")


def _looks_tagged(path: Path, *, as_json: bool) -> bool:
    from itertools import islice

    from ostinato.data.source import Source

    lines = [line.decode(errors="replace").strip() for line in islice(Source(path).open(), 200)]
    if as_json:
        first = next((line for line in lines if line), "")
        return first.startswith("{") and '"tokens"' in first
    widths = {len(line.split()) for line in lines if line and not line.startswith("-DOCSTART-")}
    last = {line.split()[-1] for line in lines if line}
    return len(widths) == 1 and widths.pop() > 1 and "" in lines and any(tag[1:2] == "-" or tag == "O" for tag in last)
