"""What the verbs that use a model do where it is a language model."""

import json
import sys
from pathlib import Path
from typing import Any

from ostinato.cli.columns import Columns, chunks

_ROWS = 256  # measured together


def evaluate_text(model: Any, file: Path, encoding: str, dynamic: float | None, as_json: bool) -> None:
    """Print how well each token of a text is foreseen."""
    from ostinato.cli.screen import emit, show
    from ostinato.data import read_texts
    from ostinato.report.table import facts

    found = model.evaluate(read_texts(file, encoding=encoding), dynamic=dynamic)
    if as_json:
        emit(found)
    else:
        show(facts({name.replace("_", " "): value for name, value in found.items()}))


def predict_texts(model: Any, file: str | Path, columns: Columns, as_json: bool) -> None:
    """Print the log-probability of each row's text, which the end mark ends."""
    from ostinato.cli.models import answered
    from ostinato.cli.screen import note

    examples = columns.examples(file, labelled=False)
    for some in chunks(iter(examples), _ROWS):
        values = answered(model.log_probability, some)
        sys.stdout.writelines(
            (json.dumps({"log_probability_nats": float(value)}) if as_json else f"{value:.4f}") + "\n"
            for value in values
        )
        sys.stdout.flush()
    for remark in examples.notes:
        note(f"note: {file}: {remark}")
