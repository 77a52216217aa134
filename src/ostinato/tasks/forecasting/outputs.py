"""What a forecast says of a number: the number, a distribution of it, or its quantiles."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
import torch.nn.functional as F
from scipy import stats
from torch import Tensor

from ostinato._core.errors import InputError

_LEAST = 1e-3  # of a scale in units of the series: no forecast is surer than this


@dataclass(frozen=True)
class Output:
    """How P raw numbers of the network are read; all in units of the series unless said otherwise.

    Args:
        parameters: P.
        loss: (raw (..., P), target (...), unit (...)) → losses (...), in nats or in squared units.
        mean: (raw float64 (..., P), unit) → (...).
        quantile: (raw, unit, share (...) in (0, 1)) → (...).
        share: (raw, unit, value) → the probability of being below it, (...).
        moves: how many of the P are places, which the window's level moves.
        counts: whether it speaks of counts, whose unit is not shifted.
        extends: whether `quantile` goes on beyond shares of 0 and 1.
    """

    parameters: int
    loss: Callable[[Tensor, Tensor, Tensor], Tensor]
    mean: Callable[[np.ndarray, np.ndarray], np.ndarray]
    quantile: Callable[[np.ndarray, np.ndarray, Any], np.ndarray] | None
    share: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray] | None
    moves: int = 1
    counts: bool = False
    extends: bool = False


def output_of(name: str, quantiles: tuple[float, ...]) -> Output:
    """The output of a name.

    Raises:
        InputError: an unknown name, or quantiles that do not rise from 0 to 1.

    Example:
        >>> output_of("gaussian", ()).parameters, output_of("quantiles", (0.1, 0.5, 0.9)).parameters
        (2, 3)
    """
    if name == "quantiles":
        levels = np.asarray(quantiles, np.float64)
        if len(levels) < 2 or (np.diff(levels) <= 0).any() or levels[0] <= 0 or levels[-1] >= 1:
            raise InputError(
                f"quantiles={quantiles!r}, expected rising shares between 0 and 1, two at least; correct it"
            )
        return _quantiles(levels)
    if name not in OUTPUTS:
        raise InputError(f"output={name!r}, expected one of {', '.join([*OUTPUTS, 'quantiles'])}; choose one")
    return OUTPUTS[name]


def _softplus(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.logaddexp(0.0, x))


def _scale(raw: Any) -> Any:
    return (F.softplus(raw) if isinstance(raw, Tensor) else _softplus(raw)) + _LEAST


def _gaussian_loss(raw: Tensor, y: Tensor, unit: Tensor) -> Tensor:
    scale = _scale(raw[..., 1])
    return cast(Tensor, scale.log() + 0.5 * ((y - raw[..., 0]) / scale).square() + 0.5 * float(np.log(2 * np.pi)))


def _gaussian(raw: np.ndarray) -> Any:
    return stats.norm(raw[..., 0], _scale(raw[..., 1]))


def _student_loss(raw: Tensor, y: Tensor, unit: Tensor) -> Tensor:
    found = torch.distributions.StudentT(2.0 + F.softplus(raw[..., 2]), raw[..., 0], _scale(raw[..., 1]))
    return -cast(Tensor, found.log_prob(y))


def _student(raw: np.ndarray) -> Any:
    return stats.t(2.0 + _softplus(raw[..., 2]), raw[..., 0], _scale(raw[..., 1]))


def _counts_loss(raw: Tensor, y: Tensor, unit: Tensor) -> Tensor:
    """Negative binomial of mean μ and variance μ + α μ² (Salinas et al. 2020, DeepAR)."""
    mean, alpha = _scale(raw[..., 0]) * unit, _scale(raw[..., 1])
    count, r = (y * unit).round().clamp(min=0), 1 / alpha
    chosen = torch.lgamma(r) + torch.lgamma(count + 1) - torch.lgamma(count + r)
    odds = alpha * mean
    return cast(Tensor, chosen + r * torch.log1p(odds) + count * (torch.log1p(odds) - odds.log()))


def _counts(raw: np.ndarray, unit: np.ndarray) -> Any:
    mean, alpha = _scale(raw[..., 0]) * unit, _scale(raw[..., 1])
    return stats.nbinom(1 / alpha, 1 / (1 + alpha * mean))


def _quantiles(levels: np.ndarray) -> Output:
    """Quantiles by the pinball loss; between them lines, beyond the outer ones the lines go on."""
    torch_levels = torch.from_numpy(levels)

    def loss(raw: Tensor, y: Tensor, unit: Tensor) -> Tensor:
        error = y[..., None] - raw
        share = torch_levels.to(raw.dtype)
        return 2 * torch.maximum(share * error, (share - 1) * error).mean(dim=-1)

    def quantile(raw: np.ndarray, unit: np.ndarray, share: Any) -> np.ndarray:
        rising = np.sort(raw, axis=-1)
        share = np.broadcast_to(np.asarray(share, np.float64), raw.shape[:-1])
        place = np.clip(np.searchsorted(levels, share) - 1, 0, len(levels) - 2)
        low, high = (np.take_along_axis(rising, (place + n)[..., None], -1)[..., 0] for n in (0, 1))
        return np.asarray(low + (high - low) * (share - levels[place]) / (levels[place + 1] - levels[place]))

    def share(raw: np.ndarray, unit: np.ndarray, value: np.ndarray) -> np.ndarray:
        rising = np.sort(raw, axis=-1)
        place = np.clip((rising < value[..., None]).sum(axis=-1) - 1, 0, len(levels) - 2)
        low, high = (np.take_along_axis(rising, (place + n)[..., None], -1)[..., 0] for n in (0, 1))
        step = np.maximum(high - low, 1e-9)
        return np.asarray(levels[place] + (value - low) / step * (levels[place + 1] - levels[place]))

    return Output(
        len(levels), loss, lambda raw, unit: quantile(raw, unit, 0.5), quantile, share, moves=len(levels), extends=True
    )


# name -> how it is read; "quantiles" is made by `output_of`
OUTPUTS: dict[str, Output] = {
    "point": Output(1, lambda raw, y, unit: (raw[..., 0] - y).square(), lambda raw, unit: raw[..., 0], None, None),
    "absolute": Output(1, lambda raw, y, unit: (raw[..., 0] - y).abs(), lambda raw, unit: raw[..., 0], None, None),
    "gaussian": Output(
        2,
        _gaussian_loss,
        lambda raw, unit: raw[..., 0],
        lambda raw, unit, share: np.asarray(_gaussian(raw).ppf(share)),
        lambda raw, unit, value: np.asarray(_gaussian(raw).cdf(value)),
    ),
    "student_t": Output(
        3,
        _student_loss,
        lambda raw, unit: raw[..., 0],
        lambda raw, unit, share: np.asarray(_student(raw).ppf(share)),
        lambda raw, unit, value: np.asarray(_student(raw).cdf(value)),
    ),
    "negative_binomial": Output(
        2,
        _counts_loss,
        lambda raw, unit: _scale(raw[..., 0]),
        lambda raw, unit, share: np.asarray(_counts(raw, unit).ppf(share)) / unit,
        lambda raw, unit, value: np.asarray(_counts(raw, unit).cdf(np.round(value * unit))),
        moves=0,
        counts=True,
    ),
}
