"""Why a loss or a gradient is not a number, and what to do about it."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence


def diagnose(model: nn.Module, batch: Any, *, lr: float, clip_norm: float | None) -> str:
    """Say where NaN or infinity sits, data first, then parameters, else that training diverged; with the remedy."""
    index = getattr(batch, "index", None)
    for name in ("inputs", "targets", "weights"):
        value = getattr(batch, name, None)
        rows = _bad_rows(value, index)
        if rows:
            shown = ", ".join(map(str, rows[:5])) + (", …" if len(rows) > 5 else "")
            return f"the batch's {name} hold NaN or infinity in row {shown} of the data; repair or drop these rows"
    bad = [name for name, p in model.named_parameters() if not bool(torch.isfinite(p).all())]
    if bad:
        shown = ", ".join(bad[:3]) + (", …" if len(bad) > 3 else "")
        return f"the parameters {shown} hold NaN or infinity; start from finite weights, or {_calmer(lr, clip_norm)}"
    return f"inputs, targets and parameters are finite, so the computation overflowed; {_calmer(lr, clip_norm)}"


def _calmer(lr: float, clip_norm: float | None) -> str:
    if clip_norm is None:
        return f"clip the gradients (clip_norm=1.0) or lower the learning rate (lr={lr / 10:g})"
    return f"lower the learning rate (lr={lr / 10:g}) or clip harder (clip_norm={clip_norm / 10:g})"


def _bad_rows(value: object, index: Tensor | None) -> list[int]:
    """The data's row numbers whose values are not all finite."""
    if isinstance(value, PackedSequence):
        data, row = value.data, torch.cat([torch.arange(int(b)) for b in value.batch_sizes])
        if not data.is_floating_point():
            return []
        finite = torch.isfinite(data).reshape(data.shape[0], -1).all(1).cpu()
        numbers = row[~finite].unique()
    elif isinstance(value, Tensor) and value.is_floating_point() and value.ndim:
        numbers = (~torch.isfinite(value).reshape(value.shape[0], -1).all(1)).nonzero().flatten().cpu()
    else:
        return []
    if index is not None and len(numbers):
        numbers = index.cpu()[numbers].sort().values
    return [int(n) for n in numbers]
