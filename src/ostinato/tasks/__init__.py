"""Estimators: one task a file, scikit-learn's manners, a model in a folder.

`SequenceClassifier` is the recurrent one; `BagOfWords` and `SummaryBaseline` are what it has to beat.
`SequenceRegressor` answers with numbers; `SummaryRegressor` is what that has to beat. `SequenceTagger`
answers with a tag a token; `WindowTagger` and `MostFrequentTag` are what that has to beat.
`MusicModel` foresees the notes of music.
`Forecaster` answers with the rows to come; `BaselineForecaster` is what that has to beat.
"""

import os
from typing import Any

from ostinato._core.errors import ModelFileError
from ostinato.tasks import saving
from ostinato.tasks.bag_of_words import BagOfWords
from ostinato.tasks.captioning import Captioner
from ostinato.tasks.classifier import SequenceClassifier
from ostinato.tasks.estimator import Estimator
from ostinato.tasks.forecasting import BaselineForecaster, Forecaster
from ostinato.tasks.language import LanguageModel
from ostinato.tasks.music import MusicModel
from ostinato.tasks.network import ClassifierNetwork
from ostinato.tasks.presets import PRESETS
from ostinato.tasks.regressor import SequenceRegressor
from ostinato.tasks.saving import check_writable
from ostinato.tasks.speech import Transcriber
from ostinato.tasks.summary import SummaryBaseline
from ostinato.tasks.summary_regressor import SummaryRegressor
from ostinato.tasks.tagger import SequenceTagger
from ostinato.tasks.tagger_network import TaggerNetwork
from ostinato.tasks.tagging import Entity, Tagger
from ostinato.tasks.task import Task
from ostinato.tasks.translation import Translator
from ostinato.tasks.window_tags import WindowTagger
from ostinato.tasks.word_tags import MostFrequentTag

TASKS: dict[str, type[Estimator]] = {
    SequenceClassifier.task: SequenceClassifier,
    BagOfWords.task: BagOfWords,
    SummaryBaseline.task: SummaryBaseline,
    SequenceRegressor.task: SequenceRegressor,
    SummaryRegressor.task: SummaryRegressor,
    SequenceTagger.task: SequenceTagger,
    WindowTagger.task: WindowTagger,
    MostFrequentTag.task: MostFrequentTag,
    LanguageModel.task: LanguageModel,
    MusicModel.task: MusicModel,
    Translator.task: Translator,
    Captioner.task: Captioner,
    Transcriber.task: Transcriber,
    Forecaster.task: Forecaster,
    BaselineForecaster.task: BaselineForecaster,
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
    "BaselineForecaster",
    "Captioner",
    "ClassifierNetwork",
    "Entity",
    "Estimator",
    "Forecaster",
    "LanguageModel",
    "MostFrequentTag",
    "MusicModel",
    "SequenceClassifier",
    "SequenceRegressor",
    "SequenceTagger",
    "SummaryBaseline",
    "SummaryRegressor",
    "Tagger",
    "TaggerNetwork",
    "Task",
    "Transcriber",
    "Translator",
    "WindowTagger",
    "check_writable",
    "load",
]
