"""The contract test can fail: estimators that are wrong in one way each are rejected, for that reason."""

import random
from typing import Any

import numpy as np
import pytest
import torch

from ostinato.tasks import SummaryBaseline
from ostinato.testing.check_task import check_task


class _BatchMates(SummaryBaseline):
    def decision_function(self, X: Any) -> np.ndarray:
        logits = super().decision_function(X)
        return logits - 0.01 * logits.mean(axis=0)


class _Order(SummaryBaseline):
    def decision_function(self, X: Any) -> np.ndarray:
        return super().decision_function(X) + 1e-3 * np.arange(len(X))


class _Seedless(SummaryBaseline):
    def decision_function(self, X: Any) -> np.ndarray:
        return super().decision_function(X) + 1e-7 * random.SystemRandom().random()


class _Argument(SummaryBaseline):
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "_Argument":
        self.C = 2.0
        return super().fit(X, y, sample_weight)


class _NotSelf(SummaryBaseline):
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        super().fit(X, y, sample_weight)


class _Weights(SummaryBaseline):
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "_Weights":
        return super().fit(X, y)


class _Mutates(SummaryBaseline):
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "_Mutates":
        super().fit(X, y, sample_weight)
        X[0][0, 0] += 1
        return self


class _Draws(SummaryBaseline):
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "_Draws":
        torch.rand(1)
        return super().fit(X, y, sample_weight)


class _Forgets(SummaryBaseline):
    def _restore(self, learned: Any, tensors: Any, tokenizer: Any) -> None:
        super()._restore(learned, {**tensors, "mean": np.zeros_like(tensors["mean"])}, tokenizer)


class _Unscaled(SummaryBaseline):
    def predict_proba(self, X: Any) -> np.ndarray:
        return super().predict_proba(X) * 0.999


class _NaN(SummaryBaseline):
    def _read(self, X: Any, reset: bool = False, check: bool = True) -> Any:
        return super()._read([np.nan_to_num(np.asarray(row, dtype=float)) for row in X], reset, check)


class _Constant(SummaryBaseline):
    def decision_function(self, X: Any) -> np.ndarray:
        return np.zeros_like(super().decision_function(X)) + 1


@pytest.mark.parametrize(
    ("wrong", "check"),
    [
        (_BatchMates, "batch mates do not matter"),
        (_Order, "batch mates do not matter"),
        (_Order, "row order does not matter"),
        (_Seedless, "same seed, same result"),
        (_Argument, "clone keeps arguments"),
        (_NotSelf, "fit returns self"),
        (_Weights, "weight 0 is no row"),
        (_Mutates, "nothing else changes"),
        (_Draws, "nothing else changes"),
        (_Forgets, "saved is loaded"),
        (_Unscaled, "probabilities agree"),
        (_NaN, "bad row is named"),
        (_Constant, "learns"),
    ],
)
def test_what_is_wrong_is_found(wrong: type[SummaryBaseline], check: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("ostinato.tasks").tasks.TASKS, "summary", wrong)  # so that `load` finds it
    with pytest.raises(AssertionError, match=f"{wrong.__name__}, {check}, rows 'ragged'"):
        check_task(wrong(C=1.0), "ragged", check)
    monkeypatch.undo()
    check_task(SummaryBaseline(C=1.0), "ragged", check)
