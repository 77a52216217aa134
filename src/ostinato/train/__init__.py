"""Training: epochs, clipping, schedule, early stopping, checkpoint and exact resume; knows no task."""

from ostinato.train.batch import Batch, Batches, Loss, Measured, Metric
from ostinato.train.history import History
from ostinato.train.losses import LOSSES, binary_cross_entropy, cross_entropy, squared_error
from ostinato.train.optimisers import OPTIMIZERS
from ostinato.train.predict import evaluating, predict
from ostinato.train.schedules import SCHEDULES
from ostinato.train.threads import threads
from ostinato.train.trainer import Trainer

__all__ = [
    "LOSSES",
    "OPTIMIZERS",
    "SCHEDULES",
    "Batch",
    "Batches",
    "History",
    "Loss",
    "Measured",
    "Metric",
    "Trainer",
    "binary_cross_entropy",
    "cross_entropy",
    "evaluating",
    "predict",
    "squared_error",
    "threads",
]
