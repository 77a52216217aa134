"""Surnames of 18 languages, letter by letter."""

from pathlib import Path

import numpy as np

from ostinato._core.errors import DataError
from ostinato.cli.columns import Columns, load
from ostinato.cli.demo.shown import Shown
from ostinato.cli.demo.texts import text_contest

_FILE = "names_by_language.csv.gz"
_TEST = 0.1
_WHERE = "https://download.pytorch.org/tutorial/data.zip"


def run(out: Path, data: Path | None, seed: int, threads: int | None, device: str, limit: int | None) -> Shown:
    """Fit a network of letters and bags of letters to nine tenths of the names, measure them on the rest."""
    from ostinato.tasks.held_out import hold_out
    from ostinato.tasks.presets import preset

    if data is None or not (data / _FILE).is_file():
        raise DataError(
            f"{data or '--data'}: no {_FILE} there, a CSV with columns name,language is needed; make it from {_WHERE} "
            "and give its folder by --data DIR"
        )
    rows = load(data / _FILE, Columns(text="name", label="language"))
    # A name may stand in several rows: all its rows go to one part, else it would be learned and then asked.
    firsts = {name: number for number, name in reversed(list(enumerate(rows.values)))}
    group = np.array([firsts[name] for name in rows.values])
    distinct = np.array(sorted(firsts.values()))
    codes = np.unique(np.array(rows.labels)[distinct], return_inverse=True)[1]
    asked = distinct[hold_out(codes, _TEST, seed=0)[1]]
    test = np.isin(group, asked)
    train = rows.take(np.flatnonzero(~test))
    if limit is not None and limit < len(train):
        _, codes = np.unique(train.labels, return_inverse=True)
        train = train.take(hold_out(codes, 1 - limit / len(train), seed=0)[0])  # some of each class
    return text_contest(
        train,
        rows.take(np.flatnonzero(test)),
        out,
        name="names",
        settings={**preset("names"), "n_threads": threads, "device": device},
        letters=True,
        seed=seed,
    )
