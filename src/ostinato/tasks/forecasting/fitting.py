"""From a forecaster's arguments to its networks, and from their first weights to their last."""

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from ostinato._core.random import derive, seeded
from ostinato.tasks.fitting import recurrent_settings, trainer
from ostinato.tasks.forecasting.network import ForecastNetwork
from ostinato.tasks.forecasting.outputs import Output
from ostinato.tasks.forecasting.windows import Flat, Origins, WindowBatch, WindowBatches
from ostinato.train import History, Loss

if TYPE_CHECKING:
    from ostinato.tasks.forecasting.forecaster import Forecaster

_FIRST_WEIGHTS, _ORDER = 1, 2  # what a seed is derived for
# where the user names no number: passes at least, batches that few windows are read again for, and passes at most
_EPOCHS, _STEPS, _MOST = 10, 1500, 200
_EVALUATED = 256  # windows a batch where nothing is learned


def first_network(task: "Forecaster", flat: Flat, output: Output, seed: int) -> ForecastNetwork:
    """Draw a network's first weights."""
    settings: dict[str, Any] = {
        "strategy": task.strategy,
        "inputs": flat.inputs.shape[1],
        "targets": flat.targets.shape[1],
        "known": flat.known.shape[1],
        "look_back": task.look_back,
        "horizon": task.steps_ahead(),
        "parameters": output.parameters,
        "moves": output.moves,
        "level": task.level,
        "highway": task.highway,
        "dropout": task.dropout,
        "segment": task.segment,
        **recurrent_settings(task),
    }
    with seeded(derive(seed, _FIRST_WEIGHTS)):
        network = ForecastNetwork(**settings)
    network.settings = settings
    return network


def train(
    task: "Forecaster",
    network: ForecastNetwork,
    flat: Flat,
    output: Output,
    parts: tuple[Origins, Origins | None],
    seed: int,
) -> History:
    """Train a network in place."""
    size: dict[str, Any] = {"look_back": task.look_back, "horizon": task.steps_ahead()}
    batches = WindowBatches(flat, parts[0], batch_size=task.batch_size, seed=derive(seed, _ORDER), **size)
    held = None
    if parts[1] is not None:
        held = WindowBatches(flat, parts[1], batch_size=_EVALUATED, shuffle=False, **size)
    epochs = min(max(_EPOCHS, -(-_STEPS // len(batches))), _MOST) if task.epochs is None else task.epochs
    keep_best = task.patience is not None
    made = trainer(task, epochs, held_out=held is not None, seed=seed, keep_best=keep_best)
    history = made.fit(network, _loss(output), batches, held)
    network.eval()
    return history


def networks_from(settings: dict[str, Any], tensors: dict[str, Any], members: int) -> list[ForecastNetwork]:
    """Make the networks of stored settings and tensors."""
    made = []
    for member in range(members):
        with seeded(0):  # the weights drawn are replaced at once; the caller's generator stays as it is
            network = ForecastNetwork(**settings)
        prefix = f"network.{member}."
        state = {
            name.removeprefix(prefix): torch.from_numpy(v) for name, v in tensors.items() if name.startswith(prefix)
        }
        network.load_state_dict(state)
        network.settings = settings
        made.append(network.eval())
    return made


def _loss(output: Output) -> Loss:
    """The mean over all targets that were observed."""

    def loss(model: nn.Module, batch: WindowBatch) -> Tensor:
        raw = model(batch.inputs, batch.known)
        losses = output.loss(raw, batch.targets, batch.units[:, None])
        if bool(batch.observed.all()):
            return losses.mean()
        return torch.where(batch.observed, losses, 0.0).sum() / batch.observed.sum().clamp(min=1)

    return loss
