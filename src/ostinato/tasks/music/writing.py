"""Writing music: the notes of a step are drawn, read, and the next step drawn."""

import math

import numpy as np
import torch
from torch.nn.utils.rnn import PackedSequence

from ostinato._core.errors import InputError
from ostinato._core.random import fresh
from ostinato.tasks.music.network import MusicNetwork, begun
from ostinato.tasks.music.rolls import Roll, notes_of


@torch.no_grad()
def sample(
    network: MusicNetwork, prompt: Roll, lowest: int, length: int, temperature: float, seed: int | None
) -> list[list[int]]:
    """Write on from a prompt; see `MusicModel.sample`."""
    if length < 0:
        raise InputError(f"length={length!r}, expected a number of steps from 0 up; correct it")
    if not 0 <= temperature < math.inf:
        raise InputError(f"temperature={temperature!r}, expected a number from 0 up; 1 draws as learned")
    draw = np.random.default_rng(fresh() if seed is None else seed)
    device = network.output.weight.device
    read, states = begun(torch.from_numpy(prompt)), None
    written = [*prompt]
    for _ in range(length):
        packed = PackedSequence(read.to(device), torch.ones(len(read), dtype=torch.int64))
        logits, states = network(packed, states)
        z = logits[-1].double().cpu().numpy()
        # a logistic variate is above -z as often as the note is on
        noise = temperature * draw.logistic(size=z.shape) if temperature else 0.0
        notes = (z + noise > 0).astype(np.float32)
        written.append(notes)
        read = torch.from_numpy(np.append(notes, np.float32(0)))[None]
    return notes_of(written, lowest)
