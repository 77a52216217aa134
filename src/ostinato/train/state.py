"""What of a run goes into a checkpoint, and back."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from ostinato._core.errors import InputError, ModelFileError
from ostinato.train.meter import Meter
from ostinato.train.watch import Watch

if TYPE_CHECKING:
    from ostinato.train.run import Run
    from ostinato.train.trainer import Trainer

# The settings that decide the numbers of every step: a run may be resumed with more patience, and with more epochs if
# no rate depends on them, but not with another one of these.
_FIXED = (
    "lr",
    "weight_decay",
    "momentum",
    "clip_norm",
    "clip_value",
    "warmup",
    "monitor",
    "min_delta",
    "average",
)


def generators(device: torch.device) -> dict[str, Tensor]:
    """The states of the random generators that a model on this device draws from."""
    states = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        states["cuda"] = torch.cuda.get_rng_state(device)
    return states


def weights(model: nn.Module) -> dict[str, Tensor]:
    """A copy of the model's state."""
    return {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}


def load_weights(model: nn.Module, tensors: dict[str, Tensor]) -> None:
    """Give the model a state that `weights` took from it."""
    model.load_state_dict(tensors)


def collect(run: "Run") -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Everything that decides the rest of a run: tensors, and numbers for JSON."""
    optimizer = run.optimizer.state_dict()["state"]
    flat = {(i, name): value for i, entry in optimizer.items() for name, value in entry.items() if value is not None}
    groups: dict[str, dict[str, Tensor]] = {
        "model": dict(run.model.state_dict()),
        "best": run.best,
        "average": run.average.tensors() if run.average is not None else {},
        "generators": run.generators,
        "optimizer": {f"{i}.{name}": v for (i, name), v in flat.items() if isinstance(v, Tensor)},
    }
    numbers = {
        "settings": {**_settings(run), "seed": run.history.seed},
        "epoch": run.epoch,
        "step": run.step,
        "meter": asdict(run.meter),
        "watch": asdict(run.watch),
        "history": list(run.history),
        "optimizer": {f"{i}.{name}": v for (i, name), v in flat.items() if not isinstance(v, Tensor)},
    }
    return {f"{group}.{name}": t for group, tensors in groups.items() for name, t in tensors.items()}, numbers


def restore(run: "Run", tensors: dict[str, Tensor], numbers: dict[str, Any]) -> None:
    """Put a fresh run where `collect` found another.

    Raises:
        InputError: a setting differs that decides the steps' numbers, or the data have another number of batches.
        ModelFileError: the checkpoint is of another model.
    """
    for name, now in {**_settings(run), "seed": run.history.seed}.items():
        then = numbers["settings"].get(name)
        if then != now:
            raise InputError(
                f"{name} is {now!r}, expected {then!r} as in the checkpoint to resume; give the same settings and "
                "data, or train from the start without resume"
            )
    groups: dict[str, dict[str, Tensor]] = {"model": {}, "best": {}, "average": {}, "generators": {}, "optimizer": {}}
    for key, tensor in tensors.items():
        group, _, name = key.partition(".")
        groups[group][name] = tensor
    try:
        run.model.load_state_dict(groups["model"])
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        raise ModelFileError(f"the checkpoint is of another model ({reason}); resume with the same model") from None
    run.best = {name: t.to(run.device) for name, t in groups["best"].items()}
    if run.average is not None:
        run.average.restore(groups["average"])
    entries: dict[int, dict[str, Any]] = {}
    for key, value in {**groups["optimizer"], **numbers["optimizer"]}.items():
        i, _, name = key.partition(".")
        entries.setdefault(int(i), {})[name] = value
    run.optimizer.load_state_dict({**run.optimizer.state_dict(), "state": entries})
    run.epoch, run.step = int(numbers["epoch"]), int(numbers["step"])
    run.meter, run.watch = Meter(**numbers["meter"]), Watch(**numbers["watch"])
    run.history.extend(numbers["history"])
    run.generators = groups["generators"]
    torch.set_rng_state(run.generators["cpu"])
    if "cuda" in run.generators:
        torch.cuda.set_rng_state(run.generators["cuda"], run.device)


def _settings(run: "Run") -> dict[str, Any]:
    """The settings of `_FIXED` and the others that must not change, as JSON keeps them."""
    t = run.settings
    return {
        **{name: getattr(t, name) for name in _FIXED},
        "betas": list(t.betas),
        # A function has no name that outlives the program: of it only that it is one can be compared.
        "optimizer": t.optimizer if isinstance(t.optimizer, str) else "a function",
        "schedule": t.schedule if isinstance(t.schedule, str | None) else "a function",
        "batches an epoch": run.steps,
        "held-out part": run.valid is not None,
        "epochs": t.epochs if _rate_depends_on_epochs(t) else None,
    }


def _rate_depends_on_epochs(t: "Trainer") -> bool:
    """Whether the learning rate of a step depends on how many steps the whole run has."""
    return t.schedule not in (None, "plateau") or 0 < t.warmup < 1
