"""Our layer in place of a torch module: not a copy, but the same parameters, buffers and hooks."""

from typing import Any

import torch
from torch import nn

from ostinato.kernels.one_step import ROWS
from ostinato.nn.one_step import GRUCell, LSTMCell, OneStep, RNNCell
from ostinato.nn.recurrent import Recurrent
from ostinato.nn.torch_like import GRU, LSTM, RNN

# torch's module -> ours, and the constructor's arguments, which torch's modules have as attributes
_LAYER = ("input_size", "hidden_size", "num_layers", "bias", "batch_first", "bidirectional")
_CELL = ("input_size", "hidden_size", "bias")
KINDS: dict[type[nn.Module], tuple[type[Recurrent] | type[OneStep], tuple[str, ...]]] = {
    nn.RNN: (RNN, (*_LAYER, "nonlinearity")),
    nn.LSTM: (LSTM, (*_LAYER, "proj_size")),
    nn.GRU: (GRU, _LAYER),
    nn.RNNCell: (RNNCell, (*_CELL, "nonlinearity")),
    nn.LSTMCell: (LSTMCell, _CELL),
    nn.GRUCell: (GRUCell, _CELL),
}

_BASE = tuple(vars(nn.Module()))  # what torch keeps for every module: parameters, buffers, hooks, `training`


def share(module: nn.Module) -> Recurrent | OneStep:
    """Make our layer with the very same parameters, buffers and hooks as a module of `KINDS`.

    The dictionaries themselves are shared: a parameter that is assigned, or a hook that is removed, is so in both.
    Attributes that the user gave the module are kept too.
    """
    kind, names = KINDS[type(module)]
    made: Any = kind(**{name: getattr(module, name) for name in names}, device="meta")
    if isinstance(made, Recurrent):
        made.dropout = vars(module)["dropout"]  # afterwards: torch has warned already where it has no effect
    hand_over(module, made)
    own = {name: value for name, value in vars(module).items() if not name.startswith("_") and name != "mode"}
    vars(made).update({name: value for name, value in own.items() if name not in vars(made)})
    return made  # type: ignore[no-any-return]


def hand_over(giver: nn.Module, taker: nn.Module) -> None:
    """Let one module have everything that torch keeps of another."""
    for name in _BASE:
        vars(taker)[name] = vars(giver)[name]
    for name in vars(taker).get("_flat_weights_names", ()):  # torch's layers keep a list of their weights besides
        setattr(taker, name, getattr(taker, name))


def parameters_expected(module: nn.Module) -> set[str]:
    """Names of the parameters that a module of `KINDS` computes with."""
    names: list[str] = list(getattr(module, "_flat_weights_names", ("weight_ih", "weight_hh", "bias_ih", "bias_hh")))
    return set(names)


def sample(module: nn.Module) -> torch.Tensor:
    """Tokens of zeros that a layer of ours takes, to ask it who would run it; as many rows as our kernels take."""
    like = next(module.parameters())
    shape = (ROWS, module.input_size) if isinstance(module, OneStep) else (1, 1, module.input_size)
    return torch.zeros(*shape, device=like.device, dtype=like.dtype)
