"""Segment-wise recurrence for long horizons: few steps of many rows instead of many steps of one."""

from typing import Any, cast

import torch
from torch import Tensor, nn

from ostinato._core.errors import InputError
from ostinato.nn import Recurrent


class Segments(nn.Module):
    """SegRNN: each column by itself is cut into segments, which a recurrent network reads as its steps.

    The forecast's segments are all decoded at once, each from the last state and a vector that says which segment of
    which column it is ("parallel multi-step forecasting").

    Source: Lin et al. 2023, "SegRNN: Segment Recurrent Neural Network for Long-Term Time Series Forecasting".
    """

    def __init__(
        self,
        *,
        inputs: int,
        targets: int,
        known: int,
        look_back: int,
        horizon: int,
        parameters: int,
        dropout: float,
        segment: int,
        recurrent: dict[str, Any],
    ) -> None:
        super().__init__()
        if inputs != targets or known:
            raise InputError(
                f"strategy='segments' with {inputs - targets} covariates, expected none: it reads each target by "
                "itself; leave past, future, static and calendar out, or take strategy='direct'"
            )
        if look_back % segment or segment < 1:
            raise InputError(
                f"look_back={look_back} with segment={segment}, expected a multiple of it; correct one of them"
            )
        if recurrent.get("bidirectional") or recurrent["hidden_size"] % 2:
            raise InputError(
                f"strategy='segments' with hidden_size={recurrent['hidden_size']}, expected an even number and one "
                "direction; correct it"
            )
        self.segment, self.horizon, self.targets, self.numbers = segment, horizon, targets, parameters
        self.coming = -(-horizon // segment)  # segments of the forecast
        d = recurrent["hidden_size"]
        self.embed = nn.Linear(segment, d)
        between = dropout if recurrent.get("num_layers", 1) > 1 else 0.0
        self.recurrent = Recurrent(input_size=d, dropout=between, **recurrent)
        self.place = nn.Parameter(torch.randn(self.coming, d // 2))
        self.column = nn.Parameter(torch.randn(targets, d // 2))
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(d, segment * parameters)

    def forward(self, x: Tensor, known: Tensor) -> Tensor:
        """(L, B, K), (B, H, 0) → (B, H, K · P)."""
        L, B, K = x.shape
        n, m, w, P = L // self.segment, self.coming, self.segment, self.numbers
        cut = x.reshape(n, w, B, K).permute(0, 2, 3, 1).reshape(n, B * K, w)
        _, states = self.recurrent(torch.relu(self.embed(cut)))
        d = self.place.shape[1]
        which = torch.cat(
            [self.place[:, None].expand(m, K, d), self.column[None].expand(m, K, d)], dim=-1
        )  # (m, K, 2d)
        asked = which[None].expand(B, m, K, 2 * d).transpose(1, 2).reshape(1, B * K * m, 2 * d)
        output, _ = self.recurrent(asked, _repeated(states, m))
        raw = self.linear(self.dropout(output[0])).reshape(B, K, m * w, P)
        return cast(Tensor, raw[:, :, : self.horizon].transpose(1, 2))


def _repeated(states: Any, times: int) -> Any:
    """Each row's states, as often as there are segments to come."""
    if isinstance(states, tuple):
        return tuple(state.repeat_interleave(times, dim=1) for state in states)
    return states.repeat_interleave(times, dim=1)
