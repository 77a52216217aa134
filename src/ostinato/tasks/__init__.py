"""Estimators: one task a file, scikit-learn's manners, a model in a folder.

`SequenceClassifier` is the recurrent one; `BagOfWords` and `SummaryBaseline` are what it has to beat.
"""

import os
from typing import Any

from ostinato._core.errors import ModelFileError
from ostinato.tasks import saving
from ostinato.tasks.bag_of_words import BagOfWords
from ostinato.tasks.classifier import SequenceClassifier
from ostinato.tasks.estimator import Estimator
from ostinato.tasks.network import ClassifierNetwork
from ostinato.tasks.presets import PRESETS
from ostinato.tasks.saving import check_writable
from ostinato.tasks.summary import SummaryBaseline
from ostinato.tasks.task import Task

TASKS: dict[str, type[Estimator]] = {
    SequenceClassifier.task: SequenceClassifier,
    BagOfWords.task: BagOfWords,
    SummaryBaseline.task: SummaryBaseline,
}


def load(path: str | os.PathLike[str]) -> Any:
    """Read a saved estimator of any task.

    Args:
        path: a folder that `save` wrote.

    Returns:
        The estimator.

    Raises:
        ModelFileError: the folder or a file of it is missing, damaged or of a newer format; names it.
    """
    saved = saving.read(path)
    if saved.task not in TASKS:
        raise ModelFileError(
            f"{str(path)!r} holds {saved.task!r}, expected one of {', '.join(TASKS)}; upgrade ostinato"
        )
    return TASKS[saved.task]._from_saved(saved, path)


__all__ = [
    "PRESETS",
    "TASKS",
    "BagOfWords",
    "ClassifierNetwork",
    "Estimator",
    "SequenceClassifier",
    "SummaryBaseline",
    "Task",
    "check_writable",
    "load",
]
