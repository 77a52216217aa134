"""From a writing estimator's arguments to its first network, and from its first network to its last."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ostinato._core.errors import InputError
from ostinato._core.random import derive, seeded
from ostinato.tasks.fitting import first_forget_bias, resumed_seed, trainer
from ostinato.tasks.translation.batches import AnswerBatches, Ids
from ostinato.tasks.translation.loss import AnswerLoss
from ostinato.tasks.translation.network import TranslationNetwork
from ostinato.train import History

FIRST_WEIGHTS, ORDER, HELD = 1, 2, 3  # what a seed is derived for


def first_network(task: Any, source_vocabulary: int | None, vocabulary: int) -> TranslationNetwork:
    """Draw a translator's first weights, from its arguments and seed."""
    settings: dict[str, Any] = {
        "vocabulary": vocabulary,
        "source_vocabulary": source_vocabulary,
        "num_layers": task.num_layers,
        "bidirectional": task.bidirectional,
        "attention": task.attention,
        "input_feeding": task.input_feeding,
        **decoder_settings(task),
    }
    with seeded(derive(task.seed_, FIRST_WEIGHTS)):
        network = TranslationNetwork(**settings)
    network.settings = settings
    return network


def decoder_settings(task: Any) -> dict[str, Any]:
    """The settings that networks which write share."""
    return {
        "embedding_size": task.embedding_size,
        "hidden_size": task.hidden_size,
        "decoder_size": task.decoder_size,
        "decoder_layers": task.decoder_layers,
        "tied": task.tied,
        "embedding_dropout": task.embedding_dropout,
        "input_dropout": task.input_dropout,
        "dropout": task.dropout,
        "output_dropout": task.output_dropout,
        "precision": task.precision,
        "cell": task.cell,
        "bias": task.bias,
        "init": task.init,
        "forget_bias": first_forget_bias(task),
        "backend": task.backend,
    }


def counts_of(answers: list[Ids], end: int, vocabulary: int) -> Tensor:
    """How often each token is to be written, (V,)."""
    counts = np.bincount(np.concatenate(answers), minlength=vocabulary).astype(np.float32)
    counts[end] += len(answers)
    return torch.from_numpy(counts)


def train(task: Any, network: nn.Module, batches: AnswerBatches, held: AnswerBatches | None) -> History:
    """Train a network in place.

    Without patience the schedule is run to its end: an earlier epoch may have the lower loss, but at a higher rate.
    """
    if not 0 <= task.label_smoothing < 1:
        raise InputError(f"label_smoothing={task.label_smoothing!r}, expected a share in [0, 1); 0.1 is usual")
    if not 0 <= task.scheduled_sampling <= 1:
        raise InputError(
            f"scheduled_sampling={task.scheduled_sampling!r}, expected a probability in [0, 1]; 0 turns it off"
        )
    keep_best = task.patience is not None
    made = trainer(task, task.epochs, held_out=held is not None, seed=task.seed_, keep_best=keep_best)
    try:
        return made.fit(network, AnswerLoss(task.label_smoothing), batches, held)
    finally:
        network.eval()


def seed_of(task: Any) -> int:
    """The seed of this fit: of the checkpoint that it goes on with, else from `random_state`."""
    kept = resumed_seed(task.checkpoint) if task.resume else None
    return task._seed() if kept is None else kept


def held_share(fraction: float | None) -> float:
    """The share to hold out; none is 0.

    Raises:
        InputError: no share.
    """
    if fraction is None:
        return 0.0
    if not 0 <= fraction < 1:
        raise InputError(f"validation_fraction={fraction!r}, expected a share in [0, 1) or None; correct it")
    return fraction


def summary(history: History) -> dict[str, Any]:
    """What is remembered of a training, for `metrics_`."""
    kept = [record for record in history if record.get("epoch") == history.best_epoch]
    losses: dict[str, Any] = {name: kept[0][name] for name in ("train_loss", "valid_loss") if kept and name in kept[0]}
    return {"best_epoch": history.best_epoch, **losses, "history": list(history)}
