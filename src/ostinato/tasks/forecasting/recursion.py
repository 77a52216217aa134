"""One step ahead, again and again: each step reads the forecasts of those before it."""

from typing import Any

import numpy as np
import torch
from torch.nn.utils.rnn import PackedSequence

from ostinato.tasks.forecasting.metrics import QUANTILES
from ostinato.tasks.forecasting.outputs import Output
from ostinato.tasks.forecasting.windows import Flat, Origins

PATHS = 100  # drawn where a step has a distribution
LEVELS = QUANTILES  # kept of them


def recursive(
    network: Any, flat: Flat, origins: Origins, look_back: int, horizon: int, output: Output, seed: int
) -> np.ndarray:
    """Forecast H steps by a network that knows one.

    Where the output is a distribution, paths are drawn through it, and what is returned are their quantiles at `LEVELS`
    at each step.

    Args:
        network: (windows, known (B, 1, Q)) → raw (B, 1, K, P).
        flat: the series; its targets' columns are those that the network forecasts, past covariates too.
        origins: where to begin, B of them.
        look_back: L.
        horizon: H.
        output: how the raw numbers are read.
        seed: of the paths.

    Returns:
        Float64 (B, H, K, 1) of points, or (B, H, K, quantiles).
    """
    K, Q, paths = flat.targets.shape[1], flat.known.shape[1], 1 if output.quantile is None else PATHS
    rows = torch.from_numpy(np.repeat(origins.rows, paths))
    window = flat.inputs[(rows[:, None] + torch.arange(-look_back, 0)).reshape(-1)].reshape(len(rows), look_back, -1)
    units = np.repeat(flat.units.numpy()[origins.series], paths, axis=0)
    draw = np.random.default_rng(seed)
    found = np.empty((len(rows), horizon, K))
    for step in range(horizon):
        B = len(rows)
        packed = PackedSequence(window.transpose(0, 1).reshape(B * look_back, -1), torch.full((look_back,), B))
        raw = network(packed, flat.known[rows + step][:, None])[:, 0].double().numpy()  # (B, K, P)
        if output.quantile is None:
            found[:, step] = output.mean(raw, units)
        else:
            found[:, step] = output.quantile(raw, units, draw.uniform(1e-6, 1 - 1e-6, (B, K)))
        row = window[:, -1].clone()
        row[:, :K] = torch.from_numpy(found[:, step]).float()
        if Q and step + 1 < horizon:
            row[:, K : K + Q] = flat.known[rows + step + 1]
        window = torch.cat([window[:, 1:], row[:, None]], dim=1)
    if paths == 1:
        return found[..., None]
    drawn = found.reshape(-1, paths, horizon, K)
    return np.moveaxis(np.quantile(drawn, LEVELS, axis=1), 0, -1)
