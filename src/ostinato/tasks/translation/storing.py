"""A network's weights to named arrays and back; what several names share is stored once."""

from typing import Any, TypeVar

import numpy as np
import torch
from torch import nn

from ostinato._core.random import seeded

_PREFIX = "network."
N = TypeVar("N", bound=nn.Module)


def tensors_of(network: nn.Module) -> dict[str, np.ndarray]:
    """The weights by name, a shared one under its first name alone."""
    own = {name for name, _ in network.named_parameters()} | {name for name, _ in network.named_buffers()}
    state = network.state_dict()
    return {_PREFIX + name: value.detach().cpu().numpy() for name, value in state.items() if name in own}


def network_from(kind: type[N], settings: dict[str, Any], tensors: dict[str, np.ndarray]) -> N:
    """Make a network of stored settings and tensors."""
    with seeded(0):  # the weights drawn are replaced at once; the caller's generator stays as it is
        network = kind(**settings)
    with torch.no_grad():
        for name, parameter in [*network.named_parameters(), *network.named_buffers()]:
            parameter.copy_(torch.from_numpy(tensors[_PREFIX + name]))
    network.settings = settings  # type: ignore[assignment]  # a plain attribute of ours
    return network.eval()
