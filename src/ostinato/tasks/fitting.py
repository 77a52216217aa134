"""From a classifier's arguments to its first network, and from its first network to its last."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from ostinato._core.errors import InputError
from ostinato._core.random import derive, seeded
from ostinato.cells import CELLS
from ostinato.data import Augment, Batch, Batches
from ostinato.tasks import pretraining
from ostinato.tasks.encoding import Encoder
from ostinato.tasks.inputs import Sequences
from ostinato.tasks.labels import Labels
from ostinato.tasks.layered import Layered
from ostinato.tasks.network import ClassifierNetwork
from ostinato.tasks.vectors import set_vectors, width
from ostinato.train import History, Loss, Metric, Trainer, binary_cross_entropy, cross_entropy
from ostinato.train import checkpoint as checkpoints

if TYPE_CHECKING:
    from ostinato.tasks.language.model import LanguageModel
    from ostinato.tasks.recurrent_rows import RecurrentRows

Part = tuple[Sequences, np.ndarray, np.ndarray | None]  # rows, their targets, their weights
_FIRST_WEIGHTS, _ORDER = 1, 2  # what a seed is derived for
_EPOCHS, _STEPS = 7, 1500  # where the user names no number: passes, and batches that few rows are read again for


def first_network(
    task: "RecurrentRows", encoder: Encoder, outputs: int, lender: "LanguageModel | None" = None
) -> ClassifierNetwork:
    """Draw a network's first weights, from the classifier's arguments and seed; a language model may lend its own."""
    settings: dict[str, Any] = {
        "outputs": outputs,
        "vocabulary": encoder.vocabulary,
        "channels": encoder.channels,
        "unknown": encoder.unknown,
        "embedding_size": task.embedding_size if task.embedding is None else width(task.embedding),
        "embedding_dropout": task.embedding_dropout,
        "word_dropout": task.word_dropout,
        "freeze_embedding": task.freeze_embedding and task.embedding is not None,
        "input_dropout": task.input_dropout,
        "dropout": task.dropout,
        "convolutions": task.convolutions,
        "convolution_size": task.convolution_size,
        "kernel_size": task.kernel_size,
        "stride": task.stride,
        "pooling": task.pooling,
        **recurrent_settings(task),
    }
    if lender is not None:
        settings |= pretraining.lent_settings(lender)
    with seeded(derive(task.seed_, _FIRST_WEIGHTS)):
        network = ClassifierNetwork(**settings)
    if task.embedding is not None:
        task.embedding_coverage_ = set_vectors(network, task.embedding, encoder)
    if lender is not None:
        pretraining.lend(lender, network)
    network.settings = {**settings, "pooling": list(network.pooling.kind)}
    return network


def recurrent_settings(task: Any) -> dict[str, Any]:
    """The settings of a network's recurrent layers, from the arguments that classifiers and taggers share."""
    return {
        "cell": task.cell,
        "hidden_size": task.hidden_size,
        "num_layers": task.num_layers,
        "bidirectional": task.bidirectional,
        "bias": task.bias,
        "recurrent_dropout": task.recurrent_dropout,
        "weight_drop": task.weight_drop,
        "zoneout": task.zoneout,
        "layer_norm": task.layer_norm,
        "init": task.init,
        "forget_bias": first_forget_bias(task),
        "truncate": task.truncate,
        "backend": task.backend,
    }


def first_forget_bias(task: Any) -> float | None:
    """The forget gate's first bias, in cells that have one."""
    has_forget_gate = task.cell in CELLS and "f" in CELLS[task.cell].gates
    return task.forget_bias if has_forget_gate else None


def network_from(settings: dict[str, Any], tensors: dict[str, np.ndarray]) -> ClassifierNetwork:
    """Make a network of stored settings and tensors."""
    with seeded(0):  # the weights drawn are replaced at once; the caller's generator stays as it is
        network = ClassifierNetwork(**settings)
    prefix = "network."
    state = {name[len(prefix) :]: torch.from_numpy(value) for name, value in tensors.items() if name.startswith(prefix)}
    network.load_state_dict(state)
    network.settings = settings
    return network.eval()


