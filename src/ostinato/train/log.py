"""`metrics.jsonl`: one JSON object a line, one line an epoch, flushed, so that another program can follow."""

import json
from pathlib import Path
from typing import Any

from ostinato._core.errors import InputError


class Log:
    """Appends records to a file.

    Args:
        path: the file; its folder is made.
        done: records that a resumed run has behind it; lines beyond them, which the interrupted run wrote after its
            last checkpoint, go, as their epochs will come again.

    Raises:
        InputError: the file cannot be written; names it and the system's reason.
    """

    def __init__(self, path: str | Path, done: list[dict[str, Any]]) -> None:
        self.path = Path(path)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text("".join(_line(record) for record in done), encoding="utf-8")
        except OSError as error:
            raise InputError(
                f"log={str(path)!r} cannot be written ({error.strerror}); expected the path of a file; choose another"
            ) from None

    def write(self, record: dict[str, Any]) -> None:
        """Append one record."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(_line(record))


def _line(record: dict[str, Any]) -> str:
    return json.dumps(record) + "\n"
