"""Numeric sequences summed up in one vector: the baseline that says whether order matters."""

from typing import Any, Literal

import numpy as np

from ostinato.tasks.inputs import Sequences
from ostinato.tasks.linear_task import LinearTask
from ostinato.tasks.summing import Summing


class SummaryBaseline(LinearTask):
    """Classifies numeric sequences by their last step, their mean, or all their numbers side by side.

    Use it beside a recurrent classifier: where the mean does as well, the order of the steps tells nothing, and where
    the last step does, the past tells nothing.

    Args:
        summary: "mean" of the steps, (I,); the "last" step, (I,); or "flat", all T × I numbers of sequences that are
            equally long.
        model: "logistic" regression, or a "network" of hidden ReLU layers.
        penalty: of the logistic regression: "l1", "l2" or "elasticnet".
        C: inverse strength of the penalty; `None` has it chosen by log-loss on held-out rows.
        hidden: units of the network's hidden layers.
        class_weight: `None`, "balanced", or a dict of class to weight.
        random_state: seed of the held-out part and the solvers.

    Attributes:
        summing_: what makes one vector of a sequence.
        dense_: the learned layers.

    Example:
        >>> rows = [np.full((steps, 1), value) for steps, value in [(2, 0.0), (3, 1.0), (4, 0.1), (5, 0.9)] * 5]
        >>> SummaryBaseline(C=1.0, random_state=0).fit(rows, [0, 1, 0, 1] * 5).predict(rows[:4]).tolist()
        [0, 1, 0, 1]
    """

    task = "summary"
    inputs = ("numeric",)

    def __init__(
        self,
        *,
        summary: Literal["mean", "last", "flat"] = "mean",
        model: Literal["logistic", "network"] = "logistic",
        penalty: Literal["l1", "l2", "elasticnet"] = "l2",
        C: float | None = None,
        hidden: tuple[int, ...] = (16, 16),
        class_weight: dict[str, float] | Literal["balanced"] | None = None,
        random_state: int | None = None,
    ) -> None:
        self.summary = summary
        self.model = model
        self.penalty = penalty
        self.C = C
        self.hidden = hidden
        self.class_weight = class_weight
        self.random_state = random_state

    def _fit_features(self, read: Sequences, weights: np.ndarray | None) -> Any:
        self.summing_ = Summing.fit(self.summary, read, weights)
        return self.summing_(read)

    def _features(self, read: Sequences) -> Any:
        return self.summing_(read)

    def _learned(self) -> tuple[dict[str, Any], dict[str, np.ndarray], str | None]:
        learned, tensors, _ = super()._learned()
        settings, arrays = self.summing_.stored()
        return {**learned, **settings}, {**tensors, **arrays}, None

    def _restore(self, learned: dict[str, Any], tensors: dict[str, np.ndarray], tokenizer: str | None) -> None:
        super()._restore(learned, tensors, tokenizer)
        self.summing_ = Summing.restore(self.summary, learned, tensors)
