"""The promises of a kind of task to the verb `train`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ostinato.cli.columns import Columns, Rows


@dataclass(frozen=True)
class Outcome:
    """What was measured on the held-out rows.

    Args:
        html: the page of the model.
        kept: what the model remembers of it, JSON.
        result: what `--json` prints of it.
        said: the same in words, name -> value.
    """

    html: str
    kept: dict[str, Any]
    result: dict[str, Any]
    said: dict[str, Any]


class Way(Protocol):
    """What `train` asks of a kind of task."""

    def load(self, path: Path, columns: Columns) -> Rows:
        """Read a file, saying on stderr what was left out."""

    def check(self, rows: Rows, held: Rows | None) -> None:
        """Raise if there is nothing to learn, or the held-out rows have what cannot be known from the others."""

    def names(self, columns: Columns) -> dict[str, str | None]:
        """The columns, as the model remembers them."""

    def contents(self, rows: Rows) -> dict[str, str]:
        """What there is to learn, in words: name -> value."""

    def measure(self, estimator: Any, held: Rows, about: dict[str, Any], columns: Columns) -> Outcome:
        """Measure on held-out rows and write the page."""
