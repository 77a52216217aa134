"""CTC: a text's probability, all its paths through the frames counted."""

from collections.abc import Sequence
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from ostinato._core.errors import InputError
from ostinato.data import Batch
from ostinato.nn.packed import lengths, pad

BLANK = 0
_ENDED = -1  # behind a text's last token


def ctc(model: nn.Module, batch: Batch) -> Tensor:
    """Loss of a batch, nats a token of its texts: torch's CTC on the packed rows.

    Source: Graves et al. 2006, "Connectionist temporal classification".
    """
    said, targets = model(batch.inputs), cast(Tensor, batch.targets)
    T, B = len(said.batch_sizes), int(said.batch_sizes[0])
    known = targets != _ENDED
    nats = nn.functional.ctc_loss(
        pad(said, T, B),  # torch's own wants (T, B, V); what lies beyond a row's end is never read
        targets.clamp(min=0),
        lengths(said.batch_sizes),
        known.sum(dim=1),
        blank=BLANK,
        reduction="sum",
    )
    return nats / known.sum().clamp(min=1)


def as_targets(texts: Sequence[np.ndarray]) -> Tensor:
    """B texts' tokens as one tensor, (B, S)."""
    targets = torch.full((len(texts), max(1, *(len(text) for text in texts))), _ENDED)
    for row, text in zip(targets, texts, strict=True):
        row[: len(text)] = torch.from_numpy(text)
    return targets


def check_fits(texts: Sequence[np.ndarray], frames: Sequence[int], stride: int) -> None:
    """Raise if a text has no path: each token needs a frame, and a repeated one a blank before it.

    Raises:
        InputError: names the recording.
    """
    for number, (text, have) in enumerate(zip(texts, frames, strict=True)):
        need = len(text) + int((text[1:] == text[:-1]).sum())
        if need > have:
            raise InputError(
                f"recording {number} has {have} frames for {need} tokens, expected a frame a token at least; "
                f"is it cut short, or its text another's? (stride={stride})"
            )
