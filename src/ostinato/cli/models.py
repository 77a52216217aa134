"""A saved model, and what it remembers of the file it was trained on."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ostinato._core.errors import DataError, InputError
from ostinato.cli.columns import Columns


def open_model(path: Path, columns: Columns, threads: int | None = None) -> tuple[Any, Columns]:
    """Load a model folder.

    Args:
        path: the folder.
        columns: what was typed; what was not is filled in from the model's training file.
        threads: computing threads.

    Returns:
        the fitted estimator, and the columns to read.

    Raises:
        ModelFileError: the folder is missing or damaged; names the file in it.
    """
    from ostinato.tasks import load

    model = load(path)
    if threads is not None and "n_threads" in model.get_params(deep=False):
        model.set_params(n_threads=threads)
    remembered = path / "data.json"
    saved = json.loads(remembered.read_text(encoding="utf-8")) if remembered.is_file() else {}
    return model, columns.remembering(saved)


def search_by(model: Any, path: Path, beam: int | None, length_penalty: float | None) -> None:
    """Let a model search for its answers otherwise than it was made to.

    Args:
        model: fitted.
        path: its folder, for the message.
        beam: beginnings kept; none as the model has it.
        length_penalty: likewise.

    Raises:
        click.UsageError: it searches for nothing, or has no such penalty.
    """
    known = model.get_params(deep=False)
    for name, value in (("beam", beam), ("length_penalty", length_penalty)):
        if value is None:
            continue
        if name not in known:
            flag = "--" + name.replace("_", "-")
            raise click.UsageError(f"{flag} {value:g} is given, {path} has no such setting; leave it out")
        model.set_params(**{name: value})


def is_tagger(model: Any) -> bool:
    """Say whether a model answers with a tag a token."""
    from ostinato.tasks import Tagger

    return isinstance(model, Tagger)


def answered(answer: Callable[[list[Any]], Any], examples: list[Any]) -> Any:
    """Ask a model about a few examples; a row that it cannot take is named.

    Args:
        answer: of the model, `predict_proba` or `predict`.
        examples: the rows.

    Raises:
        DataError: names the row's place.
    """
    try:
        return answer([example.value for example in examples])
    except InputError:
        for example in examples:
            try:
                answer([example.value])
            except InputError as error:
                raise DataError(f"{example.place}: {str(error).removeprefix('X[0] ')}") from None
        raise
