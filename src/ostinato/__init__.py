"""Ostinato: learning from sequences with recurrent neural networks.

Nothing heavy is imported here: a name is looked up in the table below and its module is loaded at first use, so
`import ostinato` costs a millisecond and `ostinato --help` answers at once.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from ostinato._core.errors import DataError, InputError, OstinatoError
    from ostinato.nn.accelerate import accelerate
    from ostinato.tasks import (
        BagOfWords,
        BaselineForecaster,
        Captioner,
        Forecaster,
        LanguageModel,
        MusicModel,
        SequenceClassifier,
        SequenceRegressor,
        SequenceTagger,
        SummaryBaseline,
        SummaryRegressor,
        Transcriber,
        Translator,
        load,
    )
    from ostinato.vectors import KeyedVectors, WordVectors


# public name -> module that defines it
_EXPORTS = {
    "OstinatoError": "ostinato._core.errors",
    "InputError": "ostinato._core.errors",
    "DataError": "ostinato._core.errors",
    "SequenceClassifier": "ostinato.tasks",
    "SequenceRegressor": "ostinato.tasks",
    "SequenceTagger": "ostinato.tasks",
    "BagOfWords": "ostinato.tasks",
    "Captioner": "ostinato.tasks",
    "BaselineForecaster": "ostinato.tasks",
    "Forecaster": "ostinato.tasks",
    "LanguageModel": "ostinato.tasks",
    "MusicModel": "ostinato.tasks",
    "SummaryBaseline": "ostinato.tasks",
    "SummaryRegressor": "ostinato.tasks",
    "Transcriber": "ostinato.tasks",
    "Translator": "ostinato.tasks",
    "load": "ostinato.tasks",
    "WordVectors": "ostinato.vectors",
    "KeyedVectors": "ostinato.vectors",
    "accelerate": "ostinato.nn.accelerate",
}
_MODULES = ("cells", "data", "kernels", "layers", "nn", "report", "tasks", "testing", "text", "train", "vectors")

__all__ = [
    "BagOfWords",
    "BaselineForecaster",
    "Captioner",
    "DataError",
    "Forecaster",
    "InputError",
    "KeyedVectors",
    "LanguageModel",
    "MusicModel",
    "OstinatoError",
    "SequenceClassifier",
    "SequenceRegressor",
    "SequenceTagger",
    "SummaryBaseline",
    "SummaryRegressor",
    "Transcriber",
    "Translator",
    "WordVectors",
    "__version__",
    "accelerate",
    "load",
]


def __getattr__(name: str) -> Any:
    if name in _EXPORTS:
        return getattr(import_module(_EXPORTS[name]), name)
    if name in _MODULES:
        return import_module(f"ostinato.{name}")
    raise AttributeError(f"module 'ostinato' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_EXPORTS, *_MODULES})
