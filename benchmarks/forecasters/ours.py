"""Ostinato's forecaster, told to train as the peer does."""

from collections.abc import Callable
from typing import Any

import numpy as np

from forecasters.problem import Problem
from ostinato import Forecaster


class Ours:
    """A problem in the hands of `Forecaster`."""

    def __init__(self, problem: Problem, threads: int, per_batch: int | None) -> None:
        self.problem, self.threads = problem, threads
        self.model: Any = None

    def fit(self, problem: Problem | None = None) -> None:
        """Learn from the training part of each series."""
        p = problem or self.problem
        values, dates = p.known()
        self.model = Forecaster(
            look_back=p.look_back,
            horizon=p.horizon,
            strategy="direct",
            cell="lstm",
            hidden_size=p.units,
            num_layers=p.layers,
            batch_size=p.windows,
            epochs=p.epochs,
            lr=p.lr,
            schedule=None,  # this and what follows: as the peer has it
            clip_norm=None,
            init="torch",
            forget_bias=None,
            validation_fraction=None,
            n_threads=self.threads,
            random_state=0,
        ).fit(values, dates=dates)

    def parameters(self) -> int:
        """Weights and biases."""
        return int(self.model.parameters_)

    def forecasts(self) -> np.ndarray:
        """From all origins of the test part, (S, W, H)."""
        values, dates = ({n: each[k] for n, each in self.problem.series.items()} for k in (0, 1))
        found = self.model.backtest(values, dates=dates, start=self.problem.cut, stride=24)
        return found.mean[..., 0].reshape(len(values), -1, self.problem.horizon)

    def calls(self) -> dict[str, Callable[[], Any]]:
        """What is timed once the model is fitted: the rows of one series given anew, and all training series."""
        name, (values, dates) = next(iter(self.problem.series.items()))
        rows = slice(self.problem.cut - self.problem.look_back, self.problem.cut)
        given, days = {name: values[rows]}, {name: dates[rows]}
        return {"one": lambda: self.model.predict(given, dates=days), "all": lambda: self.model.predict()}
