"""The same in neuralforecast: `LSTM`, not recurrent, with one linear layer as its decoder, in its fastest form.

No validation, logging, checkpoints, summary or progress bar; Adam fused; whole windows alone, as ours. Each series is
scaled by its own training part, as ours is.
"""

import logging
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import torch
from neuralforecast import NeuralForecast
from neuralforecast.losses.pytorch import MSE
from neuralforecast.models import LSTM
from neuralforecast.tsdataset import TimeSeriesDataset

from forecasters.problem import Problem

warnings.simplefilter("ignore")
for name in ("pytorch_lightning", "lightning_fabric", "lightning.fabric"):
    logging.getLogger(name).setLevel(logging.ERROR)


class Peer:
    """A problem in the hands of `NeuralForecast`.

    Args:
        problem: what is to be learned.
        threads: torch's.
        per_batch: series from which the windows of one batch are drawn.
    """

    def __init__(self, problem: Problem, threads: int, per_batch: int) -> None:
        self.problem, self.per_batch = problem, per_batch
        torch.set_num_threads(threads)
        self.frame = _frame(problem.series, slice(0, problem.cut))
        self.model: Any = None

    def fit(self, problem: Problem | None = None) -> None:
        """Learn from the training part of each series."""
        p = problem or self.problem
        network = LSTM(
            h=p.horizon,
            input_size=p.look_back,
            encoder_n_layers=p.layers,
            encoder_hidden_size=p.units,
            decoder_layers=1,
            recurrent=False,
            loss=MSE(),
            max_steps=p.steps,
            val_check_steps=p.steps,
            learning_rate=p.lr,
            batch_size=self.per_batch,
            windows_batch_size=p.windows,
            training_data_availability_threshold=1.0,
            scaler_type="identity",
            optimizer=torch.optim.Adam,
            optimizer_kwargs={"fused": True},
            random_seed=0,
            accelerator="cpu",
            logger=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            enable_checkpointing=False,
            num_sanity_val_steps=0,
            limit_val_batches=0,
        )
        self.model = NeuralForecast(models=[network], freq="h", local_scaler_type="standard")
        self.model.fit(self.frame if p is self.problem else _frame(p.series, slice(0, p.cut)))

    def parameters(self) -> int:
        """Weights and biases."""
        return sum(parameter.numel() for parameter in self.model.models[0].parameters())

    def forecasts(self) -> np.ndarray:
        """From all origins of the test part, (S, W, H); scaled by the training part, by hand.

        `NeuralForecast.predict` learns a scale anew from the rows that it is given.
        """
        p, network = self.problem, self.model.models[0]
        scales = {n: (values[: p.cut].mean(), values[: p.cut].std()) for n, (values, _) in p.series.items()}
        rows = p.ahead().max() + 1
        scaled = {
            n: ((values[:rows] - scales[n][0]) / scales[n][1], days[:rows]) for n, (values, days) in p.series.items()
        }
        dataset, names, *_ = TimeSeriesDataset.from_df(_frame(scaled, slice(None)))
        network.set_test_size(rows - p.cut)
        found = network.predict(dataset, step_size=24).reshape(len(names), -1, p.horizon)
        network.set_test_size(0)
        place = {name: number for number, name in enumerate(names)}
        return np.stack([found[place[n]] * scale + shift for n, (shift, scale) in scales.items()])

    def calls(self) -> dict[str, Callable[[], Any]]:
        """What is timed once the model is fitted: the rows of one series given anew, and all training series."""
        name = next(iter(self.problem.series))
        rows = slice(self.problem.cut - self.problem.look_back, self.problem.cut)
        given = _frame({name: self.problem.series[name]}, rows)
        return {"one": lambda: self.model.predict(given), "all": lambda: self.model.predict()}


def _frame(series: dict[str, tuple[np.ndarray, np.ndarray]], rows: slice) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"unique_id": n, "ds": days[rows], "y": values[rows]}) for n, (values, days) in series.items()
    ]
    return pd.concat(parts, ignore_index=True)
