"""Zoneout's chance: drawn once a run and in one place, so that all backends draw the same after the same seed."""

from dataclasses import replace

import torch
from torch import Tensor

from .layer import Layer


def drawn(layer: Layer) -> Layer:
    """Replace, in training, the rates of a layer's zoneout by draws; outside training they stay, as the expectation.

    The numbers come from torch's generator and do not depend on the layer's dtype.

    Args:
        layer: any; what is drawn already stays.

    Returns:
        the layer whose zoneout is (D, N, P or H) for each state, 1 where a token keeps the old value and 0 where not.

    Example:
        >>> from ostinato.kernels import Weights
        >>> x, h = torch.zeros(2, 1), torch.zeros(1, 1, 3)
        >>> one = Weights(torch.zeros(3, 1), torch.zeros(3, 3))
        >>> layer = Layer(x, torch.ones(2, dtype=torch.int64), (one,), (h,), zoneout=(1.0,), training=True)
        >>> drawn(layer).zoneout
        (tensor([[[1., 1., 1.],
                 [1., 1., 1.]]]),)
    """
    if layer.zoneout is None or not layer.training:
        return layer
    return replace(layer, zoneout=tuple(_draw(layer, k, s) for k, s in zip(layer.zoneout, layer.states, strict=True)))


def _draw(layer: Layer, keep: float | Tensor, state: Tensor) -> Tensor:
    if isinstance(keep, Tensor):
        return keep
    N = len(layer.x if layer.index is None else layer.index)
    return torch.empty(state.shape[0], N, state.shape[2]).bernoulli_(keep).to(state)
