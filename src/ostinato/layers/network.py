"""The torch module that a `Sequential` is: packed sequences in, a row's or a step's outputs out."""

from collections.abc import Iterable

from torch import nn
from torch.nn.utils.rnn import PackedSequence

from ostinato.layers.dense import DenseModule
from ostinato.layers.flow import Flow


class Network(nn.Module):
    """The layers' modules one after another.

    Args:
        modules: name → module, in order.
        rows: the input has no steps: every row is a packed sequence of one step.
    """

    def __init__(self, modules: dict[str, nn.Module], rows: bool) -> None:
        super().__init__()
        self.layers = nn.ModuleDict(dict(zip(_keys(modules), modules.values(), strict=True)))
        self.rows = rows

    @property
    def last_activation(self) -> str:
        """What `logits` leaves out."""
        *_, last = self.layers.values()
        return last.activation if isinstance(last, DenseModule) else "linear"

    def logits(self, packed: PackedSequence) -> Flow:
        """The output before the last layer's activation: (B, units) in packed order, or packed (N, units)."""
        x: Flow = packed.data if self.rows else packed
        *before, last = self.layers.values()
        for module in before:
            x = module(x)
        return last.logits(x) if isinstance(last, DenseModule) else last.forward(x)

    def forward(self, packed: PackedSequence) -> Flow:
        """The output: (B, units) in packed order, or packed (N, units)."""
        x: Flow = packed.data if self.rows else packed
        for module in self.layers.values():
            x = module(x)
        return x


def _keys(names: Iterable[str]) -> list[str]:
    """The names that the layers' weights bear in a file.

    These are the layers' own, save that torch takes neither a dot nor a name that a `ModuleDict` needs for itself
    ("training", "type", "keys", ...).

    Example:
        >>> _keys(["embedding", "a.b", "a_b", "training"])
        ['embedding', 'a_b', 'a_b_', 'training_']
    """
    keys: list[str] = []
    for name in names:
        key = name.replace(".", "_")
        while key in keys or hasattr(nn.ModuleDict(), key):
            key += "_"
        keys.append(key)
    return keys
