"""`accelerate(model)`: every recurrent module of torch's in a model replaced by ours, in place, and put back."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrize

from ostinato._core.errors import InputError
from ostinato.kernels.precision import checked_precision
from ostinato.nn.one_step import OneStep
from ostinato.nn.recurrent import Recurrent
from ostinato.nn.share import KINDS, hand_over, parameters_expected, sample, share

_NAMES = {kind.__name__ for kind in KINDS}
_RECURRENT = (*KINDS, nn.RNNBase, nn.RNNCellBase, Recurrent, OneStep)


@dataclass(frozen=True)
class _Change:
    """One place in the model."""

    parent: nn.Module
    name: str
    path: str
    old: nn.Module
    new: nn.Module


@dataclass(eq=False)
class Report:
    """What `accelerate` did.

    Args:
        replaced: place in the model -> the layer that stands there now.
        left: place -> why the module there was left alone.
    """

    replaced: dict[str, str] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    _changes: list[_Change] = field(default_factory=list, repr=False)

    def undo(self) -> None:
        """Put the exact old modules back, with the weights, hooks and mode that the model has now. Twice is once.

        Raises:
            InputError: somebody else has replaced one of our layers since; then nothing is changed.
        """
        for change in self._changes:
            now = change.parent._modules.get(change.name)
            if now is not change.new:
                raise InputError(
                    f"{change.path} is {type(now).__name__} now; expected the {type(change.new).__name__} that "
                    "accelerate put there; put it back, or keep the model as it is"
                )
        for change in self._changes:
            hand_over(change.new, change.old)
            change.parent._modules[change.name] = change.old
        self._changes.clear()

    def __str__(self) -> str:
        found = len(self.replaced) + len(self.left)
        if not found:
            return "no recurrent module found"
        width = max(map(len, (*self.replaced, *self.left)))
        lines = [f"{len(self.replaced)} of {found} recurrent modules replaced"]
        lines += [f"  {path:{width}}  {what}" for path, what in self.replaced.items()]
        lines += ["left alone"] * bool(self.left)
        lines += [f"  {path:{width}}  {reason}" for path, reason in self.left.items()]
        return "\n".join(lines)


def accelerate(model: nn.Module, precision: str | None = None) -> Report:
    """Replace every `RNN`, `LSTM`, `GRU`, `RNNCell`, `LSTMCell`, `GRUCell` of torch's in a model by ours, in place.

    Use it on a model of your own or from a library, before or after training, to run it on the native kernels. The
    parameters stay the very same objects, so optimisers go on, and the `state_dict` keeps its keys. Hooks, mode and
    attributes are kept; a module used in several places stays one. What the native kernels would not run (on a GPU,
    in float64, without a compiler at installation) is left as it was, with the reason.

    Call it before `torch.compile`, `torch.jit` or `DistributedDataParallel` wrap the model. `isinstance(module,
    torch.nn.LSTM)` is False afterwards.

    Args:
        model: that contains such modules. A second call finds nothing more to do.
        precision: "bfloat16" allows the layers' products in it where no gradient is asked for, "mixed" always, as
            `Recurrent` explains.

    Returns:
        what was replaced and what was not; `print` it. `undo()` puts the old modules back.

    Raises:
        InputError: `model` is no module, or is itself such a module and has no place in which to be replaced.

    Cost: no parameter is copied; some microseconds a module.

    Example:
        >>> model = nn.Sequential(nn.Linear(3, 4), nn.LSTM(4, 5), nn.GRU(5, 6).double())
        >>> report = accelerate(model)
        >>> report.left
        {'2': 'the native kernels compute in float32; torch.float64 given'}
        >>> report.undo()
        >>> type(model[1])
        <class 'torch.nn.modules.rnn.LSTM'>
    """
    if not isinstance(model, nn.Module):
        raise InputError(f"model is {type(model).__name__}; expected a torch.nn.Module; give the network itself")
    if isinstance(model, tuple(KINDS)):
        raise InputError(
            f"model itself is a torch.nn.{type(model).__name__}; expected a module that contains it: there is no "
            "other place in which to replace it; take ostinato.nn.from_torch(model, share=True)"
        )
    if precision is not None:
        checked_precision(precision, "precision=")
    report, made = Report(), dict[int, nn.Module]()
    for place, parent in list(model.named_modules()):
        for name, child in list(parent._modules.items()):
            path = f"{place}.{name}" if place else name
            if child is None or not _is_recurrent(child):
                continue
            if (reason := _why_not(child)) is not None:
                report.left[path] = reason
                continue
            new = made.setdefault(id(child), made.get(id(child)) or share(child))
            if isinstance(new, Recurrent):
                new.options = replace(new.options, precision=precision)
            parent._modules[name] = new
            report.replaced[path] = f"{type(new).__name__}({new.extra_repr()})"
            report._changes.append(_Change(parent, name, path, child, new))
    return report


def _is_recurrent(module: nn.Module) -> bool:
    """Also what is told by its name alone: quantized and scripted ones."""
    name = getattr(module, "original_name", type(module).__name__)
    return isinstance(module, _RECURRENT) or (name in _NAMES and _why_foreign(module) is not None)


def _why_foreign(module: nn.Module) -> str | None:
    if isinstance(module, torch.jit.ScriptModule):
        return "compiled by torch.jit: accelerate the model before that"
    if type(module).__module__.startswith(("torch.ao.", "torch.nn.quant")):
        return "quantized: its weights are integers; the native kernels compute in float32"
    return None


def _why_not(module: nn.Module) -> str | None:
    """The first reason why a module is left alone, or None."""
    return next((reason for question in _QUESTIONS if (reason := question(module)) is not None), None)


def _why_ours(module: nn.Module) -> str | None:
    return "is Ostinato's already" if isinstance(module, (Recurrent, OneStep)) else None


def _why_parametrized(module: nn.Module) -> str | None:
    if parametrize.is_parametrized(module):
        names = ", ".join(getattr(module, "parametrizations", {}))
        return f"its {names} are parametrized: remove the parametrizations first (torch.nn.utils.parametrize)"
    return None


def _why_subclass(module: nn.Module) -> str | None:
    if type(module) in KINDS:
        return None
    bases = [kind.__name__ for kind in KINDS if isinstance(module, kind)] or ["RNNBase"]
    return f"{type(module).__name__} is a subclass of torch.nn.{bases[0]} and may compute something else"


def _why_changed(module: nn.Module) -> str | None:
    if "forward" in vars(module):
        return "its forward was replaced by another function"
    computed = sorted(name for name in parameters_expected(module) if name not in module._parameters)
    if computed:
        return (
            f"its {', '.join(computed)} are computed by a hook (weight_norm, spectral_norm, pruning): remove that first"
        )
    return None


def _why_kernels(module: nn.Module) -> str | None:
    """Ask the kernels themselves."""
    new: Any = share(module)
    with torch.no_grad():
        reasons: dict[str, str | None] = dict(new.explain(sample(new)))
    return reasons["native"]


_QUESTIONS: tuple[Callable[[nn.Module], str | None], ...] = (
    _why_ours,
    _why_foreign,
    _why_parametrized,
    _why_subclass,
    _why_changed,
    _why_kernels,
)
