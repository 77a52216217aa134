"""The parameters of a recurrent layer: names and order as torch's, and their way into `kernels.Weights`."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from ostinato.cells import Cell
from ostinato.kernels import Weights, norm_shapes


@dataclass(frozen=True)
class Slot:
    """One parameter: its name in the `state_dict`, what it is for, and its shape.

    `part` is a field of `kernels.Weights` ("ih", "b_hh", ...), or "extra.NAME" or "norm.NAME" for those two tables.
    """

    name: str
    part: str
    shape: tuple[int, ...]


def slots(cell: Cell, suffix: str, size: int, H: int, P: int, biases: int, layer_norm: bool) -> list[Slot]:
    """List the parameters of one direction of one layer, in torch's order, what torch does not have behind.

    Args:
        cell: the cell.
        suffix: of every name: "_l0", "_l1_reverse".
        size: features of the layer's input.
        H: features of its states.
        P: features of its output; H where nothing is projected.
        biases: bias vectors, 0 to 2.
        layer_norm: whether the products are normalised.

    Example:
        >>> from ostinato.cells import CELLS
        >>> [slot.name for slot in slots(CELLS["lstm"], "_l0", 3, 4, 4, 1, False)]
        ['weight_ih_l0', 'weight_hh_l0', 'bias_ih_l0']
    """
    GH = len(cell.gates) * H
    found = [Slot(f"weight_ih{suffix}", "ih", (GH, size)), Slot(f"weight_hh{suffix}", "hh", (GH, P))]
    found += [Slot(f"bias_{part}{suffix}", f"b_{part}", (GH,)) for part in ("ih", "hh")[:biases]]
    if P != H:
        found.append(Slot(f"weight_hr{suffix}", "hr", (P, H)))
    found += [Slot(f"{name}{suffix}", f"extra.{name}", (H,)) for name in cell.extra]
    if layer_norm:
        found += [Slot(f"norm_{name}{suffix}", f"norm.{name}", shape) for name, shape in norm_shapes(cell, H).items()]
    return found


def gather(slots: list[Slot], get: Callable[[str], Tensor]) -> Weights:
    """Put the parameters of one direction, found by name with `get`, into the form that the kernels take."""
    plain: dict[str, Tensor] = {}
    tables: dict[str, dict[str, Tensor]] = {"extra": {}, "norm": {}}
    for slot in slots:
        table, _, key = slot.part.rpartition(".")
        (tables[table] if table else plain)[key] = get(slot.name)
    return Weights(**plain, extra=tables["extra"], norm=tables["norm"] or None)
