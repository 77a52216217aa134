"""To and from torch's own recurrent modules, weights and all."""

from typing import Any, TypeVar, cast

import torch
from torch import nn

from ostinato._core.errors import InputError
from ostinato.nn.recurrent import Recurrent
from ostinato.nn.share import share as shared
from ostinato.nn.torch_like import GRU, LSTM, RNN

M = TypeVar("M", bound=nn.Module)

_SHARED = ("input_size", "hidden_size", "num_layers", "bias", "batch_first", "dropout", "bidirectional")


def from_torch(module: nn.RNN | nn.LSTM | nn.GRU, share: bool = False) -> Recurrent:
    """Make the layer that computes what a torch module computes; the weights are copied, or shared.

    Args:
        module: a `torch.nn.RNN`, `LSTM` or `GRU`.
        share: whether both modules have the very same parameters, buffers and hooks, so that optimisers go on.

    Returns:
        An `RNN`, `LSTM` or `GRU` with the same weights, dtype, device, and training or evaluation mode.

    Raises:
        InputError: another module.

    Example:
        >>> ours, theirs = from_torch(module := torch.nn.GRU(3, 4)), module
        >>> x = torch.randn(5, 2, 3)
        >>> torch.allclose(ours(x)[0], theirs(x)[0], atol=1e-6)
        True
    """
    made: Recurrent
    if share and type(module) in (nn.LSTM, nn.GRU, nn.RNN):
        return cast(Recurrent, shared(module))
    if isinstance(module, nn.LSTM):
        made = LSTM(**_arguments(module), proj_size=module.proj_size)
    elif isinstance(module, nn.GRU):
        made = GRU(**_arguments(module))
    elif isinstance(module, nn.RNN):
        made = RNN(**_arguments(module), nonlinearity=module.nonlinearity)
    else:
        raise InputError(
            f"module is {type(module).__name__}; expected torch.nn.RNN, LSTM or GRU; convert those inside it"
        )
    return _copied(module, made)


def to_torch(layer: Recurrent) -> nn.RNN | nn.LSTM | nn.GRU:
    """Make the torch module that computes what a layer computes; the weights are copied.

    A single bias becomes torch's first; its second is 0. Options that act in training alone are lost.

    Args:
        layer: with a cell that torch has.

    Returns:
        A `torch.nn.RNN`, `LSTM` or `GRU` in the same mode, dtype and on the same device.

    Raises:
        InputError: a cell or an option that torch has not.

    Example:
        >>> to_torch(LSTM(3, 4, bias="single"))
        LSTM(3, 4)
    """
    shown = layer.options.shown()
    lost = [name for name in ("merge", "zoneout", "layer_norm", "learned_state") if name in shown]
    if lost:
        raise InputError(f"{lost[0]}={shown[lost[0]]!r}; torch has no such option; expected a layer without it")
    kinds: dict[str, type[Any]] = {"rnn_tanh": nn.RNN, "rnn_relu": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
    if layer.cell.name not in kinds:
        raise InputError(f"cell {layer.cell.name!r}; torch has {', '.join(kinds)}; expected one of them")
    more: dict[str, Any] = {}
    if layer.cell.name == "lstm":
        more["proj_size"] = layer.proj_size
    elif layer.cell.name != "gru":
        more["nonlinearity"] = layer.cell.name.removeprefix("rnn_")
    made: nn.RNN | nn.LSTM | nn.GRU = kinds[layer.cell.name](**_arguments(layer), **more)
    return _copied(layer, made)


def _arguments(module: Any) -> dict[str, Any]:
    like = next(module.parameters())
    return {name: getattr(module, name) for name in _SHARED} | {"device": like.device, "dtype": like.dtype}


def _copied(source: nn.Module, made: M) -> M:
    """Copy the parameters that both have, put 0 where the source has none, and set the same mode."""
    have = dict(source.named_parameters())
    with torch.no_grad():
        for name, parameter in made.named_parameters():
            parameter.copy_(have[name]) if name in have else parameter.zero_()
            parameter.requires_grad_(name not in have or have[name].requires_grad)
    return made.train(source.training)