def train(
    task: "RecurrentRows",
    network: ClassifierNetwork,
    encoder: Encoder,
    loss: Loss,
    metrics: dict[str, Metric],
    train: Part,
    valid: Part | None,
    epochs: int | None,
    seed: int,
) -> History:
    """Train a network in place."""
    order = {"batch_size": task.batch_size, "max_tokens": task.max_tokens, "seed": derive(seed, _ORDER)}
    augment = Augment(task.jitter, task.crop, task.time_warp, task.amplitude)
    if augment and encoder.vocabulary:
        raise InputError(
            f"jitter={task.jitter:g}, crop={task.crop:g}, time_warp={task.time_warp:g}, amplitude={task.amplitude:g}: "
            "X is made of tokens, expected numbers to change; set all four to 0"
        )
    batches = _batches(train, encoder, **order, augment=augment)
    epochs = max(_EPOCHS, -(-_STEPS // len(batches))) if epochs is None else epochs
    stack, rates = network.recurrent, None
    if isinstance(stack, Layered):
        rates = pretraining.thawing(len(stack.layers)) if task.gradual_unfreezing else pretraining.slowly
    # Without patience the schedule is run to its end: an earlier epoch may have the lower loss, but at a higher rate.
    keep_best = task.patience is not None
    history = trainer(task, epochs, held_out=valid is not None, seed=seed, keep_best=keep_best, rates=rates).fit(
        network,
        loss,
        batches,
        None if valid is None else _batches(valid, encoder, **order, shuffle=False),
        metrics,
    )
    network.eval()
    return history


def trainer(
    task: Any,
    epochs: int,
    *,
    held_out: bool,
    seed: int,
    monitor: str = "valid_loss",
    keep_best: bool = True,
    rates: pretraining.Rates | None = None,
) -> Trainer:
    """Make the trainer that an estimator's arguments ask for.

    Args:
        task: has the arguments of training that `SequenceClassifier` has.
        epochs: passes over the training part.
        held_out: whether there is a part to stop early by.
        seed: of all that training draws.
        monitor: the number that says which epoch is best.
        keep_best: end with the weights of that epoch, not with the last ones.
        rates: of layers that were trained before.
    """
    check_device(task.device)
    return Trainer(
        epochs=epochs,
        optimizer=task.optimizer,
        lr=task.lr,
        weight_decay=task.weight_decay,
        clip_norm=task.clip_norm,
        schedule=None if not held_out and task.schedule == "plateau" else task.schedule,
        warmup=task.warmup,
        patience=task.patience if held_out else None,
        monitor=monitor,
        keep_best=keep_best,
        seed=seed,
        device=task.device,
        threads=task.n_threads,
        progress=bool(task.verbose),
        log=task.log,
        checkpoint=task.checkpoint,
        resume=task.resume,
        average=task.average,
        rates=rates,
    )


def check_device(name: str) -> None:
    """Raise if torch cannot compute on a device.

    Raises:
        InputError: torch does not know it, or the machine lacks it.
    """
    try:
        torch.empty(0, device=name)
    except (RuntimeError, AssertionError, TypeError):  # AssertionError: torch built without CUDA
        raise InputError(f"device={name!r}, expected one that torch has here; give 'cpu'") from None


def best_record(history: History) -> dict[str, Any]:
    """The numbers of the epoch whose weights were kept."""
    kept = [record for record in history if record.get("epoch") == history.best_epoch]
    return {name: kept[0][name] for name in ("train_loss", "valid_loss", "valid_accuracy") if kept and name in kept[0]}


def resumed_seed(folder: str | None) -> int | None:
    """The seed of the run that a checkpoint keeps: its split and order of rows have to come again."""
    saved = None if folder is None else checkpoints.load(Path(folder))
    return None if saved is None else int(saved[1]["settings"]["seed"])


def _batches(part: Part, encoder: Encoder, **settings: Any) -> Batches:
    read, targets, weights = part
    return Batches(
        encoder(read.values),
        torch.from_numpy(targets),
        None if weights is None else torch.from_numpy(weights.astype(np.float32)),
        **settings,
    )


def class_loss(labels: Labels, smoothing: float) -> Loss:
    """Cross-entropy in nats, of one class or of several labels."""

    def loss(model: nn.Module, batch: Batch) -> Tensor:
        logits, targets = model(batch.inputs), cast(Tensor, batch.targets)
        smooth = smoothing if model.training else 0.0  # the held-out loss is the plain one: comparable between settings
        if labels.form == "multiclass":
            return cross_entropy(logits, targets, batch.weights, label_smoothing=smooth)
        smoothed = targets.to(logits.dtype) * (1 - smooth) + smooth / 2
        return binary_cross_entropy(logits, smoothed, batch.weights)

    return loss


def class_metrics(labels: Labels) -> dict[str, Metric]:
    """What is measured of classes on the held-out rows."""

    def accuracy(model: nn.Module, batch: Batch) -> Tensor:
        logits, targets = model(batch.inputs), cast(Tensor, batch.targets)
        if labels.form == "multiclass":
            right = logits.argmax(dim=1) == targets
        else:
            right = ((logits > 0) == (targets.reshape(logits.shape) > 0)).all(dim=1)
        return cast(Tensor, right.float().mean())

    return {"accuracy": accuracy}
