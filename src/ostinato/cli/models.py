"""A saved model, and what it remembers of the file it was trained on."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ostinato._core.errors import DataError, InputError
from ostinato.cli.columns import Columns

# (verb, task) -> the verb that a model of this task is for instead
_VERBS = {
    ("predict", "music"): "generate {model} --out song.mid",
    ("predict", "translate"): "translate {model} FILE",
    ("predict", "transcribe"): "transcribe {model} FILE",
    ("predict", "forecast"): "forecast predict {model} FILE",
    ("predict", "forecast-baseline"): "forecast predict {model} FILE",
    ("evaluate", "forecast"): "forecast backtest {model} FILE",
    ("evaluate", "forecast-baseline"): "forecast backtest {model} FILE",
}


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


def other_verb(model: Any, path: Path, verb: str) -> None:
    """Raise if a model does not answer rows with labels or numbers, naming the verb that it is for.

    Raises:
        InputError: names model and verb.
    """
    wanted = _VERBS.get((verb, model.task))
    if wanted is not None:
        raise InputError(
            f"{path} is a {type(model).__name__}, ostinato {verb} has nothing to ask it; "
            f"use: ostinato {wanted.format(model=path)}"
        )


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
