"""Keras' optimisers: their names for the numbers, and their defaults."""

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, field
from functools import partial
from typing import Any

import torch

from ostinato.train.lookup import lookup


@dataclass(frozen=True)
class Optimizer:
    """What all share.

    Args:
        learning_rate: of every step; may be given without its name, `Adam(1e-3)`.
        clipnorm: largest L2 norm of all gradients together (Keras calls this `global_clipnorm`).
        clipvalue: largest number of a gradient.
    """

    learning_rate: float = 0.001
    _: KW_ONLY
    clipnorm: float | None = None
    clipvalue: float | None = None

    def torch(self) -> Callable[..., torch.optim.Optimizer]:
        """The torch optimiser, to be given parameter groups."""
        raise NotImplementedError

    def settings(self) -> dict[str, Any]:
        """Arguments for `train.Trainer`."""
        return {
            "optimizer": self.torch(),
            "lr": self.learning_rate,
            "clip_norm": self.clipnorm,
            "clip_value": self.clipvalue,
        }


@dataclass(frozen=True, kw_only=True)
class SGD(Optimizer):
    """Stochastic gradient descent.

    Example:
        >>> SGD(momentum=0.9).learning_rate
        0.01
    """

    learning_rate: float = field(default=0.01, kw_only=False)
    momentum: float = 0.0
    nesterov: bool = False

    def torch(self) -> Callable[..., torch.optim.Optimizer]:
        """Torch's."""
        return partial(torch.optim.SGD, momentum=self.momentum, nesterov=self.nesterov, fused=True)


@dataclass(frozen=True, kw_only=True)
class RMSprop(Optimizer):
    """Each gradient divided by the root of a moving average of its square (Tieleman & Hinton 2012)."""

    rho: float = 0.9
    momentum: float = 0.0
    epsilon: float = 1e-7
    centered: bool = False

    def torch(self) -> Callable[..., torch.optim.Optimizer]:
        """torch's, which adds epsilon behind the root; Keras adds it under it."""
        return partial(
            torch.optim.RMSprop,
            alpha=self.rho,
            momentum=self.momentum,
            eps=self.epsilon,
            centered=self.centered,
            foreach=True,
        )


@dataclass(frozen=True, kw_only=True)
class Adam(Optimizer):
    """Kingma & Ba 2015."""

    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7

    def torch(self) -> Callable[..., torch.optim.Optimizer]:
        """Torch's."""
        return partial(torch.optim.Adam, betas=(self.beta_1, self.beta_2), eps=self.epsilon, fused=True)


@dataclass(frozen=True, kw_only=True)
class AdamW(Adam):
    """Adam with decay of the weights themselves (Loshchilov & Hutter 2019); matrices alone decay."""

    weight_decay: float = 0.004

    def torch(self) -> Callable[..., torch.optim.Optimizer]:
        """Torch's."""
        return partial(torch.optim.AdamW, betas=(self.beta_1, self.beta_2), eps=self.epsilon, fused=True)

    def settings(self) -> dict[str, Any]:
        """With the decay."""
        return super().settings() | {"weight_decay": self.weight_decay}


OPTIMIZERS: dict[str, type[Optimizer]] = {"sgd": SGD, "rmsprop": RMSprop, "adam": Adam, "adamw": AdamW}


def find(optimizer: str | Optimizer) -> Optimizer:
    """The optimiser itself, or the one of this name with its defaults.

    Raises:
        InputError: there is none; says which there are.
    """
    if isinstance(optimizer, Optimizer):
        return optimizer
    name = optimizer.lower() if isinstance(optimizer, str) else optimizer
    return lookup(name, OPTIMIZERS, "optimizer")()
