"""What a backend is: it says whether it can run a layer, and runs it."""

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import torch
from torch import Tensor

from .._core.errors import BackendError
from ..cells import Cell
from .constant import constant_in_graphs
from .layer import Layer

forced: ContextVar[str | None] = ContextVar("ostinato_backend", default=None)
"""The backend that `use` demands."""
_records: ContextVar[tuple[list["Ran"], ...]] = ContextVar("ostinato_ran", default=())


class Ran(str):
    """Name of a backend that ran a layer, and on how many rows it made the input product.

    Attributes:
        projected: N, the layer's tokens, or U where each row of the table they come from was projected once.
        precision: in which its products were made: "float32" (or the tensors' own type) or "bfloat16".
    """

    projected: int
    precision: str


class Backend(ABC):
    """One way of running a layer. A subclass gives `name`, `why_not` and `_forward`."""

    name: str

    @abstractmethod
    def why_not(self, cell: Cell, layer: Layer) -> str | None:
        """Say in words why this backend cannot run the layer, or return None where it can."""

    def projects_once(self, cell: Cell, layer: Layer) -> bool:
        """Whether to give `_forward` a layer with an `index` as it is; otherwise it is given a row a token."""
        return False

    def multiplies_in(self, cell: Cell, layer: Layer) -> str:
        """In which of `PRECISIONS` the layer's products will be made; what the tensors are of is "float32" here."""
        return "float32"

    @abstractmethod
    def _forward(self, cell: Cell, layer: Layer) -> tuple[list[Tensor], tuple[Tensor, ...]]:
        """Run the layer; `forward` says what to return."""

    def forward(self, cell: Cell, layer: Layer, asked: bool = False) -> tuple[list[Tensor], tuple[Tensor, ...]]:
        """Run the layer. The results are differentiable by autograd.

        Args:
            cell: what to run.
            layer: on what; see `Layer`.
            asked: whether `why_not` was asked just now, as `choose` does, and need not be asked again.

        Returns:
            outputs: one (N, P or H) tensor a direction, packed like the tokens.
            states: one (D, B, P or H) tensor a state of the cell: each row's state after its own last step.

        Raises:
            ShapeError: tensors of the layer that do not fit together.
            BackendError: this backend cannot run the layer; with its reason.
        """
        if not asked and (reason := self.why_not(cell, layer)) is not None:
            raise BackendError(f"backend {self.name!r} cannot run this layer: {reason}")
        if torch.compiler.is_compiling():  # numbers are not there yet: the operation checks and records when it runs
            return self._forward(cell, layer.gathered())
        layer.check(cell)
        if layer.index is not None and not self.projects_once(cell, layer):
            layer = layer.gathered()
        precision = self.multiplies_in(cell, layer)
        result = self._forward(cell, layer)
        record(self.name, len(layer.x), precision)
        return result


def record(name: str, projected: int, precision: str = "float32") -> None:
    """Tell every `ran()` around this call that a backend ran, and on how many rows it made the input product.

    While a graph is built nothing runs, and nothing is told.
    """
    if torch.compiler.is_compiling():
        return
    for names in _records.get():
        entry = Ran(name)
        entry.projected, entry.precision = projected, precision
        names.append(entry)


@constant_in_graphs  # a graph's operations ask at each run
def demanded_around() -> tuple[str | None, str]:
    """The backend that the surroundings of a call demand, and by what they do: `use()` or the environment."""
    if (name := forced.get()) is not None:
        return name, "use()"
    return os.environ.get("OSTINATO_BACKEND") or None, "OSTINATO_BACKEND"


@contextmanager
def ran() -> Iterator[list[Ran]]:
    """Record the names of the backends that run a layer inside the block, one entry a layer.

    When to use: in a test, to be sure that the fast path ran (its results would look the same if it had not).

    Example:
        >>> with ran() as names:
        ...     pass
        >>> names
        []
    """
    names: list[Ran] = []
    token = _records.set((*_records.get(), names))
    try:
        yield names
    finally:
        _records.reset(token)
