"""From a language model's arguments to its first network, and from its first network to its last."""

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from ostinato._core.random import derive, seeded
from ostinato.data import Streams
from ostinato.tasks.fitting import first_forget_bias, resumed_seed, trainer
from ostinato.tasks.language.loss import StreamLoss, drop_carried, first_carried
from ostinato.tasks.language.network import LanguageNetwork
from ostinato.text import Tokenizer
from ostinato.train import History

if TYPE_CHECKING:
    from ostinato.tasks.language.model import LanguageModel

_FIRST_WEIGHTS, _ORDER = 1, 2  # what a seed is derived for
_HELD_STREAMS = 8  # the held-out text is read at so many places while training: fast, and the same in every epoch


def first_network(task: "LanguageModel", vocabulary: int) -> LanguageNetwork:
    """Draw a network's first weights, from the model's arguments and seed."""
    settings: dict[str, Any] = {
        "vocabulary": vocabulary,
        "embedding_size": task.embedding_size,
        "hidden_size": task.hidden_size,
        "num_layers": task.num_layers,
        "tied": task.tied,
        "cutoffs": None if task.cutoffs is None else list(task.cutoffs),
        "embedding_dropout": task.embedding_dropout,
        "input_dropout": task.input_dropout,
        "dropout": task.dropout,
        "output_dropout": task.output_dropout,
        "precision": task.precision,
        "cell": task.cell,
        "bias": task.bias,
        "weight_drop": task.weight_drop,
        "init": task.init,
        "forget_bias": first_forget_bias(task),
        "backend": task.backend,
    }
    with seeded(derive(task.seed_, _FIRST_WEIGHTS)):
        network = LanguageNetwork(**settings)
    network.settings = settings
    return network


def begin_with_frequencies(network: LanguageNetwork, text: NDArray[np.int64]) -> None:
    """Set the output's bias to the log of each token's share of the text, as if each had been seen once more.

    A bias of zeros gives every token the same probability, and Adam, which moves a number by the learning rate a step
    at most, needs thousands of steps to a rare token's bias.
    """
    if network.adaptive is not None:  # torch's has a bias for its frequent tokens alone
        return
    bias = network.output.bias
    seen = torch.from_numpy(np.bincount(text, minlength=len(bias))).double() + 1
    with torch.no_grad():
        bias.copy_((seen / seen.sum()).log())


def network_from(settings: dict[str, Any], tensors: dict[str, NDArray[Any]]) -> LanguageNetwork:
    """Make a network of stored settings and tensors."""
    with seeded(0):  # the weights drawn are replaced at once; the caller's generator stays as it is
        network = LanguageNetwork(**settings)
    prefix = "network."
    state = {name[len(prefix) :]: torch.from_numpy(value) for name, value in tensors.items() if name.startswith(prefix)}
    if settings["tied"]:
        state["output.weight"] = state["embedding.weight"]
    network.load_state_dict(state)
    network.settings = settings
    return network.eval()


def train(
    task: "LanguageModel", network: LanguageNetwork, text: NDArray[np.int64], valid: NDArray[np.int64] | None
) -> History:
    """Train a network in place."""
    order: dict[str, Any] = {"before": Tokenizer.eos_id, "length": task.length}
    batches = Streams(text, streams=task.streams, vary=task.vary_length, seed=derive(task.seed_, _ORDER), **order)
    held = None if valid is None else Streams(valid, streams=_HELD_STREAMS, **order)
    made = trainer(task, task.epochs, held_out=valid is not None, seed=task.seed_)
    first_carried(network, batches.rows)
    try:
        return made.fit(network, StreamLoss(task.ar, task.tar), batches, held)
    finally:
        drop_carried(network)
        network.eval()


def seed_of(task: "LanguageModel") -> int:
    """The seed of this fit: of the checkpoint that it goes on with, else from `random_state`."""
    kept = resumed_seed(task.checkpoint) if task.resume else None
    return task._seed() if kept is None else kept


def best_record(history: History) -> dict[str, Any]:
    """The numbers of the epoch whose weights were kept."""
    kept = [record for record in history if record.get("epoch") == history.best_epoch]
    names = ("train_loss", "train_nats", "valid_loss")
    return {name: kept[0][name] for name in names if kept and name in kept[0]}
