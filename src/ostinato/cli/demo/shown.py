"""What a demo hands back to be printed."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Shown:
    """The result of a demo.

    Args:
        title: what was measured on what.
        rows: a row a model.
        remark: a sentence for who looks at the table.
        files: what was written.
    """

    title: str
    rows: list[dict[str, Any]]
    remark: str
    files: list[Path] = field(default_factory=list)
