"""What a recurrent layer can do beyond torch's: the keyword-only options, checked in one place."""

from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Literal, Self, TypedDict

from ostinato._core.errors import InputError
from ostinato.cells import CELLS, Cell
from ostinato.kernels import BACKENDS
from ostinato.kernels.precision import PRECISIONS
from ostinato.nn.arguments import flag, one_of, probability, whole

Merge = Literal["concat", "sum", "mean", "product"]
Bias = bool | Literal["single", "double"]

MERGES = ("concat", "sum", "mean", "product")
INITS = ("torch", "orthogonal")


class Extras(TypedDict, total=False):
    """The keyword-only options of `RNN`, `LSTM` and `GRU`; `Recurrent` explains each."""

    merge: Merge
    locked_dropout: bool
    recurrent_dropout: float
    zoneout: float | tuple[float, ...]
    weight_drop: float
    layer_norm: bool
    learned_state: bool
    forget_bias: float | None
    init: Literal["torch", "orthogonal"]
    truncate: int | None
    backend: str | None
    precision: str | None


@dataclass(frozen=True)
class Options:
    """The options of one layer, checked. Names and meanings as in `Recurrent`."""

    merge: str = "concat"
    locked_dropout: bool = False
    recurrent_dropout: float = 0.0
    zoneout: tuple[float, ...] | None = None  # one probability a state
    weight_drop: float = 0.0
    layer_norm: bool = False
    learned_state: bool = False
    forget_bias: float | None = None
    init: str = "torch"
    truncate: int | None = None
    backend: str | None = None
    precision: str | None = None

    @classmethod
    def checked(cls, cell: Cell, biases: int, given: Extras) -> Self:
        """Check what the user gave against the cell.

        Raises:
            InputError: an unknown value, or two that contradict each other.
        """
        unknown = sorted(set(given) - set(cls.__dataclass_fields__))
        if unknown:
            near = get_close_matches(unknown[0], cls.__dataclass_fields__, n=1)
            raise InputError(
                f"option {unknown[0]!r} is unknown; expected one of {', '.join(cls.__dataclass_fields__)}"
                + (f"; did you mean {near[0]!r}?" if near else "; remove it")
            )
        options = cls(
            **{
                **given,  # type: ignore[arg-type]
                "zoneout": _zoneout(cell, given.get("zoneout")),
                "recurrent_dropout": probability("recurrent_dropout", given.get("recurrent_dropout", 0.0)),
                "weight_drop": probability("weight_drop", given.get("weight_drop", 0.0)),
            }
        )
        one_of("merge", options.merge, MERGES)
        one_of("init", options.init, INITS)
        if options.backend is not None:
            one_of("backend", options.backend, tuple(BACKENDS))
        if options.precision is not None:
            one_of("precision", options.precision, PRECISIONS)
        if options.truncate is not None:
            whole("truncate", options.truncate, 1)
        for name in ("locked_dropout", "layer_norm", "learned_state"):
            flag(name, getattr(options, name))
        if options.forget_bias is not None:
            if "f" not in cell.gates:
                raise InputError(
                    f"forget_bias={options.forget_bias!r} with cell {cell.name!r}, which has no forget gate; "
                    "expected None; remove it or take an LSTM"
                )
            if biases == 0:
                raise InputError(
                    f"forget_bias={options.forget_bias!r} with bias=False; expected a layer with biases; set bias=True"
                )
        return options

    def acts(self, training: bool) -> bool:
        """Whether one of them changes what a call computes from parameters, input and states."""
        return self._always or (training and self._in_training)

    @cached_property
    def _always(self) -> bool:
        return self.zoneout is not None or self.layer_norm or self.learned_state

    @cached_property
    def _in_training(self) -> bool:
        return self.recurrent_dropout > 0 or self.weight_drop > 0 or self.truncate is not None

    def shown(self) -> dict[str, object]:
        """The options that are not at their defaults, for `repr`."""
        plain = Options()
        return {
            name: getattr(self, name)
            for name in self.__dataclass_fields__
            if getattr(self, name) != getattr(plain, name)
        }


def find_cell(cell: str | Cell) -> Cell:
    """The cell of that name, or the cell itself.

    Raises:
        InputError: an unknown name; the message lists the known ones and guesses which was meant.

    Example:
        >>> find_cell("lstn")
        Traceback (most recent call last):
        ostinato._core.errors.InputError: cell='lstn'; expected one of ...; did you mean 'lstm'?
    """
    if isinstance(cell, Cell):
        return cell
    one_of("cell", cell, tuple(CELLS))
    return CELLS[cell]


def count_biases(bias: Bias) -> int:
    """How many bias vectors a gate has: 2 as torch's, 1 as Keras's and the lectures', or none."""
    if not isinstance(bias, (bool, str)) or bias not in (True, False, "single", "double"):
        raise InputError(
            f"bias={bias!r}; expected True, False, 'single' or 'double' (True means 'double', as in torch)"
        )
    return {False: 0, "single": 1, "double": 2, True: 2}[bias]


def _zoneout(cell: Cell, given: float | tuple[float, ...] | None) -> tuple[float, ...] | None:
    if given is None:
        return None
    each = given if isinstance(given, (tuple, list)) else (given,) * len(cell.states)
    if len(each) != len(cell.states):
        raise InputError(
            f"zoneout={given!r}; expected one number, or one a state ({', '.join(cell.states)}); give that many"
        )
    checked = tuple(probability("zoneout", p) for p in each)
    return checked if any(checked) else None
