"""The forecaster as a torch module: windows in, the raw numbers of each step's forecast out."""

from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from ostinato._core.errors import InputError
from ostinato.nn import Recurrent
from ostinato.nn.arguments import probability
from ostinato.tasks.forecasting.segments import Segments

LEVELS = ("last", "mean")


class ForecastNetwork(nn.Module):
    """A window less its level → recurrent layers → all steps of the forecast, the level put back.

    Use it by itself where you train with a loop of your own; `Forecaster` is it with everything around.

    Args:
        strategy: a key of `BODIES`.
        inputs: C, columns of a window; the first K are what is forecast.
        targets: K.
        known: Q, columns that are known of the steps to be forecast.
        look_back: L.
        horizon: H.
        parameters: P raw numbers for each forecast number.
        moves: how many of these, the first ones, the level moves.
        level: "last" value of the window, its "mean", or none.
        highway: whether a linear map of the whole window is added, as LSTNet does (Lai et al. 2018).
        dropout: probability of dropping a feature between layers and before the last one.
        segment: rows of a segment, of the strategy "segments".
        **recurrent: `cell`, `hidden_size`, ... of `nn.Recurrent`.

    Example:
        >>> from ostinato.nn.packed import pack_dense
        >>> network = ForecastNetwork(strategy="direct", inputs=3, targets=1, known=0, look_back=8, horizon=4,
        ...                           cell="gru", hidden_size=5)
        >>> network(pack_dense(torch.zeros(8, 2, 3)), torch.zeros(2, 4, 0)).shape
        torch.Size([2, 4, 1, 1])
    """

    def __init__(
        self,
        *,
        strategy: str,
        inputs: int,
        targets: int,
        known: int,
        look_back: int,
        horizon: int,
        parameters: int = 1,
        moves: int = 1,
        level: str | None = None,
        highway: bool = False,
        dropout: float = 0.0,
        segment: int = 12,
        **recurrent: Any,
    ) -> None:
        super().__init__()
        self.settings: dict[str, Any] = {}  # what it was made with, where it is to be saved
        if strategy not in BODIES:
            raise InputError(f"strategy={strategy!r}, expected one of {', '.join(BODIES)}; choose one")
        if level is not None and level not in LEVELS:
            raise InputError(f"level={level!r}, expected one of {', '.join(LEVELS)} or None; choose one")
        self.shape = (horizon, targets, parameters)
        self.level, self.moves, self.steps, self.targets = level, moves, look_back, targets
        probability("dropout", dropout)
        sizes = {"inputs": inputs, "targets": targets, "known": known, "look_back": look_back, "horizon": horizon}
        self.body = BODIES[strategy](
            **sizes, parameters=parameters, dropout=dropout, segment=segment, recurrent=recurrent
        )
        self.highway = nn.Linear(look_back * inputs, horizon * targets) if highway else None
        if self.highway is not None:
            nn.init.zeros_(self.highway.weight)
            nn.init.zeros_(self.highway.bias)

    def forward(self, inputs: PackedSequence, known: Tensor) -> Tensor:
        """Forecast.

        Args:
            inputs: windows of L rows each, (L · B, C), packed.
            known: (B, H, Q).

        Returns:
            (B, H, K, P).
        """
        B = len(known)
        x = inputs.data.reshape(self.steps, B, -1)  # (L, B, C)
        moved = None
        if self.level is not None:
            past = x[..., : self.targets]
            moved = past[-1] if self.level == "last" else past.mean(dim=0)  # (B, K)
            x = torch.cat([past - moved, x[..., self.targets :]], dim=-1)
        raw = cast(Tensor, self.body(x, known)).reshape(B, *self.shape)
        if self.highway is None and moved is None:
            return raw
        added = (
            raw.new_zeros(B, *self.shape[:2])
            if self.highway is None
            else self.highway(x.transpose(0, 1).reshape(B, -1)).reshape(B, *self.shape[:2])
        )
        if moved is not None:
            added = added + moved[:, None]
        return torch.cat([raw[..., : self.moves] + added[..., None], raw[..., self.moves :]], dim=-1)


class Direct(nn.Module):
    """All steps at once from the last state, and what is known of each step added to it."""

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
        between = dropout if recurrent.get("num_layers", 1) > 1 else 0.0
        self.recurrent = Recurrent(input_size=inputs, dropout=between, locked_dropout=True, **recurrent)
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(self.recurrent.output_size, horizon * targets * parameters)
        self.known = nn.Linear(known, targets * parameters, bias=False) if known else None

    def forward(self, x: Tensor, known: Tensor) -> Tensor:
        """(L, B, C), (B, H, Q) → (B, H, K · P)."""
        # The last output as the state that it is: the zeros that all other outputs' gradients are need not be made.
        _, states = self.recurrent(x)
        last = (states[0] if isinstance(states, tuple) else states)[-1]
        raw = self.linear(self.dropout(last)).reshape(len(known), known.shape[1], -1)
        return cast(Tensor, raw if self.known is None else raw + self.known(known))


class EncoderDecoder(nn.Module):
    """One recurrent network reads the window, another goes on from its state through the steps to come."""

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
        between = dropout if recurrent.get("num_layers", 1) > 1 else 0.0
        shared = {"dropout": between, "locked_dropout": True, **recurrent}
        self.encoder = Recurrent(input_size=inputs, **shared)
        # what is known of the step, how far ahead it is, and the last row that was seen
        self.decoder = Recurrent(input_size=known + 1 + targets, **shared)
        self.register_buffer("ahead", torch.linspace(-1, 1, horizon)[:, None, None], persistent=False)
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(self.decoder.output_size, targets * parameters)
        self.targets = targets

    def forward(self, x: Tensor, known: Tensor) -> Tensor:
        """(L, B, C), (B, H, Q) → (B, H, K · P)."""
        _, states = self.encoder(x)
        B, H = known.shape[:2]
        ahead = cast(Tensor, self.ahead).expand(H, B, 1)
        last = x[-1, :, : self.targets].expand(H, B, -1)
        output, _ = self.decoder(torch.cat([known.transpose(0, 1), ahead, last], dim=-1), states)
        return cast(Tensor, self.linear(self.dropout(output)).transpose(0, 1))


# strategy -> what reads the window; a recursive forecaster is a direct one, one step ahead
BODIES: dict[str, type[nn.Module]] = {
    "direct": Direct,
    "recursive": Direct,
    "encoder_decoder": EncoderDecoder,
    "segments": Segments,
}
