"""What a file holds and what is odd about it, before anything is trained on it."""

from pathlib import Path
from typing import Any, BinaryIO

from ostinato.data.reading import Trial, read
from ostinato.data.report.labels import LabelSummary
from ostinato.data.report.oddities import Tally
from ostinato.data.report.repeats import Repeats
from ostinato.data.report.sequences import SequenceSummary
from ostinato.data.report.texts import TextSummary


def describe(
    path: str | Path | BinaryIO,
    *,
    text: str | None = None,
    sequence: str | None = None,
    label: str | None = "label",
    format: str | None = None,
    encoding: str = "utf-8",
    limit: int | None = None,
) -> dict[str, Any]:
    r"""Read a file once and say what is in it.

    Wrong and missing cells are counted, not raised: use it to find all that is wrong with a file at once.

    Args:
        path: this and everything else as `read` takes it.
        text: column of texts.
        sequence: column of numeric sequences.
        label: column of labels, or None.
        format: one of `READERS`, or None.
        encoding: of the text.
        limit: rows at most, or None.

    Returns:
        A dict that `json.dumps` takes: `file`; `rows`; `lengths` (of texts in `characters` and `words`, of sequences
        in `steps`: min, median, mean, p95, max); `labels` (class to rows, largest first; None without labels);
        `vocabulary` of texts (`words`, `words_seen_once`, `characters`) or `inputs` of sequences (a dict of min, max,
        mean, std each); `oddities` (kind, count, first places, meaning); `notes` (what was left out).

    Raises:
        DataError: the file cannot be read at all; names file and line.

    Example:
        >>> import io
        >>> found = describe(io.BytesIO(b"text,label\nfine,pos\nfine,neg\n"), format="csv")
        >>> [odd["kind"] for odd in found["oddities"]]
        ['class with one row', 'same value as an earlier row', 'same value under several labels']
    """
    reading = read(path, text=text, sequence=sequence, label=label, format=format, encoding=encoding, limit=limit)
    tally = Tally()
    values: TextSummary | SequenceSummary = SequenceSummary(tally) if sequence is not None else TextSummary(tally)
    labels, repeats = LabelSummary(tally), Repeats(tally)
    rows = 0
    for trial in reading.trials():
        rows += 1
        _faults(trial, tally)
        if trial.label is not None:
            labels.add(trial.label, trial.place)
        if trial.value is not None:
            values.add(trial.value, trial.place)
            repeats.add(trial.value, trial.label, trial.place)
    summary = values.finish()
    if label is not None:
        labels.finish()
    return {
        "file": reading.name,
        "rows": rows,
        **summary,
        "labels": None if label is None else dict(labels.counts.most_common()),
        "oddities": tally.entries(),
        "notes": reading.notes,
    }


def _faults(trial: Trial, tally: Tally) -> None:
    if trial.fault is None:
        return
    column, message = trial.fault
    if trial.missing:
        tally.add(f"missing {column}", "training stops at these rows, or skips them if told to", trial.place)
    else:
        tally.add(f"wrong {column}", f"training stops here; the first: {message}", trial.place)
