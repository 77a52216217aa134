"""From a music model's arguments to its first network, and from its first network to its last."""

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from ostinato._core.random import derive, seeded
from ostinato.data import Batch, Batches
from ostinato.nn.arguments import whole
from ostinato.tasks.fitting import first_forget_bias, resumed_seed, trainer
from ostinato.tasks.music.network import MusicNetwork, begun, foreseen
from ostinato.tasks.music.rolls import Roll
from ostinato.tasks.music.transposing import Transposed
from ostinato.train import History, Measured

if TYPE_CHECKING:
    from ostinato.tasks.music.model import MusicModel

_FIRST_WEIGHTS, _ORDER, HELD = 1, 2, 3  # what a seed is derived for


def first_network(task: "MusicModel", rolls: list[Roll]) -> MusicNetwork:
    """Draw a network's first weights; its first guess is how often each note sounds."""
    settings: dict[str, Any] = {
        "notes": rolls[0].shape[1],
        "hidden_size": task.hidden_size,
        "num_layers": task.num_layers,
        "input_dropout": task.input_dropout,
        "dropout": task.dropout,
        "output_dropout": task.output_dropout,
        "cell": task.cell,
        "bias": task.bias,
        "recurrent_dropout": task.recurrent_dropout,
        "weight_drop": task.weight_drop,
        "init": task.init,
        "forget_bias": first_forget_bias(task),
        "backend": task.backend,
    }
    with seeded(derive(task.seed_, _FIRST_WEIGHTS)):
        network = MusicNetwork(**settings)
    sounds, steps = np.concatenate(rolls).sum(axis=0), sum(map(len, rolls))
    with torch.no_grad():
        network.output.bias.copy_(torch.from_numpy(np.log(sounds + 0.5) - np.log(steps - sounds + 0.5)))
    network.settings = settings
    return network


def network_from(settings: dict[str, Any], tensors: dict[str, NDArray[Any]]) -> MusicNetwork:
    """Make a network of stored settings and tensors."""
    with seeded(0):  # the weights drawn are replaced at once; the caller's generator stays as it is
        network = MusicNetwork(**settings)
    prefix = "network."
    network.load_state_dict(
        {name[len(prefix) :]: torch.from_numpy(value) for name, value in tensors.items() if name.startswith(prefix)}
    )
    network.settings = settings
    return network.eval()


def train(task: "MusicModel", network: MusicNetwork, rolls: list[Roll], held: list[Roll]) -> History:
    """Train a network in place."""
    seed = derive(task.seed_, _ORDER)
    semitones = whole("transpose", task.transpose, 0)
    batches: Any = Batches(_begun(rolls), batch_size=task.batch_size, seed=seed)
    if semitones:
        batches = Transposed(batches, rolls, semitones, seed)
    valid = Batches(_begun(held), shuffle=False) if held else None
    made = trainer(task, task.epochs, held_out=bool(held), seed=task.seed_)
    try:
        return made.fit(network, note_loss, batches, valid)
    finally:
        network.eval()


def note_loss(model: nn.Module, batch: Batch) -> Measured:
    """Nats a step: the binary cross-entropies of all notes, summed; every step counts, a piece's first one too."""
    inputs, targets = foreseen(batch.inputs)
    logits, _ = cast(MusicNetwork, model)(inputs)
    nats = F.binary_cross_entropy_with_logits(logits, targets, reduction="sum") / len(targets)
    return Measured(nats, count=len(targets))


def seed_of(task: "MusicModel") -> int:
    """The seed of this fit: of the checkpoint that it goes on with, else from `random_state`."""
    kept = resumed_seed(task.checkpoint) if task.resume else None
    return task._seed() if kept is None else kept


def best_record(history: History) -> dict[str, Any]:
    """The numbers of the epoch whose weights were kept."""
    kept = [record for record in history if record.get("epoch") == history.best_epoch]
    return {name: kept[0][name] for name in ("train_loss", "valid_loss") if kept and name in kept[0]}


def _begun(rolls: list[Roll]) -> list[Tensor]:
    return [begun(torch.from_numpy(roll)) for roll in rolls]
